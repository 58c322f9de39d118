"""positions in batches"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOVED = """by_rules() OR worker_id = my_worker() OR EXISTS (SELECT FROM worker w WHERE w.id = worker_id
    AND place_key(NULL, w.area_path) <@ ANY ((SELECT scope('worker.move'))::ltree[]))"""
# The same, but what is so of every row is asked once in a statement; whoever may move everybody is not asked about each.
MOVED_TOGETHER = """(SELECT by_rules()) OR worker_id = (SELECT my_worker())
    OR ''::ltree = ANY ((SELECT scope('worker.move'))::ltree[])
    OR EXISTS (SELECT FROM worker w WHERE w.id = worker_id
    AND place_key(NULL, w.area_path) <@ ANY ((SELECT scope('worker.move'))::ltree[]))"""


def upgrade() -> None:
    _guard(MOVED_TOGETHER)


def downgrade() -> None:
    _guard(MOVED)


def _guard(condition: str) -> None:
    op.execute(f"ALTER POLICY desk_insert ON worker_position WITH CHECK ({condition})")
    op.execute(f"ALTER POLICY desk_update ON worker_position USING ({condition})")
