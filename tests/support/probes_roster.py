"""Probes of row security on rosters, reservations and memberships."""

from data.rights import Permission
from tests.support.probe import REFUSED, Probe, does, sees

MANAGE, DISPATCH, CLOSE = Permission.ROSTER_MANAGE, Permission.INCIDENT_DISPATCH, Permission.INCIDENT_CLOSE
PLANNING = """INSERT INTO duty_pattern (id, worker_id, weekday, starts, ends)
    VALUES ('00000000-0000-0000-0000-000000000001', :worker_{}, 1, '08:00', '16:00')"""
CHANGING = """INSERT INTO duty_exception (id, worker_id, day, reason, made_by, made_at)
    VALUES ('00000000-0000-0000-0000-000000000001', :worker_{}, '2026-05-05', 'leave', 'x', now())"""
RESERVING = """INSERT INTO reservation (id, worker_id, during, purpose, made_by, made_at)
    VALUES ('00000000-0000-0000-0000-000000000001', :worker_{}, '[2027-05-04, 2027-05-05)', 'x', 'x', now())"""

ROSTER_READING = [
    *(
        sees(who, table, rows * times)
        for table, rows in (("duty_pattern", 7), ("duty_exception", 1), ("reservation", 1), ("membership", 1))
        for who, times in (("of A", 1), ("of A's health", 1), ("town", 2), ("worker B", 1), ("no rights", 0))
    ),
    *(
        sees("worker B", table, 0, "worker_id = :worker_A")
        for table in ("duty_pattern", "duty_exception", "reservation")
    ),
    sees("worker B who may not answer", "duty_pattern", 0),
    sees("reporter", "reservation", 0),
]


def _written(statement: str, table: str, rows: int) -> list[Probe]:
    """Return the probes of a table that whoever makes rosters writes, within the own area."""
    return [
        does("nobody", statement.format("B"), 1),
        does("of A", statement.format("A"), 1),
        does("of A", statement.format("B"), REFUSED),
        does("worker B", statement.format("B"), REFUSED),
        does("no rights", statement.format("A"), REFUSED),
        does("nobody", f"DELETE FROM {table}", 2 * rows),
        does("town", f"DELETE FROM {table}", 2 * rows),
        does("of A", f"DELETE FROM {table}", rows),
        does("worker B", f"DELETE FROM {table}", 0),
    ]


ROSTER_WRITING = [
    *_written(PLANNING, "duty_pattern", 7),
    *_written(CHANGING, "duty_exception", 1),
    does("nobody", RESERVING.format("B"), 1),
    *(does("of A", RESERVING.format("A"), 1, permission) for permission in (MANAGE, DISPATCH)),
    *(does("of A", RESERVING.format("B"), REFUSED, permission) for permission in (MANAGE, DISPATCH)),
    *(does("of A", RESERVING.format("A"), REFUSED, permission) for permission in (CLOSE, None)),
    does("worker B", RESERVING.format("B"), REFUSED, Permission.TASK_ANSWER),
    does("nobody", "DELETE FROM reservation", 2),
    *(does("of A", "DELETE FROM reservation", 1, permission) for permission in (MANAGE, DISPATCH)),
    *(does("town", "DELETE FROM reservation", 0, permission) for permission in (CLOSE, None)),
    does("worker B", "DELETE FROM reservation", 0, Permission.TASK_ANSWER),
]
