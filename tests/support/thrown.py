"""Bodies thrown at doors, and what every answer to them is held to."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from data.tokens import TokenKind
from tests.support.client import bearing
from tests.support.hostile import KINDS, OPTIONAL
from tests.support.staff import Staff

WITHIN_S = 1.0
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
POSITION = {"lng": 118.305, "lat": 27.005, "datum": "wgs84"}


ACTS = (
    *("receive", "verify", "file", "reject", "dispatch", "withdraw", "add", "merge", "return", "shelve", "resume"),
    *("await", "go-on"),
    *("whistle", "extend", "refuse-extension", "supervise", "remind", "inspect", "rework", "void", "reopen", "undo"),
)


class Doors:
    """Every door that takes a body, with one that would be taken."""

    def __init__(self, staff: Staff, incident: str, task: str) -> None:
        self.staff, self.incident, self.task = staff, incident, task
        centre, worker = dict(staff.client.headers), bearing(staff.tokens["W1"])
        report = POSITION | {"category": "noise", "description": "x", "address": "y", "reported_at": None}
        fix = POSITION | {"accuracy_m": 5.0, "fixed_at": None}
        self.doors: dict[tuple[str, str], tuple[dict[str, str], dict[str, Any]]] = {
            ("POST", "/api/incidents"): (centre, report),
            ("POST", f"/api/incidents/{incident}/close"): (centre, {"disposition": "resolved"}),
            ("POST", f"/api/tasks/{task}/accept"): (worker, {}),
            ("POST", f"/api/tasks/{task}/decline"): (worker, {"reason": "busy", "note": "x"}),
            ("POST", f"/api/tasks/{task}/arrive"): (worker, {}),
            ("POST", f"/api/tasks/{task}/finish"): (worker, {"result": "done", "note": "x"}),
            ("PUT", f"/api/workers/{staff.ids['W1']}/position"): (worker, fix),
            ("POST", "/api/locate"): (
                centre,
                {"points": [[118.305, 27.005]], "datum": "wgs84", "layer": "governance"},
            ),
        }
        self.offices: dict[tuple[str, str], tuple[dict[str, str], dict[str, Any]]] = {}

    async def open_offices(self) -> None:
        """Add the doors of offices and hands; their values in turn are thrown where they are tested."""
        place = self.staff.place
        id_ = await place.add_account()
        system, security = bearing(await place.token("system_admin")), bearing(await place.token("security_admin"))
        mine = bearing(await place.token_of(id_, TokenKind.SESSION))
        self.offices = {
            ("POST", "/api/accounts"): (system, {"login": "li", "name": "x"}),
            ("POST", f"/api/accounts/{id_}/roles"): (security, {"role": "resident", "area_code": "C1"}),
            ("POST", "/api/me/password"): (mine, {"current": "x", "new": "a long enough one"}),
            ("POST", "/api/me/tokens"): (mine, {"label": "x", "days": 1, "permissions": None}),
            ("POST", "/api/receivers"): (system, {}),
            ("PATCH", f"/api/receivers/{id_}"): (system, {"paused": True}),
            ("POST", "/api/proposals"): (bearing(await place.token("planner")), {}),
            ("POST", "/api/incidents/near"): (dict(self.staff.client.headers), POSITION | {"category": "noise"}),
            ("POST", "/api/receipts/look"): ({"authorization": ""}, {"code": "x"}),
            ("POST", "/api/receipts/evaluate"): ({"authorization": ""}, {"code": "x", "stars": 5, "solved": True}),
        }
        incident, task = self.incident, self.task
        chief, worker = bearing(await place.token("duty_chief")), bearing(self.staff.tokens["W1"])
        self.offices |= {("POST", f"/api/incidents/{incident}/{act}"): (chief, {}) for act in ACTS}
        self.offices |= {
            ("POST", f"/api/tasks/{task}/{act}"): (worker, {}) for act in ("return", "extension", "whistle")
        }
        own = f"/api/workers/{self.staff.ids['W1']}"
        self.offices |= {("POST", f"{own}/{what}"): (chief, {}) for what in ("days", "reservations")}
        self.offices |= {("PUT", f"{own}/roster"): (chief, {}), ("POST", "/api/roster/swaps"): (chief, {})}
        self.offices |= {("POST", f"{own}/heartbeat"): (worker, {}), ("POST", "/api/positions"): (worker, {})}

    @property
    def all(self) -> dict[tuple[str, str], tuple[dict[str, str], dict[str, Any]]]:
        """Every door there is."""
        return self.doors | self.offices

    async def throw(self, door: tuple[str, str], content: Any, what: str, **headers: str) -> None:
        """Send a body and hold the answer to what this file promises."""
        signed, _ = self.all[door]
        began = time.perf_counter()
        answer = await self.staff.client.request(
            *door, content=content, headers=signed | {"content-type": "application/json"} | headers
        )
        took = time.perf_counter() - began
        refused(answer, f"{door[1]} {what}", took)


def refused(answer: Any, what: str, took: float) -> None:
    """Hold an answer to what this file promises."""
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json", what
    told = answer.json()
    assert (told["status"], told["type"]) == (answer.status_code, "about:blank"), what
    assert told["code"].replace("_", "").isalpha(), what
    assert told["title"] not in ("", told["code"]), what
    assert len(answer.content) < 4_000, what
    assert took < WITHIN_S, (what, took)


async def doors_of(staff: Staff) -> Doors:
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("noise")).json()
    doors = Doors(staff, told["id"], told["tasks"][0]["id"])
    await doors.open_offices()
    return doors


async def unmoved(staff: Staff, before: dict[str, int]) -> None:
    """Say that nothing was written and the server goes on."""
    assert await staff.counted() == before
    assert (await staff.client.get("/livez")).status_code == 200
    assert (await staff.client.get("/readyz")).status_code == 200
    assert (await staff.client.report("noise")).status_code == 201


def dumped(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


def spoilt(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the body with one value spoilt, missing or too many at a time."""
    for name in body:
        for what, value in KINDS[name].items():
            fine = (value is None and name in OPTIONAL) or (name == "lat" and what == "-91 or less" and value > -90)
            if not fine and not (name == "accuracy_m" and what == "181"):
                yield f"{name}: {what}", body | {name: value}
        if name not in OPTIONAL and name != "layer":
            yield f"without {name}", {other: body[other] for other in body if other != name}
    yield "an unknown name", body | {"colour": "red"}
    yield "a name of another language", body | {"经度": 118.3}
    yield "a dunder", body | {"__class__": {"__init__": 1}}
