"""ground and tree"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from data.schema import Ltree

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PERMISSIONS = (
    ("ground.check", "检查网格质量", "Check the ground and see its faults"),
    ("ground.change", "调整网格", "Redraw grids: make, accept and reject proposals"),
)
HELD = (
    ("planner", "ground.check"),
    ("planner", "ground.change"),
    ("grid_leader", "ground.check"),
    ("dispatcher", "ground.check"),
    ("duty_chief", "ground.check"),
)

# Whoever redraws the ground does so for the whole town and says so; the rules by themselves never do. They put households
# where the grids are when a planned redraw begins.
CHANGING = "commanding('ground.change') AND ''::ltree = ANY ((SELECT scope('ground.change'))::ltree[])"
CHECKING = "by_rules() OR (commanding('ground.check') AND cardinality((SELECT scope('ground.check'))) > 0)"
PROPOSING = f"by_rules() OR ({CHANGING})"
ONE_CHECKS = "cardinality((SELECT scope('ground.check'))) > 0"
TOWNWIDE = """''::ltree = ANY ((SELECT scope('ground.check'))::ltree[])
    OR ''::ltree = ANY ((SELECT scope('ground.change'))::ltree[])"""
SEEN = (
    ("address", "everybody_signed_in", "acting()"),
    ("grid_lineage", "of_grids_one_sees", "EXISTS (SELECT FROM grid g WHERE g.id IN (before, after))"),
    ("ground_check", "for_who_checks", ONE_CHECKS),
    (
        "ground_fault",
        "of_ones_ground",
        "place_key(layer, area_path) <@ ANY ((SELECT scope('ground.check'))::ltree[])",
    ),
    ("proposal", "for_who_checks_or_changes_the_town", TOWNWIDE),
    ("proposal_shape", "for_who_checks_or_changes_the_town", TOWNWIDE),
)
DONE = (
    ("area", "INSERT", CHANGING),
    ("area", "UPDATE", CHANGING),
    ("grid", "INSERT", CHANGING),
    ("grid", "UPDATE", CHANGING),
    ("grid_lineage", "INSERT", CHANGING),
    ("ground_check", "INSERT", CHECKING),
    ("ground_check", "UPDATE", CHECKING),
    ("ground_check", "DELETE", CHECKING),
    ("ground_fault", "INSERT", CHECKING),
    ("ground_fault", "DELETE", CHECKING),
    ("proposal", "INSERT", PROPOSING),
    ("proposal", "UPDATE", PROPOSING),
    ("proposal", "DELETE", PROPOSING),
    ("proposal_shape", "INSERT", PROPOSING),
    ("proposal_shape", "DELETE", PROPOSING),
)
NEW_TABLES = ("address", "grid_lineage", "ground_check", "ground_fault", "proposal", "proposal_shape")
# Households are read by whoever redraws, so that they can be counted and settled; by nobody else who is served.
HOUSEHOLDS_READ_BEFORE = "by_rules()"
HOUSEHOLDS_READ = f"by_rules() OR ({CHANGING})"
IN_BOX = """
CREATE FUNCTION address_in(box geometry) RETURNS SETOF address LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN RETURN QUERY SELECT * FROM address WHERE point && st_transform(box, 4326) AND (acting()); END $$
"""
# Households in each of these shapes (WKB, WGS 84), in their order; asked above the policies, under which no spatial index helps.
COUNTED = f"""
CREATE FUNCTION households_in_each(shapes bytea[]) RETURNS integer[] LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT ({PROPOSING}) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who may change the ground counts its households';
    END IF;
    RETURN ARRAY(
        SELECT (SELECT count(*)::integer FROM household h WHERE st_covers(given.shape, h.point))
        FROM (SELECT st_geomfromwkb(one, 4326) AS shape, n FROM unnest(shapes) WITH ORDINALITY AS g (one, n)) AS given
        ORDER BY given.n);
END $$
"""
# Households of a tile by cell of side × side, from zoom 16 also by area, of those the person may see. Arithmetic on degrees
# takes a fifth of the time of st_transform; compiling the statement would take longer than most tiles.
CELLS = """
CREATE FUNCTION household_cells(z integer, x integer, y integer, side integer)
RETURNS TABLE (cx integer, cy integer, n integer, path ltree) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    box geometry := st_transform(st_tileenvelope(z, x, y, margin => 0.001), 4326);
    across float8 := side * 2.0 ^ z;
    seen ltree[] := scope('household.view');
    everywhere boolean := ''::ltree = ANY (seen);
BEGIN
    RETURN QUERY
    SELECT at.cx - x * side, at.cy - y * side, count(*)::integer, at.path FROM (
        SELECT floor((st_x(h.point) + 180) / 360 * across)::integer AS cx,
               floor((0.5 - ln(tan(pi() / 4 + radians(st_y(h.point)) / 2)) / (2 * pi())) * across)::integer AS cy,
               CASE WHEN z >= 16 THEN h.area_path END AS path
        FROM household h
        WHERE h.point && box AND (everywhere OR place_key(NULL, h.area_path) <@ ANY (seen))
    ) AS at
    WHERE at.cx / side = x AND at.cy / side = y
    GROUP BY at.cx, at.cy, at.path;
END $$
"""
# Each household into the area of the governance grid that covers it now, none where none does; of several the lowest code.
# Grid by grid, by the index on households' points, which no policy lets anybody else use.
SETTLED = f"""
CREATE FUNCTION settle_households() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT ({PROPOSING}) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who may change the ground settles its households';
    END IF;
    UPDATE household h SET area_id = found.area_id, area_path = found.area_path
    FROM (
        SELECT o.id, g.area_id, g.area_path FROM household o LEFT JOIN (
            SELECT DISTINCT ON (p.id) p.id, c.area_id, c.area_path
            FROM grid c JOIN household p ON st_covers(c.shape, p.point)
            WHERE c.layer = 'governance' AND c.valid @> clock_timestamp()
            ORDER BY p.id, c.code
        ) g ON g.id = o.id
    ) found
    WHERE found.id = h.id AND (h.area_id, h.area_path) IS DISTINCT FROM (found.area_id, found.area_path);
END $$
"""
OUTLINES = "outline_far, outline_middle, outline_near"
GRANTS = (
    "REVOKE EXECUTE ON FUNCTION address_in(geometry) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION address_in(geometry) TO wangge_app",
    "REVOKE EXECUTE ON FUNCTION household_cells(integer, integer, integer, integer) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION household_cells(integer, integer, integer, integer) TO wangge_app",
    "REVOKE EXECUTE ON FUNCTION households_in_each(bytea[]), settle_households() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION households_in_each(bytea[]), settle_households() TO wangge_dispatcher",
    f"GRANT SELECT ON {', '.join(NEW_TABLES)} TO wangge_app, wangge_dispatcher",
    "GRANT INSERT ON area, grid, grid_lineage TO wangge_dispatcher",
    f"GRANT UPDATE (name, parent_id, path, shape, {OUTLINES}) ON area TO wangge_dispatcher",
    f"GRANT UPDATE (valid, {OUTLINES}) ON grid TO wangge_dispatcher",
    "GRANT INSERT, DELETE ON ground_check, ground_fault, proposal, proposal_shape TO wangge_dispatcher",
    "GRANT UPDATE (ended, status, counts, seen, reason) ON ground_check TO wangge_dispatcher",
    "GRANT UPDATE (status, decided, decided_by, summary, reason) ON proposal TO wangge_dispatcher",
)
BACK = (
    "REVOKE INSERT ON area, grid FROM wangge_dispatcher",
    f"REVOKE UPDATE (name, parent_id, path, shape, {OUTLINES}) ON area FROM wangge_dispatcher",
    f"REVOKE UPDATE (valid, {OUTLINES}) ON grid FROM wangge_dispatcher",
)
PURPOSES = "'mall', 'tower', 'campus', 'street', 'park', 'other'"
CHECKS = (
    ("area_level", "digits", "digits BETWEEN 1 AND 64"),
    ("grid", "purpose", f"purpose IN ({PURPOSES})"),
    ("grid", "dedicated_to_something", "(kind = 'dedicated') = (purpose IS NOT NULL)"),
    ("grid_layer", "households", "least_households >= 0 AND most_households >= 0"),
    ("grid_layer", "least_and_most", "least_households <= most_households"),
)
STREET_CLASSES = (
    "ALTER TABLE street DROP CONSTRAINT street_class_check, ADD CONSTRAINT street_class_check CHECK (class IN ({}))"
)


def upgrade() -> None:
    _create_tables()
    _change_tables()
    op.execute("UPDATE grid SET purpose = 'other' WHERE kind = 'dedicated'")
    op.execute(STREET_CLASSES.format("'main', 'secondary', 'lane', 'path'"))
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_check CHECK ({condition})")
    _write_rows()
    _guard()


def _create_tables() -> None:
    op.create_geospatial_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "NOT st_isempty(point) AND st_x(point) BETWEEN -180 AND 180 AND st_y(point) BETWEEN -90 AND 90",
            name=op.f("address_point_on_earth_check"),
        ),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("address_building_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("address_pkey")),
        sa.UniqueConstraint("source_ref", name=op.f("address_source_ref_key")),
    )
    op.create_index(op.f("address_building_id_idx"), "address", ["building_id"], unique=False)
    op.create_geospatial_index(
        "address_point_gist", "address", ["point"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "grid_lineage",
        sa.Column("before", sa.Uuid(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=False),
        sa.Column("m2", sa.Double(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.CheckConstraint("before <> after", name=op.f("grid_lineage_not_of_itself_check")),
        sa.CheckConstraint("m2 > 0 AND households >= 0", name=op.f("grid_lineage_counted_check")),
        sa.ForeignKeyConstraint(["after"], ["grid.id"], name=op.f("grid_lineage_after_fkey")),
        sa.ForeignKeyConstraint(["before"], ["grid.id"], name=op.f("grid_lineage_before_fkey")),
        sa.PrimaryKeyConstraint("before", "after", name=op.f("grid_lineage_pkey")),
    )
    op.create_index(op.f("grid_lineage_after_idx"), "grid_lineage", ["after"], unique=False)
    op.create_table(
        "ground_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "seen", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (ended IS NULL)", name=op.f("ground_check_running_until_ended_check")
        ),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'failed', 'stopped')", name=op.f("ground_check_status_check")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("ground_check_asked_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ground_check_pkey")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column(
            "summary", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('accepted', 'rejected')) = (decided IS NOT NULL)", name=op.f("proposal_decided_check")
        ),
        sa.CheckConstraint("kind IN ('repair', 'first_grids')", name=op.f("proposal_kind_check")),
        sa.CheckConstraint(
            "status IN ('running', 'proposed', 'accepted', 'rejected', 'failed')", name=op.f("proposal_status_check")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("proposal_decided_by_fkey")),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("proposal_layer_fkey")),
        sa.ForeignKeyConstraint(["level"], ["area_level.code"], name=op.f("proposal_level_fkey")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("proposal_made_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("proposal_pkey")),
    )
    op.create_geospatial_table(
        "ground_fault",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("other", sa.Text(), nullable=True),
        sa.Column("amount", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column(
            "place",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "shape",
            Geometry(srid=4326, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"),
            nullable=True,
        ),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("area_path", Ltree(), nullable=True),
        sa.CheckConstraint("kind ~ '^[a-z][a-z0-9_]{0,63}$'", name=op.f("ground_fault_kind_check")),
        sa.ForeignKeyConstraint(
            ["area_path"], ["area.path"], name=op.f("ground_fault_area_path_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["check_id"], ["ground_check.id"], name=op.f("ground_fault_check_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("ground_fault_household_id_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("ground_fault_layer_fkey")),
        sa.ForeignKeyConstraint(["level"], ["area_level.code"], name=op.f("ground_fault_level_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ground_fault_pkey")),
    )
    op.create_index("ground_fault_check_id_kind_idx", "ground_fault", ["check_id", "kind", "id"], unique=False)
    op.create_index(op.f("ground_fault_household_id_idx"), "ground_fault", ["household_id"], unique=False)
    op.create_geospatial_table(
        "proposal_shape",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "was",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("moved_m2", sa.Double(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.CheckConstraint("code ~ '^[A-Za-z0-9_]{1,64}$'", name=op.f("proposal_shape_code_check")),
        sa.CheckConstraint("NOT st_isempty(shape)", name=op.f("proposal_shape_shape_not_empty_check")),
        sa.CheckConstraint("moved_m2 >= 0 AND households >= 0", name=op.f("proposal_shape_counted_check")),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("proposal_shape_parent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("proposal_shape_proposal_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", "code", name=op.f("proposal_shape_pkey")),
    )


def _change_tables() -> None:
    op.add_column("area", sa.Column("source_ref", sa.Text(), nullable=True))
    op.add_column(
        "area",
        sa.Column(
            "outline_far",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "area",
        sa.Column(
            "outline_middle",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "area",
        sa.Column(
            "outline_near",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.create_unique_constraint(op.f("area_source_ref_key"), "area", ["source_ref"])
    op.add_column("area_level", sa.Column("digits", sa.SmallInteger(), nullable=True))
    op.add_column("building", sa.Column("source_ref", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("building_source_ref_key"), "building", ["source_ref"])
    op.add_column("grid", sa.Column("purpose", sa.Text(), nullable=True))
    op.add_column(
        "grid",
        sa.Column(
            "outline_far",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "grid",
        sa.Column(
            "outline_middle",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "grid",
        sa.Column(
            "outline_near",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "grid",
        sa.Column(
            "drawn",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
    )
    op.add_column("grid_layer", sa.Column("least_households", sa.Integer(), nullable=True))
    op.add_column("grid_layer", sa.Column("most_households", sa.Integer(), nullable=True))
    op.add_column("ground", sa.Column("source_ref", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("ground_source_ref_key"), "ground", ["source_ref"])
    op.add_column("street", sa.Column("source_ref", sa.Text(), nullable=True))
    op.alter_column("street", "name", existing_type=sa.TEXT(), nullable=True)
    op.create_unique_constraint(op.f("street_source_ref_key"), "street", ["source_ref"])


def _write_rows() -> None:
    text = sa.Text()
    permission = sa.table("permission", sa.column("code", text), sa.column("name", text), sa.column("name_en", text))
    bundle = sa.table("role_permission", sa.column("role", text), sa.column("permission", text))
    op.bulk_insert(permission, [{"code": c, "name": n, "name_en": e} for c, n, e in PERMISSIONS])
    op.bulk_insert(bundle, [{"role": role, "permission": code} for role, code in HELD])


def _guard() -> None:
    op.execute(IN_BOX)
    op.execute(COUNTED)
    op.execute(SETTLED)
    op.execute(CELLS)
    op.create_index(
        "outbox_ground_idx", "outbox", ["xid", "id"], unique=False, postgresql_where=sa.text("kind = 'ground'")
    )
    op.execute(f"ALTER POLICY desk_reads ON household USING ({HOUSEHOLDS_READ})")
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
    for table, command, _ in DONE:
        if table not in NEW_TABLES:
            op.execute(f"DROP POLICY desk_{command.lower()} ON {table}")
    op.execute(f"ALTER POLICY desk_reads ON household USING ({HOUSEHOLDS_READ_BEFORE})")
    for statement in BACK:
        op.execute(statement)
    op.drop_index("outbox_ground_idx", table_name="outbox", postgresql_where=sa.text("kind = 'ground'"))
    op.execute("DROP FUNCTION household_cells(integer, integer, integer, integer)")
    op.execute("DROP FUNCTION address_in(geometry), households_in_each(bytea[]), settle_households()")
    for code, _, _ in PERMISSIONS:
        op.execute(f"DELETE FROM role_permission WHERE permission = '{code}'")
        op.execute(f"DELETE FROM permission WHERE code = '{code}'")
    op.execute("UPDATE street SET class = 'lane' WHERE class = 'path'")
    op.execute("UPDATE street SET name = '' WHERE name IS NULL")
    op.execute(STREET_CLASSES.format("'main', 'secondary', 'lane'"))
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_check")
    op.drop_constraint(op.f("street_source_ref_key"), "street", type_="unique")
    op.alter_column("street", "name", existing_type=sa.TEXT(), nullable=False)
    op.drop_column("street", "source_ref")
    op.drop_constraint(op.f("ground_source_ref_key"), "ground", type_="unique")
    op.drop_column("ground", "source_ref")
    op.drop_column("grid_layer", "most_households")
    op.drop_column("grid_layer", "least_households")
    op.drop_column("grid", "drawn")
    op.drop_column("grid", "outline_near")
    op.drop_column("grid", "outline_middle")
    op.drop_column("grid", "outline_far")
    op.drop_column("grid", "purpose")
    op.drop_constraint(op.f("building_source_ref_key"), "building", type_="unique")
    op.drop_column("building", "source_ref")
    op.drop_column("area_level", "digits")
    op.drop_constraint(op.f("area_source_ref_key"), "area", type_="unique")
    op.drop_column("area", "outline_near")
    op.drop_column("area", "outline_middle")
    op.drop_column("area", "outline_far")
    op.drop_column("area", "source_ref")
    op.drop_geospatial_table("proposal_shape")
    op.drop_index(op.f("ground_fault_household_id_idx"), table_name="ground_fault")
    op.drop_index("ground_fault_check_id_kind_idx", table_name="ground_fault")
    op.drop_geospatial_table("ground_fault")
    op.drop_table("proposal")
    op.drop_table("ground_check")
    op.drop_index(op.f("grid_lineage_after_idx"), table_name="grid_lineage")
    op.drop_table("grid_lineage")
    op.drop_geospatial_index("address_point_gist", table_name="address", postgresql_using="gist", column_name="point")
    op.drop_index(op.f("address_building_id_idx"), table_name="address")
    op.drop_geospatial_table("address")
