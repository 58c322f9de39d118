"""Probes of row security on needs, timers, clocks and ladders, and on what a unit's members do for it."""

from data.rights import Permission
from tests.support.probe import REFUSED, Probe, does, sees

REPORT, ANSWER, DISPATCH = Permission.INCIDENT_REPORT, Permission.TASK_ANSWER, Permission.INCIDENT_DISPATCH
NEEDING = """INSERT INTO need (incident_id, slot, responder, ranking, exclusive, ladder, state, rung, tries, rung_since, layer)
    VALUES (:incident_{}, 'second', 'person', 'nearest', false, 'urgent', 'open', 0, 0, now(), 'governance')"""
FILLING = "UPDATE need SET state = 'held' WHERE incident_id = :incident_{}"
TIMING = "INSERT INTO timer (kind, incident_id, due_at) VALUES ('climb', :incident_{}, now())"
PUTTING_OFF = "UPDATE timer SET due_at = now() WHERE incident_id = :incident_{}"
DROPPING = "DELETE FROM timer WHERE incident_id = :incident_{}"
CLOCKING = """INSERT INTO clock (incident_id, step, round, amount, unit, started_at, running_since, due_at)
    VALUES (:incident_{}, 'handle', 2, 60, 'minutes', now(), now(), now())"""
WINDING = "UPDATE clock SET late = NULL WHERE incident_id = :incident_{}"
STEPPING = "UPDATE task SET reason = 'x' WHERE id = :task_{}"
MOVING = "UPDATE incident SET status = 'handling' WHERE id = :incident_{}"

HAND_READING = [
    *(sees(who, "ladder", 4) for who in ("no rights", "worker B", "town")),
    *(sees("no rights", table, 2) for table in ("category_slot", "category_department")),
    *(sees("no rights", "ladder_rung", 1, f"ladder = '{one}' AND rung = 0") for one in ("urgent", "from_the_door")),
    *(sees("of A", "need", 1, where) for where in ("true", "incident_id = :incident_A")),
    sees("of A", "need", 0, "incident_id = :incident_B"),
    sees("of A's health", "need", 0),
    sees("reporter", "need", 1, "incident_id = :incident_A"),
    sees("reporter", "need", 1),
    sees("worker B", "need", 1, "incident_id = :incident_B"),
    sees("worker B", "need", 0, "incident_id = :incident_A"),
    sees("worker B who may not answer", "need", 0),
    *(
        sees("member", table, 2)
        for table in ("worker", "worker_position", "task", "incident", "need", "incident_event")
    ),
    *(sees(who, "clock", 1, "incident_id = :incident_A") for who in ("of A", "reporter", "member")),
    *(sees(who, "clock", 0, "incident_id = :incident_B") for who in ("of A", "reporter", "of A's health")),
    sees("member who may not answer", "clock", 0),
    *(sees("no rights", table, 1) for table in ("time_limit", "calendar_year")),
    sees("no rights", "clock", 0),
    sees("member", "grid", 2),
    sees("member", "household", 0),
    sees("member", "membership", 2),
    sees("worker B", "membership", 1),
    *(
        sees("member who may not answer", table, 0)
        for table in ("worker", "worker_position", "task", "incident", "need", "membership", "grid")
    ),
]


def _of_an_incident(statement: str, refused: int | str) -> list[Probe]:
    """Return the probes of what belongs to an incident: touched by the rules, and where a person commands or is asked."""
    return [
        does("nobody", statement.format("A"), 1),
        does("of A", statement.format("A"), 1, DISPATCH),
        does("of A", statement.format("B"), refused, DISPATCH),
        does("of A", statement.format("A"), refused),
        does("of A", statement.format("A"), refused, ANSWER),
        does("of A's health", statement.format("A"), refused, DISPATCH),
        does("worker B", statement.format("B"), 1, ANSWER),
        does("worker B", statement.format("B"), refused, DISPATCH),
        does("worker B", statement.format("A"), refused, ANSWER),
        does("member", statement.format("A"), 1, ANSWER),
        does("member who may not answer", statement.format("A"), refused, ANSWER),
        does("reporter", statement.format("A"), 1, REPORT),
        does("reporter", statement.format("B"), refused, REPORT),
        does("no rights", statement.format("A"), refused, DISPATCH),
    ]


HAND_WRITING = [
    *_of_an_incident(NEEDING, REFUSED),
    *_of_an_incident(TIMING, REFUSED),
    *_of_an_incident(CLOCKING, REFUSED),
    *_of_an_incident(WINDING, 0),
    *_of_an_incident(FILLING, 0),
    *_of_an_incident(PUTTING_OFF, 0),
    *_of_an_incident(DROPPING, 0),
    does("member", STEPPING.format("A"), 1, ANSWER),
    does("member", STEPPING.format("A"), 0, REPORT),
    does("member who may not answer", STEPPING.format("A"), 0, ANSWER),
    does("member", MOVING.format("A"), 1, ANSWER),
    does("member", MOVING.format("A"), 0, DISPATCH),
]
