"""Probes of row security on what is drawn, checked and proposed of the ground."""

from data.rights import Permission
from tests.support.probe import REFUSED, Probe, does, sees

CHECK, CHANGE, VIEW = Permission.GROUND_CHECK, Permission.GROUND_CHANGE, Permission.GROUND_VIEW
NEW = "'00000000-0000-0000-0000-000000000001'"
BOX = "st_multi(st_makeenvelope(118.3, 27, 118.4, 27.1, 4326))"
FOUNDING = f"INSERT INTO area (id, level, code, name, path) VALUES ({NEW}, 'community', 'N', 'N', 'N')"
DRAWING = f"""INSERT INTO grid (id, layer, area_id, area_path, code, name, shape)
    SELECT {NEW}, 'health', area_id, area_path, code, name, shape FROM grid WHERE id = :grid_A"""
DESCENDING = """INSERT INTO grid_lineage (before, after, m2, households) VALUES (:grid_B, :grid_A, 1, 1)"""
CHECKING = f"INSERT INTO ground_check (id, started, status) VALUES ({NEW}, now(), 'running')"
FINDING = f"INSERT INTO ground_fault (id, check_id, kind) SELECT {NEW}, id, 'gap' FROM ground_check"
PROPOSING = f"""INSERT INTO proposal (id, kind, layer, level, made, status)
    VALUES ({NEW}, 'repair', 'governance', 'grid', now(), 'running')"""
SHAPING = f"INSERT INTO proposal_shape (proposal_id, code, name, shape, moved_m2) SELECT id, 'N', 'N', {BOX}, 1 FROM proposal"
SETTLING = "SELECT count(settle_households()) - 1"
COUNTING = """SELECT (households_in_each(ARRAY[st_asbinary(st_makeenvelope(118.3, 27, 118.31, 27.01, 4326))]))[1]"""
CHECKS = ("ground_check", "ground_fault")
PROPOSALS = ("proposal", "proposal_shape")

GROUND_READING = [
    sees("no rights", "address", 1),
    *(sees(who, "grid_lineage", wanted) for who, wanted in (("of A", 1), ("worker B", 1), ("no rights", 0))),
    sees("of A's health", "grid_lineage", 0),
    *(sees(who, "ground_check", wanted) for who, wanted in (("of A", 1), ("no rights", 0), ("worker B", 0))),
    *(sees(who, "ground_fault", wanted) for who, wanted in (("of A", 1), ("no rights", 0), ("worker B", 0))),
    sees("of A", "ground_fault", 1, "code = 'GA'"),
    sees("of A's health", "ground_fault", 0),
    *(sees(who, table, 0) for table in PROPOSALS for who in ("of A", "no rights", "worker B")),
    *(sees(who, table, 1) for table in PROPOSALS for who in ("checks", "changes")),
]


def _changed(statement: str, wanted: int) -> list[Probe]:
    """Return the probes of the ground itself: only who may change all of it touches it, and only by saying so."""
    refused = REFUSED if statement.startswith("INSERT") else 0
    return [
        does("changes", statement, wanted, CHANGE),
        does("changes", statement, refused, VIEW),
        does("changes", statement, refused),
        does("of A", statement, refused, CHANGE),
        does("checks", statement, refused, CHECK),
        does("nobody", statement, refused),
    ]


def _kept(statement: str, wanted: int, who: str, permission: Permission) -> list[Probe]:
    """Return the probes of what the rules write, and for whom else."""
    refused = REFUSED if statement.startswith("INSERT") else 0
    return [
        does("nobody", statement, wanted),
        does(who, statement, wanted, permission),
        does(who, statement, refused, VIEW),
        does("no rights", statement, refused, permission),
    ]


GROUND_WRITING = [
    *_changed(FOUNDING, 1),
    *_changed("UPDATE area SET name = 'x' WHERE id = :area_A", 1),
    *_changed(DRAWING, 1),
    *_changed("UPDATE grid SET valid = tstzrange(lower(valid), now()) WHERE id = :grid_A", 1),
    *_changed(DESCENDING, 1),
    *(does(who, SETTLING, 0, CHANGE) for who in ("nobody", "changes")),
    *(
        does(who, SETTLING, REFUSED, permission)
        for who, permission in (("changes", VIEW), ("of A", CHANGE), ("checks", CHECK))
    ),
    *(does(who, COUNTING, 1, CHANGE) for who in ("nobody", "changes")),
    does("of A", COUNTING, REFUSED, CHANGE),
    does("changes", COUNTING, REFUSED, VIEW),
    does("changes", "SELECT count(*) FROM household", 2, CHANGE),
    does("changes", "SELECT count(*) FROM household", 0, VIEW),
    does("of A", "SELECT count(*) FROM household", 0, CHANGE),
    *_kept(CHECKING, 1, "checks", CHECK),
    *_kept("UPDATE ground_check SET seen = '{}'", 1, "of A", CHECK),
    *_kept("DELETE FROM ground_check", 1, "checks", CHECK),
    *_kept(FINDING, 1, "checks", CHECK),
    *_kept("DELETE FROM ground_fault", 2, "checks", CHECK),
    *_kept(PROPOSING, 1, "changes", CHANGE),
    *_kept("UPDATE proposal SET summary = '{}'", 1, "changes", CHANGE),
    *_kept("DELETE FROM proposal", 1, "changes", CHANGE),
    *_kept(SHAPING, 1, "changes", CHANGE),
    *_kept("DELETE FROM proposal_shape", 1, "changes", CHANGE),
    *(does("of A", statement, REFUSED, CHANGE) for statement in (PROPOSING, SHAPING)),
]
