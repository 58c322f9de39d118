"""Doors of the dispatcher's hand and of what workers ask beside their steps: what everybody gets of B's; by hand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api.process import Process
from tests.support.client import bearing, until
from tests.support.two_towns import PUBLIC, TwoTowns
from tests.support.who_may import Case

TOUCHED = frozenset(["outbox", "incident", "incident_event", "task", "worker", "need", "timer", "clock", "delivery"])
STRANGERS = "rA wA lA nA pA oA rB wB tB lB xB AU SE SY"
CENTRE = {"401": "N", "403": STRANGERS, "404": "dA cA hB", "does": "dB cB"}
CHIEFS = {"401": "N", "403": f"{STRANGERS} dA dB hB", "404": "cA", "does": "cB"}
REMINDS = {"401": "N", "403": "nA xB AU SE SY", "404": "rA wA lA dA cA pA oA wB tB lB hB", "does": "rB dB cB"}
ON_THE_GROUND = {"401": "N", "403": "rA dA nA rB dB hB xB AU SE SY", "404": "wA lA cA pA oA wB lB cB", "does": "tB"}
AT_IT = {"401": "N", "403": "rA nA rB xB AU SE SY", "404": "wA lA dA cA pA oA wB lB hB", "does": "dB cB tB"}
WAITS = """INSERT INTO clock (incident_id, step, round, amount, unit, started_at, due_at, paused)
    VALUES (:id, 'handle', 1, 60, 'minutes', now(), now(), 'waiting')"""
WHY = {"reason": "x"}
LATER = "2027-06-01T00:00:00+08:00"
UNKNOWN = {"incident_id": "unknown"}
OFFERED, DONE = ("dispatched", "offered"), ("handled", "done")
ACTS: Mapping[str, tuple[Mapping[str, str], dict[str, Any], tuple[str, str]]] = {
    "receive": (CENTRE, {}, ("reported", "done")),
    "verify": (CENTRE, {}, ("received", "done")),
    "file": (CENTRE, {}, ("received", "done")),
    "reject": (CENTRE, WHY, ("received", "done")),
    "dispatch": (CENTRE, WHY | {"worker": "$worker idle B"}, OFFERED),
    "withdraw": (CENTRE, WHY | {"task": "$task B withdraw dB", "hold": True}, OFFERED),
    "add": (CENTRE, WHY | {"worker": "$worker idle B"}, OFFERED),
    "merge": (CENTRE, {"original": "$incident B offered"}, OFFERED),
    "return": (CENTRE, WHY, OFFERED),
    "shelve": (CENTRE, WHY, OFFERED),
    "resume": (CENTRE, {}, ("shelved", "done")),
    "await": (AT_IT, {}, OFFERED),
    "go-on": (AT_IT, {}, OFFERED),
    "whistle": (CENTRE, WHY, OFFERED),
    "inspect": (CENTRE, {}, DONE),
    "rework": (CENTRE, WHY, DONE),
    "undo": (CENTRE, {}, OFFERED),
    "extend": (CHIEFS, WHY | {"until": LATER}, OFFERED),
    "refuse-extension": (CHIEFS, WHY, ("extension_requested", "offered")),
    "supervise": (CHIEFS, {"note": "x"}, OFFERED),
    "void": (CHIEFS, WHY, OFFERED),
    "reopen": (CHIEFS, WHY, ("void", "done")),
    "remind": (REMINDS, {}, OFFERED),
}
"""Who may, what is sent, and how an incident must stand, with how its task stands."""
ASKS = {"return": WHY, "extension": WHY | {"until": LATER}, "whistle": WHY}


def _act(act: str) -> Case:
    who, body, _ = ACTS[act]
    first, *others = who["does"].split()
    instead = {one: {"incident_id": f"$incident B {act} {one}"} for one in others}
    if act == "withdraw":
        instead["cB"]["task"] = "$task B withdraw cB"
    path = {"incident_id": f"$incident B {act} {first}"}
    return Case(who, path, body=body, unknown=UNKNOWN, touches=TOUCHED, instead=instead, last=1)


def _ask(what: str) -> Case:
    path = {"task_id": f"$task B ask {what}"}
    return Case(ON_THE_GROUND, path, body=ASKS[what], unknown={"task_id": "unknown"}, touches=TOUCHED, last=1)


HAND_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    **{("POST", f"/api/incidents/{{incident_id}}/{act}"): (_act(act),) for act in ACTS},
    **{("POST", f"/api/tasks/{{task_id}}/{what}"): (_ask(what),) for what in ASKS},
    ("GET", "/api/incidents/{incident_id}/candidates"): (
        Case(
            {"401": "N", "403": STRANGERS, "404": "dA cA hB", "sees": "dB cB"},
            {"incident_id": "$incident B offered"},
            unknown=UNKNOWN,
        ),
    ),
}


async def lay_out(towns: TwoTowns, process: Process) -> None:
    """Lay out what these doors ask about: an incident for everybody who may act, and a department of the town's."""
    place = towns.place
    department = await place.add_department(f"{PUBLIC}_bureau", "noise", name=f"{PUBLIC}局", capacity=500)
    for act, (who, _, (status, step)) in ACTS.items():
        for one in who["does"].split():
            await _incident(towns, f"{act} {one}", status, step)
    for what in ASKS:
        await _incident(towns, f"ask {what}", *OFFERED)
    await place.run("INSERT INTO outbox (kind, at) VALUES ('ground', now())")
    process.store.bell.ring()
    await until(lambda: _known(process, department), 10)


def _known(process: Process, department: UUID) -> bool:
    rule = process.city.rules.get("noise")
    return rule is not None and department in rule.departments and department in process.city.crew.row_of


async def _incident(towns: TwoTowns, name: str, status: str, step: str) -> None:
    id_ = await towns.incident("B", name, "handled" if step == "done" else "dispatched", step)
    await towns.place.run("UPDATE incident SET status = :status WHERE id = :id", status=status, id=id_)
    if name.startswith("go-on"):
        await towns.place.run(WAITS, id=id_)


async def slip(towns: TwoTowns, client: Any) -> None:
    """Let everybody who will undo something do it, an hour hence: the matrix takes its time."""
    for one, name in (("dB", "dispatcher B"), ("cB", "chief B")):
        id_ = towns.ids[f"incident B undo {one}"]
        answer = await client.post(f"/api/incidents/{id_}/shelve", json=WHY, headers=bearing(towns.tokens[name]))
        assert answer.status_code == 200, answer.text
        for table, column in (("incident_event", "at"), ("task", "ended_at")):
            later = f"UPDATE {table} SET {column} = {column} + interval '1 hour' WHERE incident_id = :id"
            await towns.place.run(later, id=id_)
