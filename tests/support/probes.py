"""Probes of row security: what somebody tries in a role, and what must come of it."""

from data.rights import Permission
from tests.support.probe import APP as APP
from tests.support.probe import DESK as DESK
from tests.support.probe import REFUSED as REFUSED
from tests.support.probe import Probe as Probe
from tests.support.probe import does as does
from tests.support.probe import sees as sees
from tests.support.probes_ground import GROUND_READING, GROUND_WRITING
from tests.support.probes_hand import HAND_READING, HAND_WRITING
from tests.support.probes_receipts import RECEIPT_READING, RECEIPT_WRITING
from tests.support.probes_receivers import RECEIVER_READING, RECEIVER_WRITING
from tests.support.probes_roster import ROSTER_READING, ROSTER_WRITING

HIDDEN = {"answer", "outbox", "sign_in_attempt", "timer"}
"""Tables of which the application's role reads nothing at all."""
BOXES = ("ground", "street", "building", "address", "area", "grid", "household")
ALL = "SELECT count(*) FROM {}"
IN_BOX = "SELECT count(*) FROM {}_in(st_transform(st_makeenvelope(118, 26, 119, 28, 4326), 3857))"
COPY = "INSERT INTO {0} SELECT (jsonb_populate_record(r, CAST('{1}' AS jsonb))).* FROM {0} r WHERE {2}"

CLOSE, MOVE, REPORT, ANSWER = (
    Permission.INCIDENT_CLOSE,
    Permission.WORKER_MOVE,
    Permission.INCIDENT_REPORT,
    Permission.TASK_ANSWER,
)
CLOSING = "UPDATE incident SET status = 'handling' WHERE id = :incident_{}"
STEPPING = "UPDATE task SET reason = 'x' WHERE id = :task_{}"
PLACED = "UPDATE worker_position SET accuracy_m = 1 WHERE worker_id = :worker_{}"
BEING = """INSERT INTO worker_position (worker_id, point, cell, fixed_at, given_datum)
    SELECT :worker_{}, point, 0, now(), 'wgs84' FROM incident LIMIT 1"""
REPORTING = COPY.format(
    "incident", '{{"id": "00000000-0000-0000-0000-000000000001", "reporter": "{}"}}', "id = :incident_B"
)
OFFERING = COPY.format(
    "task",
    '{{"id": "00000000-0000-0000-0000-000000000001", "attempt_no": 2, "status": "declined", "ended_at": "2026-01-01T00:00Z"}}',
    "id = :task_{}",
)
TELLING = "INSERT INTO incident_event (incident_id, at, kind, actor) VALUES (:incident_{}, now(), 'x', 'x')"
GIVING = """INSERT INTO account_role (id, account_id, role, administrator, area_id, given_at)
    VALUES ('00000000-0000-0000-0000-000000000001', :account_A, 'resident', false, {}, now())"""
ADDING = "INSERT INTO account (id, login, name, created_at) VALUES ('00000000-0000-0000-0000-000000000001', 'x', 'x', now())"
ISSUING = """INSERT INTO access_token (id, hash, account_id, kind, created_at, used_at, expires_at)
    VALUES ('00000000-0000-0000-0000-000000000001', 'x', :account_{}, 'program', now(), now(), now())"""
KEEPING = "INSERT INTO answer (actor, key, request_hash, made_at) SELECT {}, 'new', '', now()"

READING = [
    *GROUND_READING,
    *HAND_READING,
    *RECEIPT_READING,
    *RECEIVER_READING,
    *ROSTER_READING,
    *(
        sees("of A", table, 1)
        for table in ("household", "worker", "worker_position", "incident", "task", "incident_event")
    ),
    *(
        sees("town", table, 2)
        for table in ("household", "worker", "worker_position", "incident", "task", "incident_event")
    ),
    *(
        sees("no rights", table, 0)
        for table in ("area", "grid", "household", "worker", "worker_position", "incident", "task")
    ),
    sees("of A", "incident", 1, "id = :incident_A"),
    sees("of A", "incident", 0, "id = :incident_B"),
    sees("of A's health", "incident", 0),
    sees("of A's health", "grid", 0),
    sees("of A's health", "household", 1),
    sees("of A", "area", 3),
    sees("of A", "area", 0, "id = :area_B"),
    sees("town", "area", 5),
    sees("of A", "grid", 1),
    sees("town", "grid", 2),
    sees("worker B", "worker", 1),
    sees("worker B", "worker_position", 1),
    sees("worker B", "incident", 1, "id = :incident_B"),
    sees("worker B who may not answer", "incident", 0),
    sees("worker B who may not answer", "task", 0),
    sees("reporter", "incident", 1, "id = :incident_A"),
    sees("reporter", "incident", 1),
    sees("reporter", "grid", 1, "id = :grid_A"),
    sees("reporter who may not report", "incident", 0),
    sees("worker B", "grid", 1, "id = :grid_B"),
    sees("worker B", "task", 1),
    sees("worker B", "incident_event", 1),
    Probe("worker B", APP, "SELECT count(id) FROM account", 1),
    Probe("worker B", APP, "SELECT count(id) FROM access_token", 1),
    sees("worker B", "account_role", 1),
    Probe("town", APP, "SELECT count(id) FROM account", 2),
    sees("town", "account_role", 2),
    Probe("town", APP, "SELECT count(id) FROM access_token", 0),
    sees("town", "audit", 1),
    sees("town", "audit_head", 1),
    Probe("auditor", APP, "SELECT count(id) FROM account", 2),
    Probe("auditor of A", APP, "SELECT count(id) FROM account", 0),
    Probe("nobody", DESK, "SELECT count(*) FROM audit", 1),
    Probe("nobody", DESK, "SELECT count(*) FROM audit_head", 1),
    Probe("town", DESK, "SELECT count(*) FROM audit", 0),
    Probe("town", DESK, "SELECT count(*) FROM audit_head", 0),
    sees("of A", "audit", 0),
    sees("of A", "audit_head", 0),
    *(Probe("nobody", APP, IN_BOX.format(table), 0) for table in BOXES),
    *(Probe("no rights", APP, IN_BOX.format(table), 1) for table in ("ground", "street", "building", "address")),
    *(Probe("no rights", APP, IN_BOX.format(table), 0) for table in ("area", "grid", "household")),
    *(
        Probe("of A", APP, IN_BOX.format(table), wanted)
        for table, wanted in (("area", 2), ("grid", 1), ("household", 1))
    ),
]
WRITING = [
    *GROUND_WRITING,
    *HAND_WRITING,
    *RECEIPT_WRITING,
    *RECEIVER_WRITING,
    *ROSTER_WRITING,
    does("nobody", BEING.format("B"), 1),
    does("worker B", BEING.format("B"), 1),
    does("worker B", BEING.format("A"), REFUSED),
    does("of A", BEING.format("A"), 1, MOVE),
    does("of A", BEING.format("B"), REFUSED, MOVE),
    does("nobody", "UPDATE town SET demo_clock = now()", 1),
    does("town", "UPDATE town SET demo_clock = now()", 0),
    does("of A", "UPDATE worker SET active_tasks = 1 WHERE id = :worker_B", 1),
    does("nobody", PLACED.format("B"), 1),
    does("worker B", PLACED.format("B"), 1),
    does("worker B", PLACED.format("A"), 0),
    does("of A", PLACED.format("A"), 1, MOVE),
    does("of A", PLACED.format("B"), 0, MOVE),
    does("nobody", REPORTING.format("whoever"), 1),
    does("town", REPORTING.format("somebody else"), REFUSED, REPORT),
    does("reporter", REPORTING.format("account:@A"), 1, REPORT),
    does("reporter", REPORTING.format("account:@A"), REFUSED),
    does("reporter", CLOSING.format("A"), 0, REPORT),
    does("town", CLOSING.format("A"), 0, REPORT),
    does("town", CLOSING.format("A"), 0, ANSWER),
    does("town", STEPPING.format("A"), 0, ANSWER),
    does("reporter", OFFERING.format("A"), 1, REPORT),
    does("reporter", OFFERING.format("B"), REFUSED, REPORT),
    does("reporter", TELLING.format("A"), 1, REPORT),
    does("nobody", CLOSING.format("B"), 1),
    does("of A", CLOSING.format("A"), 1, CLOSE),
    does("of A", CLOSING.format("B"), 0, CLOSE),
    does("of A", CLOSING.format("A"), 0),
    does("town, closes in A", CLOSING.format("B"), 0, CLOSE),
    does("town, closes in A", CLOSING.format("A"), 1, CLOSE),
    does("of A's health", CLOSING.format("A"), 0, CLOSE),
    does("worker B", CLOSING.format("B"), 1, ANSWER),
    does("worker B", CLOSING.format("B"), 0, CLOSE),
    does("worker B", CLOSING.format("A"), 0, ANSWER),
    does("nobody", OFFERING.format("A"), 1),
    does("of A", OFFERING.format("A"), 1, CLOSE),
    does("of A", OFFERING.format("B"), REFUSED, CLOSE),
    does("nobody", STEPPING.format("A"), 1),
    does("worker B", STEPPING.format("B"), 1, ANSWER),
    does("worker B", STEPPING.format("B"), 0, REPORT),
    does("worker B", STEPPING.format("A"), 0, ANSWER),
    does("of A", STEPPING.format("B"), 0, CLOSE),
    does("nobody", TELLING.format("A"), 1),
    does("worker B", TELLING.format("B"), 1, ANSWER),
    does("worker B", TELLING.format("A"), REFUSED, ANSWER),
    does("no rights", "INSERT INTO outbox (kind, at) VALUES ('rights', now())", 1),
    does("nobody", "DELETE FROM outbox WHERE kind = 'ground'", 1),
    does("town", "DELETE FROM outbox", 0),
    does("worker B", KEEPING.format("me()"), 1),
    does("worker B", KEEPING.format("'account:x'"), REFUSED),
    does("nobody", "UPDATE answer SET status = 200", 1),
    does("town", "UPDATE answer SET status = 200", 0),
    does("nobody", "DELETE FROM answer", 1),
    does("town", "DELETE FROM answer", 0),
    does("nobody", ADDING, 1),
    does("town", ADDING, 1),
    does("of A", ADDING, REFUSED, CLOSE),
    does("nobody", "UPDATE account SET locked_at = now()", 2),
    does("town", "UPDATE account SET locked_at = now()", 2),
    does("worker B", "UPDATE account SET password_hash = 'x'", 1),
    does("nobody", GIVING.format("NULL"), 1),
    does("of A", GIVING.format(":area_A"), 1),
    does("of A", GIVING.format(":area_B"), REFUSED),
    does("of A", GIVING.format("NULL"), REFUSED),
    does("account A, gives roles", GIVING.format("NULL"), REFUSED),
    does("town", "SELECT count(*) FROM household", 0),
    does("of A", "SELECT count(*) FROM account", 0),
    does("worker B", "SELECT count(*) FROM account", 1),
    does("town", "SELECT count(*) FROM account", 2),
    does("of A", "SELECT count(*) FROM account_role", 0),
    does("of A", "SELECT count(*) FROM access_token", 0),
    does("town", "SELECT count(*) FROM sign_in_attempt", 0),
    does("town", "SELECT count(*) FROM answer", 0),
    does("nobody", "DELETE FROM account_role", 2),
    does("of A", "DELETE FROM account_role", 1),
    does("worker B", "DELETE FROM account_role", 0),
    does("nobody", ISSUING.format("A"), 1),
    does("worker B", ISSUING.format("B"), 1),
    does("worker B", ISSUING.format("A"), REFUSED),
    does("nobody", "UPDATE access_token SET revoked_at = now()", 2),
    does("town", "UPDATE access_token SET revoked_at = now()", 2),
    does("worker B", "UPDATE access_token SET revoked_at = now()", 1),
    does("nobody", "DELETE FROM access_token", 2),
    does("town", "DELETE FROM access_token", 0),
    does("nobody", "INSERT INTO sign_in_attempt (login_hash, address_hash, at) VALUES ('', '', now())", 1),
    does("town", "INSERT INTO sign_in_attempt (login_hash, address_hash, at) VALUES ('', '', now())", REFUSED),
    does("nobody", "DELETE FROM sign_in_attempt", 1),
    does("town", "DELETE FROM sign_in_attempt", 0),
]
