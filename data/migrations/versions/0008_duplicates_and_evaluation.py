"""duplicates and evaluation"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What lies in public and is nobody's own: a stranger near by may learn that it is known already.
SHARED = (
    "fire",
    "gas_leak",
    "elevator_trapped",
    "heating_failure",
    "water_burst",
    "power_cut",
    "hazard",
    "fire_lane_blocked",
    "tree_down",
    "manhole_cover",
    "road_damage",
    "street_light",
    "garbage",
    "parking",
    "noise",
    "stray_dog",
)

# Under a policy no spatial index is used: the one way round asks as the owner, with the policy's own conditions. Whoever
# may only report learns of what is shared no more than that it is known; texts are for who sees the incident anyway.
NEAR = """
CREATE FUNCTION incidents_near(at_lng float8, at_lat float8, of_category text, words text, radius_m float8,
                               since timestamptz, but uuid, like_words real, most integer)
    RETURNS TABLE (id uuid, metres float8, reported_at timestamptz, status text, likeness real, followers bigint,
                   seen boolean, description text, address text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here geometry := st_setsrid(st_makepoint(at_lng, at_lat), 4326);
    up float8 := radius_m / 110500;
    shared boolean := cardinality(scope('incident.report')) > 0
        AND EXISTS (SELECT FROM category c WHERE c.code = of_category AND c.shared);
BEGIN
    IF NOT acting() THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT n.id, n.metres, n.reported_at, n.status, n.likeness,
           (SELECT count(*) FROM incident d WHERE d.duplicate_of = n.id)
           + (SELECT count(*) FROM receipt r JOIN incident d ON d.id = r.incident_id
              WHERE r.kind = 'follow' AND (d.id = n.id OR d.duplicate_of = n.id)),
           n.seen, CASE WHEN n.seen THEN n.description END, CASE WHEN n.seen THEN n.address END
    FROM (
        SELECT i.id, i.reported_at, i.status, i.description, i.address, similarity(i.description, words) AS likeness,
               st_distancesphere(i.point, here) AS metres,
               coalesce(place_key(i.layer, i.area_path) <@ ANY (scope('incident.view')) OR i.reporter = as_reporter(),
                        false) AS seen
        FROM incident i
        WHERE i.point && st_expand(here, up / greatest(cos(radians(at_lat)), 0.01), up) AND i.category = of_category
          AND i.status NOT IN ('closed', 'rejected', 'void', 'duplicate') AND i.reported_at >= since
          AND i.id IS DISTINCT FROM but
        OFFSET 0) n
    WHERE n.metres <= radius_m AND (shared OR n.seen)
    ORDER BY n.likeness >= like_words DESC, n.metres, n.id LIMIT most;
END $$
"""
# What a receipt tells whoever has its code: of its incident, or of the one it was merged with, how it stands and when it
# came to each step; and how the holder judged the present closing. Nobody's name, nobody's text, no place.
SHOWN = """
CREATE FUNCTION receipt_shown(of_hash bytea) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'kind', r.kind, 'category', c.code, 'name', c.name, 'name_en', c.name_en,
            'status', i.status, 'merged', o.duplicate_of IS NOT NULL,
            'reported_at', o.reported_at, 'deadline', i.deadline_at,
            'closed_at', i.closed_at, 'disposition', i.disposition, 'now', clock_timestamp(),
            'steps', (
                SELECT jsonb_agg(jsonb_build_object(
                    'kind', e.kind, 'at', e.at, 'to', e.status_to) ORDER BY e.id)
                FROM incident_event e
                WHERE e.kind IN ('reported', 'received', 'filed', 'offered', 'dispatched', 'accepted',
                                 'on_scene', 'done', 'rework', 'closed', 'rejected', 'void', 'duplicate', 'shelved', 'resumed', 'extended', 'overdue',
                                 'awaiting', 'went_on', 'reopened')
                  AND NOT e.facts ? 'step'
                  AND (e.incident_id = i.id AND (i.id = o.id OR e.kind NOT IN ('reported', 'filed'))
                       OR e.incident_id = o.id AND e.kind IN ('reported', 'filed', 'duplicate'))),
            'evaluation', (
                SELECT jsonb_build_object('stars', v.stars, 'solved', v.solved, 'words', v.words, 'at', v.at)
                FROM evaluation v WHERE v.receipt_id = r.id ORDER BY v.id DESC LIMIT 1),
            'evaluated', EXISTS (SELECT FROM evaluation v WHERE v.receipt_id = r.id AND v.closed_at = i.closed_at))
        FROM receipt r
        JOIN incident o ON o.id = r.incident_id
        JOIN incident i ON i.id = coalesce(o.duplicate_of, o.id)
        JOIN category c ON c.code = o.category
        WHERE r.hash = of_hash);
END $$
"""
OF_SEEN = "EXISTS (SELECT FROM incident i WHERE i.id = incident_id)"
JUDGED_SEEN = """EXISTS (SELECT FROM incident i WHERE i.id = incident_id
    AND (place_key(i.layer, i.area_path) <@ ANY ((SELECT scope('incident.view'))::ltree[])
         OR i.id = ANY ((SELECT my_incidents())::uuid[])))"""
MINE = "by_rules() OR holder = me()"
# A receipt is given with one's own report, or to whoever follows another's; on somebody's behalf it has no holder.
GIVEN = "by_rules() OR (commanding('incident.report') AND coalesce(holder = me(), true))"
POLICIES = (
    ("receipt", "of_incidents_one_sees", "SELECT", "wangge_app", OF_SEEN),
    ("receipt", "desk_reads", "SELECT", "wangge_dispatcher", MINE),
    ("receipt", "desk_insert", "INSERT", "wangge_dispatcher", GIVEN),
    ("receipt", "desk_update", "UPDATE", "wangge_dispatcher", MINE),
    ("evaluation", "of_incidents_one_views", "SELECT", "wangge_app", JUDGED_SEEN),
    ("evaluation", "desk_reads", "SELECT", "wangge_dispatcher", "by_rules()"),
    ("evaluation", "desk_insert", "INSERT", "wangge_dispatcher", "by_rules()"),
)
GRANTS = (
    "GRANT SELECT (id, incident_id, kind, made_at) ON receipt TO wangge_app",
    "GRANT SELECT, INSERT ON receipt TO wangge_dispatcher",
    "GRANT UPDATE (hash, made_at) ON receipt TO wangge_dispatcher",
    "GRANT SELECT ON evaluation TO wangge_app",
    "GRANT SELECT, INSERT ON evaluation TO wangge_dispatcher",
    "GRANT UPDATE (stars, solved) ON incident TO wangge_dispatcher",
    "REVOKE EXECUTE ON FUNCTION receipt_shown(bytea) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION receipt_shown(bytea) TO wangge_app",
    "REVOKE EXECUTE ON FUNCTION incidents_near(float8, float8, text, text, float8, timestamptz, uuid, real, integer) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION incidents_near(float8, float8, text, text, float8, timestamptz, uuid, real, integer) TO wangge_app",
)
JUDGED = "(stars IS NULL) = (solved IS NULL) AND stars BETWEEN 1 AND 5"


def upgrade() -> None:
    op.add_column("category", sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(f"UPDATE category SET shared = true WHERE code IN ({', '.join(map(repr, SHARED))})")
    op.add_column("incident", sa.Column("stars", sa.SmallInteger(), nullable=True))
    op.add_column("incident", sa.Column("solved", sa.Boolean(), nullable=True))
    op.execute(f"ALTER TABLE incident ADD CONSTRAINT incident_judged_check CHECK ({JUDGED})")
    _create_tables()
    op.execute(NEAR)
    op.execute(SHOWN)
    for table in ("receipt", "evaluation"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, name, command, role, condition in POLICIES:
        clause = "WITH CHECK" if command == "INSERT" else "USING"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO {role} {clause} ({condition})")
    for statement in GRANTS:
        op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'follow')", name=op.f("receipt_kind_check")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("receipt_incident_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("receipt_pkey")),
        sa.UniqueConstraint("hash", name=op.f("receipt_hash_key")),
        sa.UniqueConstraint("incident_id", "holder", name=op.f("receipt_incident_id_holder_key")),
    )
    op.create_index("receipt_follow_idx", "receipt", ["incident_id"], postgresql_where=sa.text("kind = 'follow'"))
    op.create_table(
        "evaluation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("evaluation_stars_check")),
        sa.CheckConstraint("char_length(words) BETWEEN 1 AND 1000", name=op.f("evaluation_words_check")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("evaluation_incident_id_fkey")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("evaluation_receipt_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("evaluation_pkey")),
        sa.UniqueConstraint("receipt_id", "closed_at", name=op.f("evaluation_receipt_id_closed_at_key")),
    )
    op.create_index(op.f("evaluation_incident_id_idx"), "evaluation", ["incident_id"], unique=False)


def downgrade() -> None:
    op.execute("DROP FUNCTION receipt_shown(bytea)")
    op.execute("DROP FUNCTION incidents_near(float8, float8, text, text, float8, timestamptz, uuid, real, integer)")
    op.drop_table("evaluation")
    op.drop_table("receipt")
    op.execute("ALTER TABLE incident DROP CONSTRAINT incident_judged_check")
    op.drop_column("incident", "solved")
    op.drop_column("incident", "stars")
    op.drop_column("category", "shared")
