"""A small place with people, a team, departments and a command centre, behind a real server: what the hand is tried on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from tests.support.place import Place, middle
from tests.support.server import built_and_served

Rule = dict[str, Any]
FIRE: Rule = {"name": "火情", "name_en": "Fire", "skill": "fire", "urgency": "emergency", "scene_minutes": 10}
HAZARD: Rule = {"name": "安全隐患", "name_en": "Hazard"}
SMELL: Rule = {"name": "气味扰民", "name_en": "Smell", "urgency": "ordinary", "sorted_by_hand": True}
PEOPLE = {"W1": (0, 0), "W2": (1, 0), "W3": (2, 0), "W4": (2, 1), "F1": (0, 1)}
ENOUGH = 30
"""Tasks one person may carry: no test takes another's people away."""


@dataclass
class Desk:
    """A served place. `ids` and `tokens` by code of a worker or name of a seat."""

    url: str = ""
    ids: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def call(self, who: str, method: str, path: str, **body: Any) -> Any:
        """Ask the server as somebody; what is refused fails the test."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        with httpx2.Client(base_url=self.url, headers=headers) as client:
            answer = client.request(method, path, json=body or None if method == "GET" else body)
        assert answer.is_success, answer.text
        return answer.json()

    def report(self, category: str, at: tuple[float, float], said: str) -> str:
        """Report an incident and return its id."""
        lng, lat = middle(*at)
        told = {"lng": lng, "lat": lat, "datum": "wgs84", "category": category, "description": said, "address": said}
        id_: str = self.call("dispatcher", "POST", "/api/incidents", **told)["id"]
        return id_

    def row(self, incident: str) -> Any:
        """Return an incident with its history."""
        return self.call("dispatcher", "GET", f"/api/incidents/{incident}")

    def kinds(self, incident: str) -> list[str]:
        """Return the kinds of an incident's history, oldest first."""
        return [line["kind"] for line in self.row(incident)["history"]]

    def act(self, who: str, incident: str, act: str, **body: Any) -> Any:
        """Do something to an incident."""
        return self.call(who, "POST", f"/api/incidents/{incident}/{act}", **body)

    def task(self, incident: str, slot: str = "lead") -> Any:
        """Return the task by which a place is filled."""
        return next(need["task"] for need in self.row(incident)["needs"] if need["slot"] == slot)

    def say(self, who: str, incident: str, move: str, slot: str = "lead", **body: Any) -> Any:
        """Let a worker answer to the task of a place."""
        return self.call(who, "POST", f"/api/tasks/{self.task(incident, slot)['id']}/{move}", **body)


async def _build(owner_url: str, desk: Desk) -> None:
    async with Place.at(owner_url) as place:
        await place.add_block(3, 2)
        for code, rule in {"fire": FIRE, "hazard": HAZARD, "smell": SMELL}.items():
            await place.add_category(code, **rule)
        for code, at in PEOPLE.items():
            skills = ("fire",) if code == "F1" else ()
            desk.ids[code] = await place.add_worker(code, middle(*at), skills=skills, capacity=ENOUGH)
        for code, kind, name in (
            ("T1", "team", "消防一队"),
            ("D1", "department", "消防救援大队"),
            ("D2", "department", "燃气公司"),
        ):
            at_home = middle(0.5, 1) if kind == "team" else None
            skills = ("fire",) if kind == "team" else ()
            desk.ids[code] = await place.add_worker(
                code, at_home, name=name, kind=kind, skills=skills, capacity=ENOUGH
            )
        desk.ids["seat"] = await place.add_worker("S1", None, role="liaison", capacity=ENOUGH)
        await _bind(place, desk)


async def _bind(place: Place, desk: Desk) -> None:
    """Tie places of a fire to the team, departments to categories, members to units, and let everybody in."""
    await place.run(
        "INSERT INTO category_slot (category, slot, responder, skill, ranking, exclusive)"
        " VALUES ('fire', 'brigade', 'team', 'fire', 'nearest', false)"
    )
    for unit, member in (("T1", "W1"), ("T1", "W2"), ("D1", "seat")):
        await place.run(
            "INSERT INTO membership (unit_id, worker_id) VALUES (:unit, :member)",
            unit=desk.ids[unit],
            member=desk.ids[member],
        )
    for category in ("fire", "hazard"):
        await place.run(
            "INSERT INTO category_department (category, department_id, report_in_minutes) VALUES (:code, :unit, 15)",
            code=category,
            unit=desk.ids["D1"],
        )
    for code in PEOPLE:
        desk.tokens[code] = await place.token("worker", desk.ids[code])
    desk.tokens["seat"] = await place.token("department", desk.ids["seat"])
    for role in ("dispatcher", "duty_chief"):
        desk.tokens[role] = await place.token(role)
    desk.tokens["colleague"] = await place.token("dispatcher")


@contextmanager
def manned(owner_url: str, server_url: str, folder: Path) -> Iterator[Desk]:
    """Build the place and serve it."""
    desk = Desk()
    with built_and_served(lambda: _build(owner_url, desk), owner_url, server_url, folder) as desk.url:
        yield desk
