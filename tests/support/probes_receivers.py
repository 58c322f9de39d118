"""Probes of row security on receivers of notices and what is told to them."""

from data.rights import Permission
from tests.support.probe import APP, REFUSED, Probe, does, sees

ADDING = """INSERT INTO receiver (id, kind, label, address, host, events, made_at)
    VALUES ('00000000-0000-0000-0000-000000000001', 'webhook', 'x', 'x', 'x', '{filed}', now())"""
QUEUEING = """INSERT INTO delivery (receiver_id, incident_id, event, made_at, due_at)
    VALUES ('00000000-0000-0000-0000-000000000001', :incident_%s, 'filed', now(), now())"""
DISPATCH, REPORT, ANSWER = Permission.INCIDENT_DISPATCH, Permission.INCIDENT_REPORT, Permission.TASK_ANSWER
OTHERS = ("of A", "worker B", "reporter", "no rights", "system")

RECEIVER_READING = [
    *(Probe(who, APP, "SELECT count(id) FROM receiver", 0) for who in OTHERS),
    Probe("town", APP, "SELECT count(id) FROM receiver", 1),
    *(Probe("town", APP, f"SELECT count({column}) FROM receiver", REFUSED) for column in ("address", "secret")),
    sees("of A", "delivery", 1),
    sees("of A", "delivery", 0, "incident_id = :incident_B"),
    sees("worker B", "delivery", 1),
    sees("no rights", "delivery", 0),
]
RECEIVER_WRITING = [
    does("nobody", ADDING, 1),
    does("town", ADDING, 1),
    *(does(who, ADDING, REFUSED) for who in OTHERS),
    *(
        does(who, statement, rows)
        for statement in ("UPDATE receiver SET paused_at = now()", "DELETE FROM receiver")
        for who, rows in (("nobody", 1), ("town", 1), *((one, 0) for one in OTHERS))
    ),
    does("nobody", QUEUEING % "B", 1),
    does("of A", QUEUEING % "A", 1, DISPATCH),
    does("of A", QUEUEING % "B", REFUSED, DISPATCH),
    does("reporter", QUEUEING % "A", 1, REPORT),
    does("reporter", QUEUEING % "B", REFUSED, REPORT),
    does("worker B", QUEUEING % "B", 1, ANSWER),
    does("worker B", QUEUEING % "A", REFUSED, ANSWER),
    *(
        does(who, statement, rows)
        for statement in ("UPDATE delivery SET tries = 1", "DELETE FROM delivery")
        for who, rows in (("nobody", 2), ("town", 2), *((one, 0) for one in OTHERS))
    ),
]
