"""figures"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PERMISSIONS = (
    ("figures.view", "查看统计", "See figures"),
    ("figures.own", "查看本部门统计", "See the figures of one's own unit"),
)
HELD = (
    ("dispatcher", "figures.view"),
    ("duty_chief", "figures.view"),
    ("planner", "figures.view"),
    ("grid_leader", "figures.view"),
    ("department", "figures.own"),
)
MOMENTS = ("accepted_at", "scene_at", "handled_at")
COUNTS = ("reworks", "reopenings")
WORKERS = ("handler_id", "department_id")

# What tasks and history tell of the incidents that a town has. The work counts as done from the last line that moved
# an incident to handled, unless it was sent back or opened again since; who did it first is who had the lead place.
MOVE_IN = (
    """UPDATE incident i SET filed_at = e.at
    FROM (SELECT incident_id, max(at) AS at FROM incident_event
          WHERE kind = 'filed' AND status_from IN ('reported', 'received', 'verifying') GROUP BY incident_id) e
    WHERE e.incident_id = i.id""",
    """UPDATE incident i SET accepted_at = t.accepted_at, scene_at = t.scene_at
    FROM (SELECT incident_id, min(accepted_at) AS accepted_at, min(on_scene_at) AS scene_at
          FROM task GROUP BY incident_id) t
    WHERE t.incident_id = i.id""",
    """UPDATE incident i SET reworks = e.reworks, reopenings = e.reopenings
    FROM (SELECT incident_id, count(*) FILTER (WHERE kind = 'rework') AS reworks,
                 count(*) FILTER (WHERE kind = 'reopened' AND status_from = 'closed') AS reopenings
          FROM incident_event WHERE kind IN ('rework', 'reopened') GROUP BY incident_id) e
    WHERE e.incident_id = i.id""",
    """UPDATE incident i SET handled_at = e.at
    FROM (SELECT DISTINCT ON (incident_id) incident_id, at, kind FROM incident_event
          WHERE kind IN ('rework', 'reopened')
             OR (status_to = 'handled' AND status_from NOT IN ('handled', 'closed', 'rejected', 'void', 'duplicate'))
          ORDER BY incident_id, id DESC) e
    WHERE e.incident_id = i.id AND e.kind NOT IN ('rework', 'reopened')""",
    """UPDATE incident i SET handler_id = t.worker_id
    FROM (SELECT DISTINCT ON (incident_id) incident_id, worker_id FROM task WHERE status = 'done' AND slot <> 'verify'
          ORDER BY incident_id, slot = 'lead' DESC, ended_at DESC, attempt_no DESC) t
    WHERE t.incident_id = i.id""",
    """UPDATE incident i SET department_id = t.worker_id
    FROM (SELECT DISTINCT ON (incident_id) incident_id, worker_id FROM task
          WHERE status = 'done' AND whom = 'departments'
          ORDER BY incident_id, ended_at DESC, attempt_no DESC) t
    WHERE t.incident_id = i.id""",
)


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column("incident", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in COUNTS:
        op.add_column("incident", sa.Column(name, sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    for name in WORKERS:
        op.add_column("incident", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"incident_{name}_fkey"), "incident", "worker", [name], ["id"])
    for statement in MOVE_IN:
        op.execute(statement)
    written = ", ".join(("filed_at", *MOMENTS, *COUNTS, *WORKERS))
    op.execute(f"GRANT UPDATE ({written}) ON incident TO wangge_dispatcher")
    _write_rows()


def _write_rows() -> None:
    text = sa.Text()
    permission = sa.table("permission", sa.column("code", text), sa.column("name", text), sa.column("name_en", text))
    bundle = sa.table("role_permission", sa.column("role", text), sa.column("permission", text))
    op.bulk_insert(permission, [{"code": c, "name": n, "name_en": e} for c, n, e in PERMISSIONS])
    op.bulk_insert(bundle, [{"role": role, "permission": code} for role, code in HELD])


def downgrade() -> None:
    for code, _, _ in PERMISSIONS:
        op.execute(f"DELETE FROM role_permission WHERE permission = '{code}'")
        op.execute(f"DELETE FROM permission WHERE code = '{code}'")
    op.execute("REVOKE UPDATE (filed_at) ON incident FROM wangge_dispatcher")
    for name in (*WORKERS, *COUNTS, *MOMENTS):
        op.drop_column("incident", name)
