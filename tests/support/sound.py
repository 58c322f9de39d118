"""What holds after every act, whatever was done: counted from the rows alone, in one look."""

import asyncio
import json
from typing import Any

from tests.support.place import Place

LOOKS, BETWEEN_S = 4, 0.3
ACTIVE = {"offered", "accepted", "on_scene"}
ENDED = {"closed", "rejected", "void", "duplicate"}
WORKING = {"filed", "dispatched", "handling", "handled"}
LOOK = """
    SELECT json_build_object(
        'incidents', (SELECT coalesce(json_agg(json_build_object('id', i.id, 'status', i.status,
            'needs', (SELECT coalesce(json_object_agg(n.slot, n.state), '{}') FROM need n WHERE n.incident_id = i.id),
            'tasks', (SELECT coalesce(json_agg(json_build_object('id', t.id, 'slot', t.slot, 'status', t.status,
                'timers', (SELECT count(*) FROM timer o WHERE o.task_id = t.id))), '[]')
                FROM task t WHERE t.incident_id = i.id),
            'clock', (SELECT json_build_object('open', c.ended_at IS NULL, 'rests', c.paused, 'due', c.due_at = i.deadline_at)
                FROM clock c WHERE c.incident_id = i.id AND c.step = 'handle' ORDER BY c.round DESC LIMIT 1),
            'last', (SELECT e.status_to FROM incident_event e WHERE e.incident_id = i.id
                AND e.status_to IS NOT NULL ORDER BY e.id DESC LIMIT 1),
            'duplicates', (SELECT count(*) FROM incident d WHERE d.duplicate_of = i.id))), '[]') FROM incident i),
        'workers', (SELECT coalesce(json_agg(json_build_object('code', w.code, 'load', w.active_tasks,
            'exclusive', w.holds_exclusive,
            'tasks', (SELECT coalesce(json_agg(t.exclusive), '[]') FROM task t
                      WHERE t.worker_id = w.id AND t.ended_at IS NULL))), '[]') FROM worker w))::text AS seen"""


def _of_incident(one: dict[str, Any]) -> list[str]:
    active = [task for task in one["tasks"] if task["status"] in ACTIVE]
    states, at_it = one["needs"], [task["slot"] for task in active]
    wrong = [
        f"{slot} is {state}, and {at_it.count(slot)} are at it"
        for slot, state in states.items()
        if at_it.count(slot) != (state == "taken")
    ]
    wrong += [
        f"an answered offer has {t['timers']} timers"
        for t in one["tasks"]
        if t["timers"] != (t["status"] == "offered")
    ]
    if one["status"] in ENDED and (active or {"open", "taken", "held"} & set(states.values())):
        wrong.append(f"ended with {states}")
    if one["status"] in WORKING and one["status"] != _standing(active, states):
        wrong.append(f"stands as {one['status']}, should as {_standing(active, states)}: {states} {active}")
    if one["status"] in {"returned", "shelved", "reported", "received", "inspecting"} and active:
        wrong.append(f"{one['status']} with {active}")
    if one["status"] == "shelved" and "open" in states.values():
        wrong.append("shelved with an open place")
    wrong += _of_clock(one["status"], one["clock"]) if one["clock"] else []
    if one["last"] != one["status"]:
        wrong.append(f"the history ends with {one['last']}")
    if one["status"] == "duplicate" and one["duplicates"]:
        wrong.append("the original of a duplicate is one itself")
    return [f"{one['status']}: {fault}" for fault in wrong]


def _of_clock(status: str, clock: dict[str, Any]) -> list[str]:
    """Say what is wrong with the clock until it is handled."""
    wrong = [] if clock["due"] else ["its clock is due at another moment than it is"]
    if clock["open"] != (status not in ENDED | {"handled", "inspecting"}):
        wrong.append(f"its clock {'runs' if clock['open'] else 'has ended'}")
    if clock["open"] and (clock["rests"] == "shelved") != (status == "shelved") and clock["rests"] != "waiting":
        wrong.append(f"its clock rests as {clock['rests']}")
    return wrong


def _standing(active: list[dict[str, Any]], states: dict[str, str]) -> str:
    if any(task["status"] == "on_scene" for task in active):
        return "handling"
    if active:
        return "dispatched"
    done = "done" in states.values() and not {"open", "held"} & set(states.values())
    return "handled" if done else "filed"


async def faults(place: Place) -> list[str]:
    """Return all that does not fit together; empty when everything does.

    A timer that was being fired while its offer was answered ends by itself a moment later: what is wrong stays wrong.
    """
    for _ in range(LOOKS):
        wrong = await _faults(place)
        if not wrong:
            break
        await asyncio.sleep(BETWEEN_S)
    return wrong


async def _faults(place: Place) -> list[str]:
    [row] = await place.run(LOOK)
    seen = json.loads(row.seen)
    wrong = [fault for one in seen["incidents"] for fault in _of_incident(one)]
    return wrong + [
        f"{one['code']} carries {one['load']}, has {len(one['tasks'])}, exclusive {one['exclusive']}"
        for one in seen["workers"]
        if (one["load"], one["exclusive"]) != (len(one["tasks"]), any(one["tasks"]))
    ]
