"""What no door should take, in every path, query, body and header that the document names, one at a time, from everybody."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

import httpx2

from tests.support.cells import Matrix
from tests.support.doors import DOORS
from tests.support.hostile import DEEP, HUGE, INFINITE, LONG, NAN
from tests.support.server import Listening
from tests.support.who_may import CONTROLS, PEOPLE, Case

IN_A_LINE: dict[str, str] = {
    "empty": "",
    "blank": " \t",
    "SQL": "x'; DROP TABLE incident; --",
    "SQL that is always true": "' OR ''='",
    "SQL that sleeps": "1);SELECT pg_sleep(9)--",
    "a LIKE": "%_%\\",
    "ltree": "T.*{1,}|!@%",
    "JSON": '{"x": [1, null]}',
    "a NUL": "x\x00y",
    "a lone surrogate": "x\ud800y",
    "line ends": "x\r\nSet-Cookie: a=b",
    "NaN": "NaN",
    "infinite": "-Infinity",
    "beyond all": "1e400",
    "5,000 digits": "9" * 5000,
    "below nothing": "-1",
    "beyond 64 bits": str(2**63),
    "a template": "{0}%s${jndi:ldap://x}{{7*7}}",
    "a path": "../../etc/passwd",
    "astral": "𠮷💩\u202e\ufeff",
    "3,000 letters": "长" * 900,
}
IN_A_BODY: dict[str, Any] = {
    **IN_A_LINE,
    "none": None,
    "true": True,
    "a number": 5,
    "not a number": NAN,
    "infinity": INFINITE,
    "400 digits": HUGE,
    "the largest float": 1.7976931348623157e308,
    "a list": ["x"],
    "an object": {"$ne": None},
    "deep": DEEP,
    "100,000 letters": LONG,
}
IN_A_HEADER = ("x" * 60_000, "\x80\xff", "' OR ''='", "0:0:0", "-1:-1", "9" * 5000, ",", '"', "*")
TAKES_A_WHILE = {("GET", "/api/live"), ("POST", "/api/me/password")}
"""Doors that hold an answer back: thrown at by fewer."""


def parameters(document: dict[str, Any], door: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Yield where and under which name a door takes something."""
    described = document["paths"][door[1]][door[0].lower()]
    for one in described.get("parameters", ()):
        yield one["in"], one["name"]
    if "requestBody" in described:
        taken = described["requestBody"]["content"]["application/json"]["schema"]
        if "$ref" in taken:
            taken = document["components"]["schemas"][taken["$ref"].rpartition("/")[2]]
        for name in [*taken.get("properties", {}), "__class__"]:
            yield "body", name


def values(where: str) -> list[Any]:
    return {"body": [*IN_A_BODY.values()], "header": [*IN_A_HEADER]}.get(where, [*IN_A_LINE.values()])


def escaped(text: Any) -> str:
    return quote(str(text).encode("utf-8", "surrogatepass"), safe="")


INSIDES = re.compile(r"(?<![\w-])pg_[a-z]|traceback|sqlstate|asyncpg")
"""Words of the database and of Python; a random secret may hold the letters "pg_" within a word."""

BY_ITSELF = {"delivery"}
"""What waits to be told outside is tried again whoever asks for what."""


class Thrown:
    """What was thrown, at whom it hit."""

    def __init__(self, matrix: Matrix, base_url: str) -> None:
        self.matrix, self.base_url = matrix, base_url
        self.statuses: Counter[int] = Counter()
        self.people: Counter[str] = Counter()
        self.faults: list[str] = []
        self.before: dict[str, str] = {}

    async def throw(self, door: tuple[str, str], case: Case, person: str, what: tuple[str, str, Any]) -> None:
        """Send one spoilt request, and look at all tables after it."""
        request = self._spoilt(door, case, person, what)
        status, text = await self._sent(request)
        self.statuses[status] += 1
        self.people[person] += 1
        where = f"{person} {door[0]} {door[1]} {what[0]} {what[1]}={str(what[2])[:30]!a}"
        if status >= 500:
            self.faults.append(f"{where}: {status} {text[:200]}")
        if INSIDES.search(text.lower().replace(str(what[2]).lower(), "")):
            self.faults.append(f"{where}: tells of its insides: {text[:200]}")
        after = await self.matrix.tables.hashes()
        changed = {name for name in after if after[name] != self.before[name]} - case.refused_touches - BY_ITSELF
        if changed and (400 <= status < 500 or door[0] == "GET"):
            self.faults.append(f"{where}: {status}, and yet {changed} changed")
        self.before = after

    def _spoilt(self, door: tuple[str, str], case: Case, person: str, what: tuple[str, str, Any]) -> httpx2.Request:
        where, name, value = what
        path, query, body = (dict(self.matrix.fill(part)) for part in (case.path, case.query, case.body or {}))
        headers: dict[str, Any] = dict(self.matrix.signed(person))
        {"path": path, "query": query, "body": body, "header": headers}[where][name] = value
        if where == "header":
            headers[name] = value.encode("latin-1")
        url = door[1].format_map({key: escaped(one) for key, one in path.items()})
        asked = "&".join(f"{escaped(key)}={escaped(one)}" for key, one in query.items())
        content = None
        if case.body is not None:
            content = json.dumps(body).encode("utf-8", "surrogatepass")
            headers["content-type"] = "application/json"
        address = f"{self.base_url}{url}" + (f"?{asked}" if asked else "")
        return self.matrix.client.build_request(door[0], address, headers=headers, content=content)

    async def _sent(self, request: httpx2.Request) -> tuple[int, str]:
        try:
            answer, content = await self.matrix.client.send(request, stream=True), b""
        except httpx2.TransportError as error:
            return 599, repr(error)
        try:
            async with asyncio.timeout(0.1 if request.url.path == "/api/live" else 30):
                async for part in answer.aiter_bytes():
                    content += part
        except TimeoutError:
            pass
        finally:
            await answer.aclose()
        return answer.status_code, content.decode("utf-8", "replace")


async def test_no_value_breaks_a_door_or_changes_anything_where_it_is_refused(
    matrix: Matrix, server: Listening
) -> None:
    document = server.app.openapi()
    thrown, others = Thrown(matrix, server.url), cycle(PEOPLE)
    matrix.known["%password"] = "not this one"
    await matrix.towns.place.run("UPDATE category SET offer_seconds = 86400")
    thrown.before = await matrix.tables.hashes()
    for door, (case, *_) in DOORS.items():
        able = [person for person in PEOPLE if case.outcome(person) in CONTROLS] or list(PEOPLE)
        places = list(parameters(document, door))
        step = 4 if door in TAKES_A_WHILE else min(len(places), 3)
        for turn, (where, name) in enumerate(places):
            for number, value in enumerate(values(where)):
                if (number + turn) % step:
                    continue  # every value at every door, but in a third of the places
                await thrown.throw(door, case, able[number // step % len(able)], (where, name, value))
                if number % 4 == 0:
                    await thrown.throw(door, case, next(others), (where, name, value))
    refused = sum(count for status, count in thrown.statuses.items() if 400 <= status < 500)
    print(f"\n{thrown.statuses.total()} hostile values from {len(thrown.people)} people, {refused} refused,", end=" ")
    print(f"{sum(count for status, count in thrown.statuses.items() if status >= 500)} answers of 500 or more")
    print(dict(sorted(thrown.statuses.items())))
    assert thrown.faults == [], "\n".join([str(len(thrown.faults)), *thrown.faults[:30]])
    assert thrown.statuses.total() >= 1500
    assert refused >= 1000
    assert set(thrown.people) == set(PEOPLE)
    assert (await matrix.client.get("/readyz")).status_code == 200
