"""Fifty people of different communities, layers and roles at once on one pool; what they are shown is looked through."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from data.schema import new_id
from tests.support.cells import Answer, heard, read, tile_of
from tests.support.client import bearing
from tests.support.two_towns import SIDES, TwoTowns

SIZE = 50
KINDS: tuple[tuple[str, str | None], ...] = (
    ("resident", None),
    ("worker", None),
    ("grid_leader", None),
    ("dispatcher", None),
    ("duty_chief", None),
    ("planner", None),
    ("department", None),
    ("doctor", "health"),
    ("dispatcher", "health"),
)
"""Role and layer; every kind in either community, by turns."""
ONLY_THEIR_OWN = ("resident", "department")
TAG = re.compile(r"said7-(\d+)-([AB])-(governance|health)")
LISTENS_S = 1.5


@dataclass
class Person:
    """One of the crowd."""

    number: int
    role: str
    side: str
    layer: str | None
    name: str
    worker: str | None = None

    @property
    def other(self) -> str:
        """The community that is not this person's."""
        return "B" if self.side == "A" else "A"

    def may_read(self, tag: re.Match[str]) -> bool:
        """Say whether a report is one's to see: by the number, community and layer it is tagged with."""
        number, side, layer = int(tag[1]), tag[2], tag[3]
        if number == self.number:
            return True
        if self.role in ONLY_THEIR_OWN:
            return False
        return side == self.side and self.layer in (None, layer)


@dataclass
class Crowd:
    """Everybody, what they asked, and what they saw that they should not have."""

    towns: TwoTowns
    url: str
    chance: random.Random
    people: list[Person] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    own: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    rows: int = 0

    @classmethod
    async def gathered(cls, towns: TwoTowns, url: str, seed: int = 7) -> "Crowd":
        """Let everybody in."""
        crowd = cls(towns, url, random.Random(seed))
        for number in range(SIZE):
            side = "AB"[number % 2]
            role, layer = KINDS[number // 2 % len(KINDS)]
            person = Person(number, role, side, layer, f"{role}{number} {side}")
            worker = None
            if role in ("worker", "grid_leader"):
                person.worker = f"worker {person.name}"
                code, lat = SIDES[side], 27.002 + number / 10_000
                name = f"{'乀' if side == 'B' else '甲'}{code}worker7"
                worker = towns.ids[person.worker] = await towns.place.add_worker(
                    f"{code}crowd7_{number}", towns.at(side, lat), home=f"{code}_1", name=name, capacity=500
                )
            await towns.let_in(person.name, (role, side, layer), worker)
            crowd.people.append(person)
        return crowd

    async def live(self, seconds: float) -> None:
        """Let everybody do what they do, for so long."""
        foreign = {side: self.towns.marks_of(side) for side in SIDES}
        until = asyncio.get_running_loop().time() + seconds
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=200)
        async with httpx2.AsyncClient(base_url=self.url, timeout=60, limits=limits) as client:
            await asyncio.gather(*(self._one(client, person, foreign[person.other], until) for person in self.people))

    async def _one(self, client: httpx2.AsyncClient, person: Person, foreign: frozenset[str], until: float) -> None:
        loop = asyncio.get_running_loop()
        asks = Asks(self, client, person)
        while loop.time() < until:
            act = self.chance.choices(asks.all, asks.weights)[0]
            answer = await act()
            if answer is not None:
                self.look(person, act.__name__, answer, foreign)

    def look(self, person: Person, what: str, answer: Answer, foreign: frozenset[str]) -> None:
        """Count an answer and note whatever in it is not the person's."""
        self.asked[what] += 1
        self.statuses[answer.status] += 1
        marks = answer.marked(foreign)
        tags = [tag[0] for tag in TAG.finditer(answer.text) if not person.may_read(tag)]
        self.rows += len(TAG.findall(answer.text))
        self.own[person.number] += SIDES[person.side].lower() in answer.text.lower()
        if marks or tags or (person.layer == "health" and "incident7 gov7" in answer.text):
            self.faults.append(f"{person.name} {what} {answer.status}: {marks} {tags} {answer.text[:300]}")
        if answer.status >= 500 and "try_again" not in answer.text:
            self.faults.append(f"{person.name} {what}: {answer.status} {answer.text[:300]}")

    @property
    def held_back(self) -> float:
        """The share of answers that asked to come again later, since four connections are not enough for everybody."""
        return self.statuses[503] / max(1, self.asked.total())

    def told(self) -> str:
        """Say what happened in two lines."""
        return (
            f"{self.asked.total()} answers to {len(self.people)} people {dict(self.asked.most_common())}\n"
            f"statuses {dict(sorted(self.statuses.items()))}; {self.rows} reports of people read in them;"
            f" {len(self.faults)} foreign rows or failures"
        )


class Asks:
    """What one of the crowd does."""

    def __init__(self, crowd: Crowd, client: httpx2.AsyncClient, person: Person) -> None:
        self.crowd, self.client, self.person = crowd, client, person
        self.headers = bearing(crowd.towns.tokens[person.name])
        self.all: list[Callable[[], Any]] = [
            self.read_one_thing,
            self.read_the_wall,
            self.read_a_tile,
            self.report,
            self.try_what_is_foreign,
            self.answer_a_task,
            self.move,
            self.listen,
        ]
        self.weights = [30, 8, 15, 10, 15, 8, 6, 3]

    async def _ask(self, method: str, path: str, **given: Any) -> Answer:
        answer = await self.client.request(method, path, headers=self.headers, **given)
        return read(answer, answer.content)

    def _id(self, kind: str, side: str) -> str:
        names = [name for name in self.crowd.towns.ids if name.startswith(f"{kind} ") and name.split()[-1] != kind]
        return str(self.crowd.towns.ids[self.crowd.chance.choice([n for n in names if f" {side}" in n])])

    async def read_one_thing(self) -> Answer:
        """Read some list, or one incident of one's own community."""
        paths: tuple[str, ...] = (
            "/api/incidents",
            "/api/workers",
            "/api/grids",
            "/api/grids?layer=health",
            "/api/areas",
            "/api/me",
        )
        paths += ("/api/tasks", "/api/incidents/export", "/api/categories", "/work", "/me")
        paths += (f"/api/incidents/{self._id('incident', self.person.side)}",)
        return await self._ask("GET", self.crowd.chance.choice(paths))

    async def read_the_wall(self) -> Answer:
        """Open the wall and read its board."""
        await self._ask("GET", "/")
        return await self._ask("GET", "/api/board")

    async def read_a_tile(self) -> Answer:
        """Draw a tile that holds both communities."""
        z = self.crowd.chance.choice((11, 12, 14))
        x, y = tile_of(z, *self.crowd.towns.at(self.crowd.chance.choice("AB")))
        layer = self.crowd.chance.choice(("areas", "grids", "households"))
        return await self._ask("GET", f"/tiles/{layer}/{z}/{x}/{y}")

    async def report(self) -> Answer:
        """Report something in one's own community."""
        layer = self.crowd.chance.choice(("governance", "health"))
        lng, lat = self.crowd.towns.at(self.person.side, round(27.001 + self.crowd.chance.random() / 200, 6))
        body = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise" if layer == "governance" else "fever"}
        told = f"{SIDES[self.person.side]} said7-{self.person.number}-{self.person.side}-{layer}"
        key = {"Idempotency-Key": str(new_id())}
        answer = await self.client.post(
            "/api/incidents", json=body | {"description": told}, headers=self.headers | key
        )
        if answer.status_code >= 300:
            return read(answer, answer.content)
        shown = read(answer, answer.content)
        return shown.without(("grid", "areas"))

    async def try_what_is_foreign(self) -> Answer:
        """Ask for, and command, what lies in the other community."""
        other = self.person.other
        incident, task = self._id("incident", other), self._id("task", other)
        method, path, body = self.crowd.chance.choice(
            (
                ("GET", f"/api/incidents/{incident}", None),
                ("POST", f"/api/incidents/{incident}/close", {"disposition": "resolved"}),
                ("POST", f"/api/tasks/{task}/accept", {}),
                ("GET", f"/api/households?grid={SIDES[other]}_1", None),
                ("GET", f"/api/incidents?grid={SIDES[other]}_1", None),
                ("GET", f"/api/areas?search={SIDES[other]}", None),
                ("GET", f"/api/households/{self.crowd.towns.ids[f'household {other}']}", None),
            )
        )
        answer = await self._ask(method, path, json=body)
        sent = {incident, task, str(self.crowd.towns.ids[f"household {other}"])}
        text = answer.text
        for one in sent:
            text = text.replace(one, "…")
        return Answer(answer.status, answer.headers, text)

    async def answer_a_task(self) -> Answer | None:
        """Take some task of one's own one step further."""
        if self.person.worker is None:
            return None
        listed = await self._ask("GET", "/api/tasks")
        steps = {"offered": ("accept", {}), "accepted": ("arrive", {}), "on_scene": ("finish", {"result": "done"})}
        tasks = re.findall(r'"id": ?"([0-9a-f-]{36})", "metres".{0,400}?"status": "(\w+)"', listed.text)
        open_ = [(id_, *steps[status]) for id_, status in tasks if status in steps]
        if not open_:
            return listed
        id_, move, body = self.crowd.chance.choice(open_)
        return await self._ask("POST", f"/api/tasks/{id_}/{move}", json=body)

    async def move(self) -> Answer | None:
        """Say where one is."""
        if self.person.worker is None:
            return None
        lng, lat = self.crowd.towns.at(self.person.side, round(27.001 + self.crowd.chance.random() / 200, 6))
        path = f"/api/workers/{self.crowd.towns.ids[self.person.worker]}/position"
        return await self._ask("PUT", path, json={"lng": lng, "lat": lat, "datum": "wgs84"})

    async def listen(self) -> Answer:
        """Follow the stream for a while."""
        request = self.client.build_request("GET", "/api/live", headers=self.headers)
        return await heard(self.client, request, LISTENS_S)
