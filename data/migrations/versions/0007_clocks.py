"""clocks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STEPS = "step IN ('receive', 'dispatch', 'arrive', 'handle', 'verify')"
UNITS = "unit IN ('minutes', 'hours', 'working_hours', 'working_days')"
TIMER_KINDS = (
    "ALTER TABLE timer DROP CONSTRAINT timer_kind_check, ADD CONSTRAINT timer_kind_check CHECK (kind IN ({}))"
)
KINDS_BEFORE = "'offer', 'climb', 'scene', 'deadline', 'resume', 'reserved'"
HOURS = '[["08:00", "12:00"], ["14:00", "18:00"]]'
TABLES = ("time_limit", "calendar_year", "clock")
OF_TOUCHED = "by_rules() OR touched(incident_id)"
OF_SEEN = "EXISTS (SELECT FROM incident i WHERE i.id = incident_id)"
SEEN = (
    ("time_limit", "everybody_signed_in", "acting()"),
    ("calendar_year", "everybody_signed_in", "acting()"),
    ("clock", "of_incidents_one_sees", OF_SEEN),
)
STATE = (
    "amount, unit, remind_share, supervise_share, extra_seconds, running_since, ran, consumed_seconds, due_at, missing_year,"
    " paused, ended_at, late, reminded_at, overdue_at, supervised_at"
)
GRANTS = (
    f"GRANT SELECT ON {', '.join(TABLES)} TO wangge_app, wangge_dispatcher",
    "GRANT INSERT ON clock TO wangge_dispatcher",
    f"GRANT UPDATE ({STATE}) ON clock TO wangge_dispatcher",
)
# What a town has so far ran by the minutes of its category: each incident gets the clocks it had, as they stand.
MOVE_IN = """
INSERT INTO clock (incident_id, step, round, amount, unit, remind_share, supervise_share, started_at, due_at, paused,
                   ended_at, late, running_since, ran, consumed_seconds, reminded_at, overdue_at)
SELECT id, step, 1, greatest(1, round(extract(epoch FROM due - reported_at) / 60)), 'minutes', 0.8, 1.5, reported_at, due,
       paused, ended, CASE WHEN called_off AND ended <= due THEN NULL ELSE ended > due END,
       CASE WHEN ended IS NULL AND paused IS NULL THEN reported_at END,
       CASE WHEN ended IS NULL AND paused IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_array(reported_at, stopped)) END,
       CASE WHEN ended IS NULL AND paused IS NULL THEN 0 ELSE extract(epoch FROM stopped - reported_at) END,
       CASE WHEN ended IS NULL THEN now() END,
       CASE WHEN coalesce(stopped, now()) > due THEN due END
FROM (
    SELECT i.id, i.reported_at, s.step, s.due, s.ended, s.called_off,
           CASE WHEN i.status = 'shelved' AND s.ended IS NULL THEN 'shelved' END AS paused,
           greatest(i.reported_at, coalesce(s.ended, CASE WHEN i.status = 'shelved' THEN h.shelved END)) AS stopped
    FROM incident i
    CROSS JOIN LATERAL (
        SELECT max(e.at) FILTER (WHERE e.status_to = 'handled' AND e.status_from IS DISTINCT FROM 'handled') AS handled,
               coalesce(max(e.at) FILTER (WHERE e.kind = 'shelved'), now()) AS shelved,
               max(e.at) FILTER (WHERE e.status_to IN ('closed', 'rejected', 'void', 'duplicate')) AS over,
               (SELECT min(t.on_scene_at) FROM task t WHERE t.incident_id = i.id) AS scene
        FROM incident_event e WHERE e.incident_id = i.id) h
    CROSS JOIN LATERAL (
        SELECT CASE WHEN i.status IN ('closed', 'rejected', 'void', 'duplicate') THEN coalesce(i.closed_at, h.over, i.filed_at)
               END AS over,
               CASE WHEN i.status IN ('handled', 'inspecting', 'closed') THEN h.handled END AS handled) o
    CROSS JOIN LATERAL (VALUES
        ('handle', i.deadline_at, coalesce(o.handled, o.over), i.status <> 'closed' AND o.over IS NOT NULL),
        ('arrive', i.scene_due_at, coalesce(h.scene, o.handled, o.over), coalesce(h.scene, o.handled) IS NULL)
    ) s (step, due, ended, called_off)
    WHERE s.due IS NOT NULL) had
"""


def upgrade() -> None:
    op.add_column(
        "town",
        sa.Column("working_hours", postgresql.JSONB(), server_default=sa.text(f"'{HOURS}'::jsonb"), nullable=False),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("holidays", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("year BETWEEN 1949 AND 2200", name=op.f("calendar_year_year_check")),
        sa.CheckConstraint("char_length(source) BETWEEN 1 AND 300", name=op.f("calendar_year_source_check")),
        sa.PrimaryKeyConstraint("year", name=op.f("calendar_year_pkey")),
    )
    _create_limits()
    _create_clocks()
    op.execute(TIMER_KINDS.format(f"{KINDS_BEFORE}, 'remind', 'supervise'"))
    op.execute(MOVE_IN)
    _guard()


def _create_limits() -> None:
    op.create_table(
        "time_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("remind_share", sa.Double(), server_default=sa.text("0.8"), nullable=True),
        sa.Column("supervise_share", sa.Double(), server_default=sa.text("1.5"), nullable=True),
        sa.CheckConstraint(STEPS, name=op.f("time_limit_step_check")),
        sa.CheckConstraint(UNITS, name=op.f("time_limit_unit_check")),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000", name=op.f("time_limit_amount_check")),
        sa.CheckConstraint(
            "remind_share > 0 AND remind_share < 1 AND supervise_share > 1", name=op.f("time_limit_shares_check")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("time_limit_area_id_fkey")),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("time_limit_category_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("time_limit_pkey")),
    )
    op.create_index(op.f("time_limit_area_id_idx"), "time_limit", ["area_id"], unique=False)
    op.create_index(
        "time_limit_once",
        "time_limit",
        ["category", "area_id", "step"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def _create_clocks() -> None:
    def moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
        return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)

    op.create_table(
        "clock",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("remind_share", sa.Double(), nullable=True),
        sa.Column("supervise_share", sa.Double(), nullable=True),
        sa.Column("extra_seconds", sa.Double(), server_default=sa.text("0"), nullable=False),
        moment("started_at", nullable=False),
        moment("running_since"),
        sa.Column("ran", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("consumed_seconds", sa.Double(), server_default=sa.text("0"), nullable=False),
        moment("due_at", nullable=False),
        sa.Column("missing_year", sa.SmallInteger(), nullable=True),
        sa.Column("paused", sa.Text(), nullable=True),
        moment("ended_at"),
        sa.Column("late", sa.Boolean(), nullable=True),
        moment("reminded_at"),
        moment("overdue_at"),
        moment("supervised_at"),
        sa.CheckConstraint(STEPS, name=op.f("clock_step_check")),
        sa.CheckConstraint(UNITS, name=op.f("clock_unit_check")),
        sa.CheckConstraint("paused IN ('shelved', 'waiting')", name=op.f("clock_paused_check")),
        sa.CheckConstraint("round > 0 AND amount > 0", name=op.f("clock_numbers_check")),
        sa.CheckConstraint(
            "CASE WHEN ended_at IS NULL THEN late IS NULL AND (running_since IS NULL) = (paused IS NOT NULL)"
            " ELSE running_since IS NULL END",
            name=op.f("clock_runs_rests_or_ended_check"),
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("clock_incident_id_fkey")),
        sa.PrimaryKeyConstraint("incident_id", "step", "round", name=op.f("clock_pkey")),
    )
    op.create_index(
        "clock_waiting_idx",
        "clock",
        ["incident_id"],
        unique=False,
        postgresql_where=sa.text("paused = 'waiting' AND ended_at IS NULL"),
    )


def _guard() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY rules_choose_from_all ON {table} FOR SELECT TO wangge_dispatcher USING (true)")
    for table, name, condition in SEEN:
        op.execute(f"CREATE POLICY {name} ON {table} FOR SELECT TO wangge_app USING ({condition})")
    op.execute(f"CREATE POLICY desk_insert ON clock FOR INSERT TO wangge_dispatcher WITH CHECK ({OF_TOUCHED})")
    op.execute(f"CREATE POLICY desk_update ON clock FOR UPDATE TO wangge_dispatcher USING ({OF_TOUCHED})")
    for statement in GRANTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE kind IN ('remind', 'supervise')")
    op.execute(TIMER_KINDS.format(KINDS_BEFORE))
    op.drop_index(
        "clock_waiting_idx", table_name="clock", postgresql_where=sa.text("paused = 'waiting' AND ended_at IS NULL")
    )
    op.drop_table("clock")
    op.drop_index("time_limit_once", table_name="time_limit", postgresql_nulls_not_distinct=True)
    op.drop_index(op.f("time_limit_area_id_idx"), table_name="time_limit")
    op.drop_table("time_limit")
    op.drop_table("calendar_year")
    op.drop_column("town", "working_hours")
