"""once and in time"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.schema import Ltree

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PERMISSIONS = (
    ("incident.sort", "受理与立案", "Receive, verify, file or reject incidents"),
    ("incident.dispatch", "派遣与调整", "Dispatch, reassign, merge, shelve, call in departments"),
    ("incident.supervise", "督办、延期、作废与重开", "Supervise, extend, void, reopen"),
    ("roster.manage", "排班", "Make rosters and reservations"),
    ("notice.manage", "管理通知", "Manage where events are told outside"),
)
HELD = (
    ("dispatcher", "incident.sort"),
    ("dispatcher", "incident.dispatch"),
    ("duty_chief", "incident.sort"),
    ("duty_chief", "incident.dispatch"),
    ("duty_chief", "incident.supervise"),
    ("duty_chief", "roster.manage"),
    ("duty_chief", "task.answer"),
    ("department", "task.answer"),
    ("doctor", "task.answer"),
    ("system_admin", "notice.manage"),
)
LADDERS = (
    ("emergency", "应急", "Emergency"),
    ("urgent", "紧急", "Urgent"),
    ("ordinary", "一般", "Ordinary"),
    ("from_the_door", "从楼栋逐级上报", "Up from the door"),
)
# Ladder, then rung by rung: whom, tries, seconds an offer stands (none: the category's), seconds to wait for somebody.
RUNGS = {
    "emergency": (
        ("ranked", 3, None, 0),
        ("grid_leader", 1, 30, 0),
        ("duty_chief", 1, 60, 0),
        ("departments", 1, None, 0),
    ),
    "urgent": (
        ("ranked", 3, None, 60),
        ("grid_leader", 1, 120, 0),
        ("duty_chief", 1, 180, 0),
        ("departments", 1, None, 0),
    ),
    "ordinary": (("ranked", 4, None, 600), ("grid_leader", 1, 600, 0), ("duty_chief", 1, 900, 0)),
    "from_the_door": (
        ("building_head", 1, 600, 0),
        ("hub_household", 1, 600, 0),
        ("grid_leader", 1, 600, 0),
        ("duty_chief", 1, 600, 0),
        ("departments", 1, None, 0),
    ),
}

# Whoever acts for a unit does so as the unit: `wangge.responders` names the person's worker and the units it belongs to.
RESPONDERS = """
CREATE FUNCTION my_responders() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN cardinality(scope('task.answer')) > 0
       THEN coalesce(nullif(current_setting('wangge.responders', true), '')::uuid[], '{}') ELSE '{}' END $$
"""
MY_INCIDENTS = """
CREATE OR REPLACE FUNCTION my_incidents() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF {nobody} THEN
        RETURN '{{}}';
    END IF;
    RETURN ARRAY(SELECT incident_id FROM task WHERE {mine}
                 AND (ended_at IS NULL OR ended_at > now() - interval '12 hours'));
END $$
"""
NOW_MINE = ("cardinality(my_responders()) = 0", "worker_id = ANY (my_responders())")
MINE_BEFORE = ("my_worker() IS NULL", "worker_id = my_worker()")

MY_REPORT = "(commanding('incident.report') AND reporter = me())"
COMMANDED = """by_rules() OR place_key(layer, area_path) <@ ANY ((SELECT commanded())::ltree[])
    OR (commanding('task.answer') AND id = ANY ((SELECT my_incidents())::uuid[]))"""
OF_TOUCHED_BEFORE = f"""by_rules()
    OR EXISTS (SELECT FROM incident WHERE incident.id = incident_id AND ({MY_REPORT} OR {COMMANDED}))"""
OF_TOUCHED = "by_rules() OR touched(incident_id)"
# One incident by its key: asked inside a policy, the same question was planned once for a table that was still small, as a
# look at every row, and cost more with every report until statistics were gathered.
TOUCHED = f"""
CREATE FUNCTION touched(one uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM incident WHERE id = one AND ({MY_REPORT} OR {COMMANDED}));
END $$
"""
OF_SEEN = "EXISTS (SELECT FROM incident i WHERE i.id = incident_id)"
OF_SEEN_WORKER = "EXISTS (SELECT FROM worker w WHERE w.id = worker_id)"
ROSTERED = """by_rules() OR EXISTS (SELECT FROM worker w WHERE w.id = worker_id
    AND place_key(NULL, w.area_path) <@ ANY ((SELECT scope('roster.manage'))::ltree[]))"""
RESERVED = """by_rules() OR ((commanding('roster.manage') OR commanding('incident.dispatch'))
    AND EXISTS (SELECT FROM worker w WHERE w.id = worker_id
                AND place_key(NULL, w.area_path) <@ ANY ((SELECT commanded())::ltree[])))"""
TOLD_BY = "''::ltree = ANY ((SELECT scope('notice.manage'))::ltree[])"
SEEN = (
    *(
        (table, "everybody_signed_in", "acting()")
        for table in ("ladder", "ladder_rung", "category_slot", "category_department")
    ),
    ("need", "of_incidents_one_sees", OF_SEEN),
    ("membership", "of_units_one_sees", "EXISTS (SELECT FROM worker w WHERE w.id = unit_id)"),
    ("duty_pattern", "of_whom_one_sees", OF_SEEN_WORKER),
    ("duty_exception", "of_whom_one_sees", OF_SEEN_WORKER),
    ("reservation", "of_whom_one_sees", OF_SEEN_WORKER),
    ("receiver", "for_who_manages_them", TOLD_BY),
    ("delivery", "of_incidents_one_sees_or_manages", f"{TOLD_BY} OR {OF_SEEN}"),
)
DONE = (
    ("need", "INSERT", OF_TOUCHED),
    ("need", "UPDATE", OF_TOUCHED),
    ("timer", "INSERT", OF_TOUCHED),
    ("timer", "UPDATE", OF_TOUCHED),
    ("timer", "DELETE", OF_TOUCHED),
    ("duty_pattern", "INSERT", ROSTERED),
    ("duty_pattern", "DELETE", ROSTERED),
    ("duty_exception", "INSERT", ROSTERED),
    ("duty_exception", "DELETE", ROSTERED),
    ("reservation", "INSERT", RESERVED),
    ("reservation", "DELETE", RESERVED),
    ("receiver", "INSERT", f"by_rules() OR {TOLD_BY}"),
    ("receiver", "UPDATE", f"by_rules() OR {TOLD_BY}"),
    ("receiver", "DELETE", f"by_rules() OR {TOLD_BY}"),
    ("delivery", "INSERT", OF_TOUCHED),
    ("delivery", "UPDATE", f"by_rules() OR {TOLD_BY}"),
    ("delivery", "DELETE", f"by_rules() OR {TOLD_BY}"),
)
NEW_TABLES = (
    "ladder",
    "ladder_rung",
    "category_slot",
    "category_department",
    "need",
    "timer",
    "membership",
    "duty_pattern",
    "duty_exception",
    "reservation",
    "receiver",
    "delivery",
)
ALTERED = (
    (
        "task",
        "of_ones_area_or_own",
        "worker_id = (SELECT my_worker())",
        "worker_id = ANY ((SELECT my_responders())::uuid[])",
    ),
    ("task", "desk_update", "worker_id = my_worker()", "worker_id = ANY (my_responders())"),
    (
        "worker",
        "of_ones_workers_or_oneself",
        "id = (SELECT my_worker())",
        "id = ANY ((SELECT my_responders())::uuid[])",
    ),
)
POLICIES = {
    (
        "task",
        "of_ones_area_or_own",
    ): "place_key(layer, area_path) <@ ANY ((SELECT scope('incident.view'))::ltree[]) OR {}",
    ("task", "desk_update"): "by_rules() OR place_key(layer, area_path) <@ ANY ((SELECT commanded())::ltree[])"
    " OR (commanding('task.answer') AND {})",
    (
        "worker",
        "of_ones_workers_or_oneself",
    ): "place_key(NULL, area_path) <@ ANY ((SELECT scope('worker.view'))::ltree[]) OR {}",
}
GRANTS = (
    "REVOKE EXECUTE ON FUNCTION touched(uuid) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION touched(uuid) TO wangge_dispatcher",
    "GRANT SELECT ON ladder, ladder_rung, category_slot, category_department, need, membership, duty_pattern,"
    " duty_exception, reservation, delivery TO wangge_app, wangge_dispatcher",
    "GRANT SELECT ON timer, receiver TO wangge_dispatcher",
    "GRANT SELECT (id, kind, label, host, lang, events, layer, area_id, area_path, made_at, paused_at)"
    " ON receiver TO wangge_app",
    "GRANT INSERT ON need, timer, duty_pattern, duty_exception, reservation, receiver, delivery TO wangge_dispatcher",
    "GRANT DELETE ON timer, duty_pattern, duty_exception, reservation, receiver, delivery TO wangge_dispatcher",
    "GRANT UPDATE (state, rung, tries, rung_since) ON need TO wangge_dispatcher",
    "GRANT UPDATE (due_at) ON timer TO wangge_dispatcher",
    "GRANT UPDATE (label, address, secret, host, lang, events, layer, area_id, area_path, paused_at)"
    " ON receiver TO wangge_dispatcher",
    "GRANT UPDATE (state, tries, due_at, ended_at, trouble) ON delivery TO wangge_dispatcher",
    "GRANT UPDATE (category, layer, urgency, deadline_at, scene_due_at, duplicate_of, grid_id, nearest_grid_id, area_path)"
    " ON incident TO wangge_dispatcher",
    "GRANT UPDATE (rest_until) ON worker TO wangge_dispatcher",
)
BACK = (
    "REVOKE UPDATE (category, layer, urgency, deadline_at, scene_due_at, duplicate_of, grid_id, nearest_grid_id, area_path)"
    " ON incident FROM wangge_dispatcher",
    "REVOKE UPDATE (rest_until) ON worker FROM wangge_dispatcher",
)
OUTBOX_KINDS = (
    "ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check, ADD CONSTRAINT outbox_kind_check CHECK (kind IN ({}))"
)
CHECKS = (
    ("category", "responder_check", "responder IN ('person', 'team', 'station', 'department')"),
    ("category", "rest_and_scene_check", "rest_minutes >= 0 AND scene_minutes > 0"),
    ("incident", "duplicate_has_original_check", "(status = 'duplicate') = (duplicate_of IS NOT NULL)"),
    ("incident", "not_of_itself_check", "duplicate_of <> id"),
    (
        "task",
        "whom_check",
        "whom IN ('ranked', 'building_head', 'hub_household', 'grid_leader', 'duty_chief', 'departments', 'centre')",
    ),
    ("worker", "kind_check", "kind IN ('person', 'team', 'station', 'department')"),
    ("worker", "employment_check", "employment IN ('full_time', 'part_time', 'mobile')"),
    ("worker", "employed_persons_check", "employment IS NULL OR kind = 'person'"),
)
# What a town has so far: shifts of every day become patterns, each incident gets its first need and its clocks.
MOVE_IN = (
    """INSERT INTO duty_pattern (id, worker_id, weekday, starts, ends)
       SELECT gen_random_uuid(), w.id, d, w.shift_starts, w.shift_ends FROM worker w, generate_series(1, 7) d""",
    """INSERT INTO need (incident_id, slot, responder, skill, ranking, exclusive, ladder, state, rung, tries, rung_since,
                         layer, area_path)
       SELECT i.id, 'lead', 'person', c.skill, c.ranking, c.exclusive, i.urgency,
              CASE WHEN EXISTS (SELECT FROM task t WHERE t.incident_id = i.id AND t.ended_at IS NULL) THEN 'taken'
                   WHEN i.status = 'filed' THEN 'open'
                   WHEN EXISTS (SELECT FROM task t WHERE t.incident_id = i.id AND t.status = 'done') THEN 'done'
                   ELSE 'dropped' END,
              0, 0, i.filed_at, i.layer, i.area_path
       FROM incident i JOIN category c ON c.code = i.category""",
    """INSERT INTO timer (kind, incident_id, slot, task_id, due_at)
       SELECT 'offer', incident_id, 'lead', id, offer_expires_at FROM task WHERE status = 'offered'""",
    """INSERT INTO timer (kind, incident_id, due_at) SELECT 'deadline', id, deadline_at FROM incident
       WHERE deadline_at > now() AND status NOT IN ('closed', 'rejected', 'void', 'duplicate', 'handled')""",
)


def upgrade() -> None:
    _create_tables()
    _change_tables()
    op.execute(OUTBOX_KINDS.format("'incident', 'task', 'ground', 'rules', 'rights', 'roster'"))
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name} CHECK ({condition})")
    for statement in MOVE_IN:
        op.execute(statement)
    op.create_foreign_key(
        op.f("task_incident_id_slot_fkey"), "task", "need", ["incident_id", "slot"], ["incident_id", "slot"]
    )
    op.drop_column("worker", "shift_starts")
    op.drop_column("worker", "shift_ends")
    _write_rows()
    _guard()


def _create_tables() -> None:
    op.create_table(
        "ladder",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9_]{1,64}$'", name=op.f("ladder_code_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("ladder_pkey")),
    )
    op.create_table(
        "ladder_rung",
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("offer_seconds", sa.Integer(), nullable=True),
        sa.Column("wait_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "whom IN ('ranked', 'building_head', 'hub_household', 'grid_leader', 'duty_chief', 'departments', 'centre')",
            name=op.f("ladder_rung_whom_check"),
        ),
        sa.CheckConstraint(
            "rung >= 0 AND tries > 0 AND offer_seconds > 0 AND wait_seconds >= 0",
            name=op.f("ladder_rung_numbers_check"),
        ),
        sa.ForeignKeyConstraint(["ladder"], ["ladder.code"], name=op.f("ladder_rung_ladder_fkey")),
        sa.PrimaryKeyConstraint("ladder", "rung", name=op.f("ladder_rung_pkey")),
    )
    op.create_table(
        "category_slot",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("responder", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("ranking", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=True),
        sa.CheckConstraint("ranking IN ('nearest', 'own_grid_first')", name=op.f("category_slot_ranking_check")),
        sa.CheckConstraint(
            "responder IN ('person', 'team', 'station', 'department')", name=op.f("category_slot_responder_check")
        ),
        sa.CheckConstraint(
            "slot ~ '^[a-z][a-z0-9_]{0,63}$' AND slot <> 'lead'", name=op.f("category_slot_slot_check")
        ),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("category_slot_category_fkey")),
        sa.ForeignKeyConstraint(["ladder"], ["ladder.code"], name=op.f("category_slot_ladder_fkey")),
        sa.PrimaryKeyConstraint("category", "slot", name=op.f("category_slot_pkey")),
    )
    op.create_table(
        "receiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), server_default="zh", nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("area_path", Ltree(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('wecom', 'dingtalk', 'feishu', 'mail', 'webhook')", name=op.f("receiver_kind_check")
        ),
        sa.CheckConstraint("cardinality(events) BETWEEN 1 AND 50", name=op.f("receiver_events_check")),
        sa.CheckConstraint("lang IN ('zh', 'en')", name=op.f("receiver_lang_check")),
        sa.CheckConstraint(
            "char_length(address) BETWEEN 1 AND 2000 AND char_length(secret) <= 500",
            name=op.f("receiver_lengths_check"),
        ),
        sa.CheckConstraint("char_length(label) BETWEEN 1 AND 100", name=op.f("receiver_label_check")),
        sa.ForeignKeyConstraint(
            ["area_id", "area_path"],
            ["area.id", "area.path"],
            name=op.f("receiver_area_id_area_path_fkey"),
            onupdate="CASCADE",
            match="FULL",
        ),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("receiver_layer_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("receiver_pkey")),
    )
    op.create_index(op.f("receiver_area_id_idx"), "receiver", ["area_id"], unique=False)
    op.create_table(
        "category_department",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("report_in_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("report_in_minutes > 0", name=op.f("category_department_report_in_check")),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("category_department_category_fkey")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["worker.id"], name=op.f("category_department_department_id_fkey")
        ),
        sa.PrimaryKeyConstraint("category", "department_id", name=op.f("category_department_pkey")),
    )
    op.create_table(
        "duty_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("swap_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('leave', 'extra', 'changed', 'swap')", name=op.f("duty_exception_reason_check")
        ),
        sa.CheckConstraint("(starts IS NULL) = (ends IS NULL)", name=op.f("duty_exception_whole_check")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("duty_exception_worker_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("duty_exception_pkey")),
    )
    op.create_index("duty_exception_worker_id_day_idx", "duty_exception", ["worker_id", "day"], unique=False)
    op.create_table(
        "duty_pattern",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.CheckConstraint("until_day >= from_day", name=op.f("duty_pattern_days_check")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("duty_pattern_weekday_check")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("duty_pattern_worker_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("duty_pattern_pkey")),
    )
    op.create_index("duty_pattern_worker_id_idx", "duty_pattern", ["worker_id", "weekday"], unique=False)
    op.create_table(
        "membership",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=True),
        sa.CheckConstraint("char_length(part) <= 100", name=op.f("membership_part_check")),
        sa.CheckConstraint("unit_id <> worker_id", name=op.f("membership_not_of_itself_check")),
        sa.ForeignKeyConstraint(["unit_id"], ["worker.id"], name=op.f("membership_unit_id_fkey")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("membership_worker_id_fkey")),
        sa.PrimaryKeyConstraint("unit_id", "worker_id", name=op.f("membership_pkey")),
    )
    op.create_index(op.f("membership_worker_id_idx"), "membership", ["worker_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("delivery_ended_check")),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'given_up')", name=op.f("delivery_state_check")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("delivery_incident_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_pkey")),
    )
    op.create_index("delivery_receiver_id_idx", "delivery", ["receiver_id", "id"], unique=False)
    op.create_index("delivery_ended_at_idx", "delivery", ["ended_at"], unique=False)
    op.create_index(
        "delivery_waiting_idx",
        "delivery",
        ["receiver_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "need",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("responder", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("ranking", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("rung_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("area_path", Ltree(), nullable=True),
        sa.CheckConstraint("ranking IN ('nearest', 'own_grid_first')", name=op.f("need_ranking_check")),
        sa.CheckConstraint(
            "responder IN ('person', 'team', 'station', 'department')", name=op.f("need_responder_check")
        ),
        sa.CheckConstraint("slot ~ '^[a-z][a-z0-9_]{0,63}$'", name=op.f("need_slot_check")),
        sa.CheckConstraint("state IN ('open', 'taken', 'done', 'held', 'dropped')", name=op.f("need_state_check")),
        sa.ForeignKeyConstraint(["area_path"], ["area.path"], name=op.f("need_area_path_fkey"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("need_incident_id_fkey")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("need_worker_id_fkey")),
        sa.PrimaryKeyConstraint("incident_id", "slot", name=op.f("need_pkey")),
    )
    op.create_index(
        "need_open_idx", "need", ["incident_id"], unique=False, postgresql_where=sa.text("state IN ('open', 'held')")
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("worker_id"), "="), (sa.column("during"), "&&"), using="gist", name="reservation_one_at_a_time"
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name=op.f("reservation_bounded_check"),
        ),
        sa.CheckConstraint("char_length(purpose) BETWEEN 1 AND 300", name=op.f("reservation_purpose_check")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("reservation_incident_id_fkey")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("reservation_worker_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reservation_pkey")),
    )
    op.create_index("reservation_incident_id_idx", "reservation", ["incident_id"], unique=False)
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'offer') = (task_id IS NOT NULL)", name=op.f("timer_offer_of_a_task_check")),
        sa.CheckConstraint(
            "kind IN ('offer', 'climb', 'scene', 'deadline', 'resume', 'reserved')", name=op.f("timer_kind_check")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("timer_incident_id_fkey")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("timer_task_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("timer_pkey")),
    )
    op.create_index("timer_due_at_idx", "timer", ["due_at"], unique=False)
    op.create_index(
        "timer_once",
        "timer",
        ["incident_id", "kind", "due_at", "slot"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(op.f("timer_task_id_idx"), "timer", ["task_id"], unique=False)


def _change_tables() -> None:
    op.add_column("category", sa.Column("responder", sa.Text(), server_default="person", nullable=False))
    op.add_column("category", sa.Column("ladder", sa.Text(), nullable=True))
    op.add_column("category", sa.Column("mobile", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("category", sa.Column("rest_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("category", sa.Column("scene_minutes", sa.Integer(), nullable=True))
    op.add_column(
        "category", sa.Column("sorted_by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_foreign_key(op.f("category_ladder_fkey"), "category", "ladder", ["ladder"], ["code"])
    op.add_column("incident", sa.Column("duplicate_of", sa.Uuid(), nullable=True))
    op.add_column("incident", sa.Column("scene_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("incident_duplicate_of_idx"), "incident", ["duplicate_of"], unique=False)
    op.create_foreign_key(op.f("incident_duplicate_of_fkey"), "incident", "incident", ["duplicate_of"], ["id"])
    op.add_column("task", sa.Column("slot", sa.Text(), server_default="lead", nullable=False))
    op.add_column("task", sa.Column("whom", sa.Text(), server_default="ranked", nullable=False))
    op.add_column("task", sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index(op.f("task_offer_expires_at_idx"), table_name="task", postgresql_where="(status = 'offered'::text)")
    op.drop_index(
        op.f("task_one_active_per_incident"),
        table_name="task",
        postgresql_where="(status = ANY (ARRAY['offered'::text, 'accepted'::text, 'on_scene'::text]))",
    )
    op.create_index(
        "task_one_active_per_incident_and_worker",
        "task",
        ["incident_id", "worker_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.create_index(
        "task_one_active_per_slot",
        "task",
        ["incident_id", "slot"],
        unique=True,
        postgresql_where=sa.text("status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.add_column("worker", sa.Column("kind", sa.Text(), server_default="person", nullable=False))
    op.add_column("worker", sa.Column("employment", sa.Text(), nullable=True))
    op.add_column("worker", sa.Column("station_id", sa.Uuid(), nullable=True))
    op.add_column("worker", sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("worker_station_id_idx"), "worker", ["station_id"], unique=False)
    op.create_foreign_key(op.f("worker_station_id_fkey"), "worker", "worker", ["station_id"], ["id"])
    op.add_column("worker_position", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "worker_position", sa.Column("still", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def _write_rows() -> None:
    text = sa.Text()
    permission = sa.table("permission", sa.column("code", text), sa.column("name", text), sa.column("name_en", text))
    bundle = sa.table("role_permission", sa.column("role", text), sa.column("permission", text))
    ladder = sa.table("ladder", sa.column("code", text), sa.column("name", text), sa.column("name_en", text))
    numbers = ("rung", "tries", "offer_seconds", "wait_seconds")
    rung = sa.table(
        "ladder_rung",
        sa.column("ladder", text),
        sa.column("whom", text),
        *(sa.column(n, sa.Integer()) for n in numbers),
    )
    op.bulk_insert(permission, [{"code": c, "name": n, "name_en": e} for c, n, e in PERMISSIONS])
    op.bulk_insert(bundle, [{"role": role, "permission": code} for role, code in HELD])
    op.bulk_insert(ladder, [{"code": c, "name": n, "name_en": e} for c, n, e in LADDERS])
    rows = [
        {"ladder": code, "rung": at, "whom": whom, "tries": tries, "offer_seconds": offer, "wait_seconds": wait}
        for code, rungs in RUNGS.items()
        for at, (whom, tries, offer, wait) in enumerate((*rungs, ("centre", 1, None, 0)))
    ]
    op.bulk_insert(rung, rows)


def _guard() -> None:
    op.execute(RESPONDERS)
    op.execute(MY_INCIDENTS.format(nobody=NOW_MINE[0], mine=NOW_MINE[1]))
    op.execute(TOUCHED)
    for table in ("task", "incident_event"):
        op.execute(f"ALTER POLICY desk_insert ON {table} WITH CHECK ({OF_TOUCHED})")
    for table, name, _, now in ALTERED:
        op.execute(f"ALTER POLICY {name} ON {table} USING ({POLICIES[table, name].format(now)})")
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY rules_choose_from_all ON {table} FOR SELECT TO wangge_dispatcher USING (true)")
    for table, name, condition in SEEN:
        op.execute(f"CREATE POLICY {name} ON {table} FOR SELECT TO wangge_app USING ({condition})")
    for table, command, condition in DONE:
        clause = "WITH CHECK" if command == "INSERT" else "USING"
        op.execute(
            f"CREATE POLICY desk_{command.lower()} ON {table} FOR {command} TO wangge_dispatcher {clause} ({condition})"
        )
    for statement in GRANTS:
        op.execute(statement)


def downgrade() -> None:
    for table, name, before, _ in ALTERED:
        op.execute(f"ALTER POLICY {name} ON {table} USING ({POLICIES[table, name].format(before)})")
    for table in ("task", "incident_event"):
        op.execute(f"ALTER POLICY desk_insert ON {table} WITH CHECK ({OF_TOUCHED_BEFORE})")
    op.execute(MY_INCIDENTS.format(nobody=MINE_BEFORE[0], mine=MINE_BEFORE[1]))
    for statement in BACK:
        op.execute(statement)
    op.execute("DELETE FROM outbox WHERE kind = 'roster'")
    op.execute(OUTBOX_KINDS.format("'incident', 'task', 'ground', 'rules', 'rights'"))
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}")
    for role, code in HELD:
        op.execute(f"DELETE FROM role_permission WHERE role = '{role}' AND permission = '{code}'")
    for code, _, _ in PERMISSIONS:
        op.execute(f"DELETE FROM role_permission WHERE permission = '{code}'")
        op.execute(f"DELETE FROM permission WHERE code = '{code}'")
    for column in ("shift_starts", "shift_ends"):
        op.execute(f"ALTER TABLE worker ADD COLUMN {column} time")
    op.execute("""UPDATE worker w SET (shift_starts, shift_ends) = (
        SELECT coalesce(min(p.starts), '00:00'), coalesce(max(p.ends), '00:00') FROM duty_pattern p WHERE p.worker_id = w.id)""")
    for column in ("shift_starts", "shift_ends"):
        op.execute(f"ALTER TABLE worker ALTER COLUMN {column} SET NOT NULL")
    op.drop_constraint(op.f("task_incident_id_slot_fkey"), "task", type_="foreignkey")
    op.drop_column("worker_position", "still")
    op.drop_column("worker_position", "heard_at")
    op.drop_constraint(op.f("worker_station_id_fkey"), "worker", type_="foreignkey")
    op.drop_index(op.f("worker_station_id_idx"), table_name="worker")
    op.drop_column("worker", "rest_until")
    op.drop_column("worker", "station_id")
    op.drop_column("worker", "employment")
    op.drop_column("worker", "kind")
    op.drop_index(
        "task_one_active_per_slot",
        table_name="task",
        postgresql_where=sa.text("status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.drop_index(
        "task_one_active_per_incident_and_worker",
        table_name="task",
        postgresql_where=sa.text("status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.create_index(
        op.f("task_one_active_per_incident"),
        "task",
        ["incident_id"],
        unique=True,
        postgresql_where="(status = ANY (ARRAY['offered'::text, 'accepted'::text, 'on_scene'::text]))",
    )
    op.create_index(
        op.f("task_offer_expires_at_idx"),
        "task",
        ["offer_expires_at"],
        unique=False,
        postgresql_where="(status = 'offered'::text)",
    )
    op.drop_column("task", "by_hand")
    op.drop_column("task", "whom")
    op.drop_column("task", "slot")
    op.drop_constraint(op.f("incident_duplicate_of_fkey"), "incident", type_="foreignkey")
    op.drop_index(op.f("incident_duplicate_of_idx"), table_name="incident")
    op.drop_column("incident", "scene_due_at")
    op.drop_column("incident", "duplicate_of")
    op.drop_constraint(op.f("category_ladder_fkey"), "category", type_="foreignkey")
    op.drop_column("category", "sorted_by_hand")
    op.drop_column("category", "scene_minutes")
    op.drop_column("category", "rest_minutes")
    op.drop_column("category", "mobile")
    op.drop_column("category", "ladder")
    op.drop_column("category", "responder")
    op.drop_index(op.f("timer_task_id_idx"), table_name="timer")
    op.drop_index("timer_once", table_name="timer")
    op.drop_index("timer_due_at_idx", table_name="timer")
    op.drop_table("timer")
    op.drop_index("reservation_incident_id_idx", table_name="reservation")
    op.drop_table("reservation")
    op.drop_index("need_open_idx", table_name="need", postgresql_where=sa.text("state IN ('open', 'held')"))
    op.drop_table("need")
    op.drop_index("delivery_waiting_idx", table_name="delivery", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("delivery_ended_at_idx", table_name="delivery")
    op.drop_index("delivery_receiver_id_idx", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("membership_worker_id_idx"), table_name="membership")
    op.drop_table("membership")
    op.drop_index("duty_pattern_worker_id_idx", table_name="duty_pattern")
    op.drop_table("duty_pattern")
    op.drop_index("duty_exception_worker_id_day_idx", table_name="duty_exception")
    op.drop_table("duty_exception")
    op.drop_table("category_department")
    op.drop_index(op.f("receiver_area_id_idx"), table_name="receiver")
    op.drop_table("receiver")
    op.drop_table("category_slot")
    op.drop_table("ladder_rung")
    op.drop_table("ladder")
    op.execute("DROP FUNCTION touched(uuid), my_responders()")
