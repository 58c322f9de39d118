"""Probes of row security on receipts and evaluations."""

from data.rights import Permission
from tests.support.probe import APP, DESK, REFUSED, Probe, does, sees

REPORT, DISPATCH = Permission.INCIDENT_REPORT, Permission.INCIDENT_DISPATCH
GIVING = """INSERT INTO receipt (id, incident_id, kind, hash, holder, made_at)
    VALUES ('00000000-0000-0000-0000-000000000001', :incident_{}, 'follow', 'x', {}, now())"""
RENEWING = "UPDATE receipt SET made_at = now()"
KNOWN = "SELECT count(*) FROM receipt"
JUDGING = """INSERT INTO evaluation (incident_id, receipt_id, closed_at, stars, solved, at)
    SELECT incident_id, receipt_id, now() + interval '1 day', 1, false, now() FROM evaluation"""
WITHOUT = ("of A's health", "no rights", "reporter who may not report", "worker B who may not answer")
NEAR = """SELECT count({}) FROM incidents_near(
    118.305, 27.005, 'other', 'x', 250, now() - interval '1 day', NULL, 0.3, 5)"""

RECEIPT_READING = [
    *(sees(who, "receipt", 1, "id IS NOT NULL AND incident_id = :incident_A") for who in ("of A", "reporter")),
    *(sees(who, "receipt", 0, "id IS NOT NULL AND incident_id = :incident_B") for who in ("of A", "reporter")),
    *(Probe("town", APP, f"SELECT count({column}) FROM receipt", REFUSED) for column in ("hash", "holder")),
    *(sees(who, table, 0, "incident_id IS NOT NULL") for who in WITHOUT for table in ("receipt", "evaluation")),
    sees("of A", "evaluation", 1),
    sees("worker B", "evaluation", 1, "incident_id = :incident_B"),
    sees("worker B", "evaluation", 0, "incident_id = :incident_A"),
    sees("reporter", "evaluation", 0),
    *(Probe(who, DESK, KNOWN, 0) for who in ("town", "of A")),
    Probe("reporter", DESK, KNOWN, 1),
    *(Probe(who, DESK, "SELECT count(*) FROM evaluation", 0) for who in ("town", "reporter")),
    *(
        Probe(who, APP, NEAR.format(column), found)
        for who, known, told in (
            ("of A", 1, 1),
            ("town", 1, 1),
            ("reporter", 1, 1),
            ("of A's health", 1, 0),
            ("worker B who may not answer", 1, 0),
            ("reporter who may not report", 0, 0),
            ("no rights", 0, 0),
            ("nobody", 0, 0),
        )
        for column, found in (("id", known), ("description", told), ("address", 0))
    ),
]
RECEIPT_WRITING = [
    does("nobody", GIVING.format("B", "'x'"), 1),
    does("reporter", GIVING.format("B", "'account:@A'"), 1, REPORT),
    does("reporter", GIVING.format("B", "NULL"), 1, REPORT),
    does("reporter", GIVING.format("B", "'x'"), REFUSED, REPORT),
    does("reporter", GIVING.format("B", "'account:@A'"), REFUSED),
    does("of A", GIVING.format("A", "NULL"), REFUSED, DISPATCH),
    does("nobody", RENEWING, 2),
    does("reporter", RENEWING, 1, REPORT),
    does("town", RENEWING, 0, REPORT),
    does("nobody", JUDGING, 2),
    *(does(who, JUDGING, 0, permission) for who, permission in (("town", DISPATCH), ("reporter", REPORT))),
    does(
        "of A",
        "INSERT INTO evaluation (incident_id, receipt_id, closed_at, stars, solved, at) VALUES (:incident_A,"
        " '00000000-0000-0000-0000-00000000000a', now() + interval '1 day', 1, false, now())",
        REFUSED,
        DISPATCH,
    ),
]
