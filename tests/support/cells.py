"""A cell of the matrix: one person at one door, asked for what is B's. What came back, and what it left behind."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2

from tests.support.client import bearing
from tests.support.mvt import layers_of
from tests.support.tables import Rows, Tables, difference, tables_in
from tests.support.two_towns import PUBLIC, TwoTowns
from tests.support.who_may import CONTROLS, NOT_THEIRS, OUTSIDE, PEOPLE, REFUSED, Case

STREAMED_S = 0.8
PASSING = ("date", "content-length", "etag")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and everything readable of a body."""

    status: int
    headers: Mapping[str, str]
    text: str

    def marked(self, marks: Iterable[str]) -> list[str]:
        """Return which marks are anywhere in it."""
        everything = f"{self.text}\n{json.dumps(dict(self.headers))}".lower()
        return sorted(mark for mark in marks if mark in everything)

    def without(self, names: Iterable[str]) -> "Answer":
        """Leave some members of the answered object out."""
        if not names or self.status >= 300:
            return self
        kept = {name: value for name, value in json.loads(self.text).items() if name not in names}
        return Answer(self.status, self.headers, json.dumps(kept, ensure_ascii=False))

    def like(self, sent: Iterable[str]) -> tuple[int, dict[str, str], str]:
        """Return what must be the same for a forbidden and an unknown id: all of it but the id and the hour."""
        text = self.text
        for one in sent:
            text = text.replace(one, "…")
        return self.status, {name: value for name, value in self.headers.items() if name not in PASSING}, text


def tile_of(z: int, lng: float, lat: float) -> tuple[int, int]:
    """Return the column and row of the tile that holds a place, WGS 84."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lng + 180) / 360 * 2**z), int(y * 2**z)


@dataclass
class Matrix:
    """All cells, counted as they are tried."""

    towns: TwoTowns
    client: httpx2.AsyncClient
    tables: Tables
    known: dict[str, Any] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fill(self, given: Any, unknown: str | None = None) -> Any:
        """Put B's ids, or what there is not, where a case names them."""
        if isinstance(given, Mapping):
            return {name: self.fill(value, unknown) for name, value in given.items()}
        if isinstance(given, list):
            return [self.fill(value, unknown) for value in given]
        if given == "unknown":
            return unknown
        if given == "%now":
            return datetime.now(UTC).isoformat()
        if isinstance(given, str) and given[:1] == "$":
            return str(self.towns.ids[given[1:]])
        if isinstance(given, str) and given[:1] == "%":
            return self.known[given]
        return given

    async def ask(
        self, door: tuple[str, str], case: Case, person: str, unknown: bool = False
    ) -> tuple[Answer, list[str]]:
        """Ask once and return the answer and the texts that were sent."""
        changed = case.unknown if unknown else case.instead.get(person, {})
        absent = str(uuid4())
        parts = [
            self.fill({**part, **{name: value for name, value in changed.items() if name in part}}, absent)
            for part in (case.path, case.query, case.body if isinstance(case.body, Mapping) else {})
        ]
        path, query, body = parts
        sent = [str(value) for part in parts for value in part.values() if isinstance(value, str | UUID)]
        request = self.client.build_request(
            door[0],
            door[1].format_map(path),
            params=query,
            json=None if case.body is None else body,
            headers=self.signed(person),
        )
        if door[1] == "/api/live":
            return await heard(self.client, request, STREAMED_S), sent
        answer = await self.client.send(request)
        return read(answer, answer.content), sent

    def signed(self, person: str) -> dict[str, str]:
        """Return the headers that a person asks with."""
        name = PEOPLE[person]
        return {} if name is None else bearing(self.towns.tokens[name])

    async def reads(self, door: tuple[str, str], case: Case) -> None:
        """Try a question by everybody at once: nothing changes by it."""
        before = await self.tables.read()
        await asyncio.gather(*(self.cell(door, case, person) for person in PEOPLE))
        gone, new = difference(before, await self.tables.read())
        self.check(not gone and not new, f"{door} changed {tables_in(gone + new)}")

    async def commands(self, door: tuple[str, str], case: Case) -> None:
        """Try a command by all who may not at once, then by one after the other, and look at all rows after each."""
        refused = [person for person in PEOPLE if case.outcome(person) in REFUSED]
        others = sorted(set(PEOPLE) - set(refused), key=lambda one: (case.outcome(one) in CONTROLS, one))
        before = await self.tables.read()
        for people in [refused, *([one] for one in others)]:
            await asyncio.gather(*(self.cell(door, case, person) for person in people))
            after = await self.tables.read()
            self.left(door, case, people[0], before, after)
            before = after

    async def cell(self, door: tuple[str, str], case: Case, person: str) -> None:
        """Ask, and hold the answer to what the table expects."""
        expected, where = case.outcome(person), f"{person} {door[0]} {door[1]} {dict(case.query)}"
        answer, sent = await self.ask(door, case, person)
        self.counted["cells"] += 1
        self.counted[expected] += 1
        self.check(
            self._as_expected(expected, case, answer), f"{where}: {expected}? {answer.status} {answer.text[:300]}"
        )
        foreign = self._forbidden(person, expected) - {one.lower() for one in sent}
        found = answer.without(case.about_oneself).marked(foreign)
        self.counted["leaks"] += bool(found)
        self.check(not found, f"{where}: LEAK of {found}: {answer.text[:400]}")
        if case.unknown and expected in ("403", "404", "hidden"):
            absent, sent_too = await self.ask(door, case, person, unknown=True)
            self.counted["compared with what there is not"] += 1
            self.check(answer.like(sent) == absent.like(sent_too), f"{where}: {answer} is not as {absent}")

    def _as_expected(self, expected: str, case: Case, answer: Answer) -> bool:
        if expected in REFUSED:
            return answer.status == int(expected)
        holds = {
            "mine": lambda: "zqa7" in answer.text.lower(),
            "sees": lambda: bool(answer.marked(self.towns.foreign)),
            "public": lambda: PUBLIC in answer.text,
            "plain": lambda: case.contains in answer.text,
        }
        return answer.status in (200, 201, 204) and holds.get(expected, lambda: True)()

    def _forbidden(self, person: str, expected: str) -> frozenset[str]:
        theirs = expected in ("sees", "does", "own") and person not in OUTSIDE
        return frozenset(NOT_THEIRS.get(person, ())) | (frozenset() if theirs else self.towns.foreign)

    def left(self, door: tuple[str, str], case: Case, person: str, before: Rows, after: Rows) -> None:
        """Hold what a command left behind to what the table expects."""
        gone, new = difference(before, after)
        expected, where = case.outcome(person), f"{person} {door[0]} {door[1]}"
        touched = tables_in(gone + new)
        if expected in REFUSED:
            self.check(touched <= case.refused_touches, f"{where}: refused, and yet {touched} changed: {new[:3]}")
        else:
            self.check(touched <= case.touches, f"{where}: {touched} changed")
        of_b = tables_in((name, row) for name, row in gone if any(mark in row.lower() for mark in self.towns.foreign))
        if expected == "does":
            self.check(bool(touched), f"{where}: nothing changed")
        elif person in OUTSIDE:
            self.check(of_b <= case.claims, f"{where}: rows of B changed in {of_b}")

    def check(self, holds: bool, fault: str) -> None:
        """Note a fault; all of them are told at the end."""
        if not holds:
            self.faults.append(fault)


async def heard(client: httpx2.AsyncClient, request: httpx2.Request, seconds: float) -> Answer:
    """Follow a stream for so long and return what came."""
    answer, content = await client.send(request, stream=True), b""
    try:
        async with asyncio.timeout(seconds):
            async for part in answer.aiter_bytes():
                content += part
    except TimeoutError:
        pass
    finally:
        await answer.aclose()
    return read(answer, content)


def read(answer: httpx2.Response, content: bytes) -> Answer:
    """Read an answer; a tile is taken apart."""
    headers = dict(answer.headers)
    if "mapbox" in headers.get("content-type", ""):
        told = [[layer.name, layer.features] for layer in layers_of(content)]
        return Answer(answer.status_code, headers, json.dumps(told, ensure_ascii=False) + repr(content))
    return Answer(answer.status_code, headers, content.decode("utf-8", "replace"))
