"""Cases made from the OpenAPI document (schemathesis), sent as everybody: no failure, and no change by what is refused."""

import asyncio
import random
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import httpx2
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi
from schemathesis.core.result import Ok

from data.tiles import SOURCES
from tests.support.cells import tile_of
from tests.support.client import bearing
from tests.support.tables import Tables
from tests.support.two_towns import TwoTowns
from tests.support.who_may import PEOPLE

SEED = 20260
STREAMED_S = 0.15
KINDS = {
    "incident_id": ("incident B handled", "incident A handled", "incident B offered"),
    "task_id": ("task B to answer offered", "task A offered", "task B to answer accepted"),
    "worker_id": ("worker worker B", "worker worker A"),
    "household_id": ("household A", "household B"),
    "account_id": ("account spare B",),
    "role_id": ("role spare B",),
    "token_id": ("token spare B",),
}
"""What a made-up id is now and then replaced by, so that a case gets beyond `not found`."""

COUNTS_TRIES = ("/api/me/password", "/api/receipts/")
COUNTED = {"sign_in_attempt", "audit", "audit_head"}
"""Doors that count what was wrong and note when it was too often, and the tables in which they do."""


@dataclass
class Fuzz:
    """The cases, and what became of them."""

    towns: TwoTowns
    client: httpx2.AsyncClient
    tables: Tables
    counted: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    async def run(self, document: dict[str, Any], rounds: int, every: int = 1) -> None:
        """Send `rounds` cases of every door as each of the people; or as `every` second, third … of them, by turns."""
        await self.towns.place.run("UPDATE category SET offer_seconds = 86400")
        for turn, operation in enumerate(operations(document)):
            people = list(PEOPLE)[turn % every :: every] * rounds
            cases = await asyncio.to_thread(made, operation, len(people))
            before = await self.tables.hashes()
            for number, person in enumerate(people):
                before = await self._one(operation, cases[number % len(cases)], person, before)

    async def _one(self, operation: Any, case: Any, person: str, before: dict[str, str]) -> dict[str, str]:
        try:
            request = self._request(case, person)
        except (ValueError, TypeError, httpx2.InvalidURL):
            self.counted["that HTTP cannot carry"] += 1
            return before
        status, text = await self._sent(request)
        where = f"{person} {operation.method.upper()} {operation.path}"
        self.counted["cases"] += 1
        self.statuses[status] += 1
        if status >= 500:
            self.faults.append(f"{where}: {status} {text[:200]} {request.url} {request.content[:300]!r}")
        after = await self.tables.hashes()
        changed = sorted(
            name for name in after if after[name] != before[name] and name != "delivery"
        )  # told by itself
        if 400 <= status < 500:
            self.counted["refused"] += 1
            allowed = COUNTED if operation.path.startswith(COUNTS_TRIES) else set()
            if set(changed) - allowed:
                self.faults.append(f"{where}: {status}, and yet {changed} changed; {request.content[:300]!r}")
        elif operation.method.upper() == "GET" and changed:
            self.faults.append(f"{where}: a question changed {changed}")
        return after

    def _request(self, case: Any, person: str) -> httpx2.Request:
        """Turn a case into a request of a person's, with an id that there is in every second one."""
        for name in case.path_parameters or {}:
            if name in KINDS and self.chance.random() < 0.5:
                case.path_parameters[name] = str(self.towns.ids[self.chance.choice(KINDS[name])])
        if case.operation.path.startswith("/tiles") and self.chance.random() < 0.5:
            z = self.chance.randrange(21)
            x, y = tile_of(z, *self.towns.at("B"))
            layer = self.chance.choice(sorted(SOURCES))
            case.path_parameters |= {"layer": layer, "z": z, "x": x, "y": y}
        made_of = case.as_transport_kwargs(base_url=str(self.client.base_url))
        headers = {name: value for name, value in made_of["headers"].items() if name.lower() != "authorization"}
        named = PEOPLE[person]
        headers |= {} if named is None else bearing(self.towns.tokens[named])
        body: dict[str, Any] = {}
        if "json" in made_of:
            body = {"json": made_of["json"]}
        elif isinstance(made_of.get("data"), str | bytes):
            body = {"content": made_of["data"]}
        return self.client.build_request(
            made_of["method"],
            made_of["url"],
            params=made_of.get("params") or None,
            headers={name: str(value) for name, value in headers.items()},
            **body,
        )

    async def _sent(self, request: httpx2.Request) -> tuple[int, str]:
        try:
            answer, content = await self.client.send(request, stream=True), b""
        except httpx2.TransportError as error:
            return 599, repr(error)
        try:
            async with asyncio.timeout(STREAMED_S if request.url.path == "/api/live" else 30):
                async for part in answer.aiter_bytes():
                    content += part
        except TimeoutError:
            pass
        finally:
            await answer.aclose()
        return answer.status_code, content.decode("utf-8", "replace")

    def told(self) -> str:
        """Say what became of them."""
        failing = sum(count for status, count in self.statuses.items() if status >= 500)
        return (
            f"{self.counted['cases']} cases as {len(PEOPLE)} people, {self.counted['refused']} refused,"
            f" {self.counted['that HTTP cannot carry']} that HTTP cannot carry; {failing} answers of 500 or more;"
            f" {len(self.faults)} faults\nstatuses {dict(sorted(self.statuses.items()))}"
        )


def operations(document: dict[str, Any]) -> Iterator[Any]:
    """Yield every door of the document."""
    for result in openapi.from_dict(document).get_all_operations():
        if not isinstance(result, Ok):
            raise AssertionError(result.err())
        yield result.ok()


def made(operation: Any, count: int) -> list[Any]:
    """Make cases of a door, by turns as the document wants them and as it does not; the same ones every time."""
    wanted = _drawn(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), count // 2)
    assert wanted, f"no case for {operation.method} {operation.path}"
    try:
        unwanted = _drawn(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), count // 2)
    except (Unsatisfiable, BaseExceptionGroup):  # a door that takes nothing can be given nothing wrong
        unwanted = []
    except Exception as error:
        if type(error).__name__ not in ("SkipTest", "Skipped"):
            raise
        unwanted = []
    return [case for pair in zip_longest(wanted, unwanted) for case in pair if case is not None]


def _drawn(strategy: Any, count: int) -> list[Any]:
    cases: list[Any] = []

    @seed(SEED)
    @settings(
        max_examples=max(1, count),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def collect(case: Any) -> None:
        cases.append(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collect()
    return cases
