"""What each role of the database may do, by hand: tables, columns, functions."""

READ = {"SELECT"}
EVERYBODY, BOTH = {"PUBLIC"}, {"wangge_app", "wangge_dispatcher"}
APP_READS_NOTHING_OF = {"answer", "outbox", "sign_in_attempt", "timer"}
APP_READS_COLUMNS = {
    "account": {"id", "login", "name", "worker_id", "created_at", "locked_at", "has_password"},
    "access_token": {
        "id",
        "account_id",
        "kind",
        "label",
        "permissions",
        "created_at",
        "used_at",
        "expires_at",
        "revoked_at",
    },
    "receipt": {"id", "incident_id", "kind", "made_at"},
    "receiver": {
        "id", "kind", "label", "host", "lang", "events", "layer", "area_id", "area_path", "made_at", "paused_at",
    },
}  # fmt: skip
"""Of a receipt neither what opens it nor whose it is; of a receiver neither its address, whose path is often a key,
nor its secret.
"""
MAY_WRITE = {
    "incident": {"INSERT"},
    "task": {"INSERT"},
    "worker_position": {"INSERT", "UPDATE"},
    "incident_event": {"INSERT"},
    "account": {"INSERT"},
    "account_role": {"INSERT", "DELETE"},
    "access_token": {"INSERT", "DELETE"},
    "sign_in_attempt": {"INSERT", "DELETE"},
    "outbox": {"INSERT", "DELETE"},
    "answer": {"INSERT", "UPDATE", "DELETE"},
    "need": {"INSERT"},
    "timer": {"INSERT", "DELETE"},
    "clock": {"INSERT"},
    "duty_pattern": {"INSERT", "DELETE"},
    "duty_exception": {"INSERT", "DELETE"},
    "reservation": {"INSERT", "DELETE"},
    "receiver": {"INSERT", "DELETE"},
    "delivery": {"INSERT", "DELETE"},
    "receipt": {"INSERT"},
    "evaluation": {"INSERT"},
    "area": {"INSERT"},
    "grid": {"INSERT"},
    "grid_lineage": {"INSERT"},
    "ground_check": {"INSERT", "DELETE"},
    "ground_fault": {"INSERT", "DELETE"},
    "proposal": {"INSERT", "DELETE"},
    "proposal_shape": {"INSERT", "DELETE"},
}
OUTLINES = {"outline_far", "outline_middle", "outline_near"}
MAY_WRITE_COLUMNS = {
    "worker": {"active_tasks", "holds_exclusive", "changed", "rest_until"},
    "town": {"demo_clock"},
    "incident": {
        "status", "closed_at", "disposition", "duplicate_of", "deadline_at", "scene_due_at",
        "category", "layer", "urgency", "grid_id", "nearest_grid_id", "area_path",
        "stars", "solved",
        "filed_at", "accepted_at", "scene_at", "handled_at", "reworks", "reopenings", "handler_id", "department_id",
    },
    "need": {"state", "rung", "tries", "rung_since"},
    "timer": {"due_at"},
    "clock": {
        "amount", "unit", "remind_share", "supervise_share", "extra_seconds", "running_since", "ran", "consumed_seconds",
        "due_at", "missing_year", "paused", "ended_at", "late", "reminded_at", "overdue_at", "supervised_at",
    },
    "receiver": {"label", "address", "secret", "host", "lang", "events", "layer", "area_id", "area_path", "paused_at"},
    "receipt": {"hash", "made_at"},
    "delivery": {"state", "tries", "due_at", "ended_at", "trouble"},
    "task": {"status", "accepted_at", "on_scene_at", "ended_at", "reason", "result"},
    "account": {"password_hash", "locked_at"},
    "access_token": {"used_at", "revoked_at"},
    "area": {"name", "parent_id", "path", "shape", *OUTLINES},
    "grid": {"valid", *OUTLINES},
    "ground_check": {"ended", "status", "counts", "seen", "reason"},
    "proposal": {"status", "decided", "decided_by", "summary", "reason"},
}  # fmt: skip
"""Of the ground the shapes and what follows from them, only for who may change it (row security).

What an incident is filed as, and where that puts it, is the desk's to write; what was said and by whom is nobody's.
"""
MAY_CALL = {
    **dict.fromkeys(
        ("acting", "by_rules", "me", "my_account", "my_worker", "scope", "commanded", "commanding", "as_reporter"),
        EVERYBODY,
    ),
    **dict.fromkeys(("place_key", "audit_only_grows", "audit_head_follows"), EVERYBODY),
    **dict.fromkeys(("my_incidents", "my_grids", "worker_of_account", "area_of_role"), BOTH),
    **{
        f"{table}_in": {"wangge_app"}
        for table in ("ground", "street", "building", "address", "area", "grid", "household")
    },
    "audit_append": {"wangge_dispatcher"},
    "touched": {"wangge_dispatcher"},
    "households_in_each": {"wangge_dispatcher"},
    "settle_households": {"wangge_dispatcher"},
    "household_cells": {"wangge_app"},
    "incidents_near": {"wangge_app"},
    "receipt_shown": {"wangge_app"},
    "my_responders": EVERYBODY,
}
"""Who may call each function of ours; those of everybody read only what their own transaction was told."""
