"""first tables"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from data.schema import Ltree, Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# wangge_app reads for pages; wangge_dispatcher does the rules' own work and can neither change nor
# delete history.
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO wangge_app, wangge_dispatcher",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO wangge_app, wangge_dispatcher",
    "REVOKE SELECT ON answer FROM wangge_app",
    "GRANT INSERT, UPDATE ON incident, task, worker_position TO wangge_dispatcher",
    "GRANT UPDATE (active_tasks, holds_exclusive, changed) ON worker TO wangge_dispatcher",
    "GRANT INSERT ON incident_event, access_token TO wangge_dispatcher",
    "GRANT UPDATE (revoked_at), DELETE ON access_token TO wangge_dispatcher",
    "GRANT INSERT, DELETE ON outbox TO wangge_dispatcher",
    "GRANT INSERT, UPDATE, DELETE ON answer TO wangge_dispatcher",
    "GRANT UPDATE (demo_clock) ON town TO wangge_dispatcher",
)

# Words of the glossary that every town starts with; a town may rename them and add its own.
FIRST_ROWS = (
    """INSERT INTO area_level (code, rank, name, name_en) VALUES
        ('district', 10, '区县', 'District'), ('street', 20, '街道', 'Sub-district'),
        ('community', 30, '社区', 'Community'), ('section', 40, '片区', 'Section'),
        ('grid', 50, '网格', 'Grid'), ('micro_grid', 60, '微网格', 'Micro-grid')""",
    """INSERT INTO grid_layer (code, name, name_en) VALUES
        ('governance', '全科网格', 'Governance grids'), ('health', '健康网格', 'Health grids')""",
    """INSERT INTO category (code, standard_ref, kind, standard_code, name, name_en, layer, skill, urgency,
                             ranking, exclusive, deadline_minutes, offer_seconds) VALUES
        ('other', 'wangge', 'matter', '99999', '其他', 'Other', 'governance', NULL, 'ordinary',
         'own_grid_first', false, 4320, 300)""",
)


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("answer_pkey")),
    )
    op.create_table(
        "area_level",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("area_level_pkey")),
        sa.UniqueConstraint("rank", name=op.f("area_level_rank_key")),
    )
    op.create_geospatial_table(
        "building",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("storeys", sa.SmallInteger(), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="POLYGON",
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
            "shape_3857",
            Geometry(
                geometry_type="POLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("kind IN ('home', 'shop', 'public', 'work')", name=op.f("building_kind_check")),
        sa.CheckConstraint("NOT st_isempty(shape)", name=op.f("building_shape_not_empty_check")),
        sa.CheckConstraint("storeys BETWEEN 1 AND 200", name=op.f("building_storeys_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("building_pkey")),
        sa.UniqueConstraint("code", name=op.f("building_code_key")),
    )
    op.create_geospatial_index(
        "building_shape_3857_gist",
        "building",
        ["shape_3857"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "grid_layer",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("grid_layer_pkey")),
    )
    op.create_geospatial_table(
        "ground",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="POLYGON",
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
            "shape_3857",
            Geometry(
                geometry_type="POLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("kind IN ('water', 'green', 'plaza')", name=op.f("ground_kind_check")),
        sa.CheckConstraint("NOT st_isempty(shape)", name=op.f("ground_shape_not_empty_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("ground_pkey")),
    )
    op.create_geospatial_index(
        "ground_shape_3857_gist", "ground", ["shape_3857"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "outbox",
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('incident', 'task', 'ground', 'rules')", name=op.f("outbox_kind_check")),
        sa.PrimaryKeyConstraint("xid", "id", name=op.f("outbox_pkey")),
    )
    op.create_geospatial_table(
        "street",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column(
            "line",
            Geometry(
                geometry_type="LINESTRING",
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
            "line_3857",
            Geometry(
                geometry_type="LINESTRING",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(line, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("class IN ('main', 'secondary', 'lane')", name=op.f("street_class_check")),
        sa.CheckConstraint("NOT st_isempty(line)", name=op.f("street_line_not_empty_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("street_pkey")),
    )
    op.create_geospatial_index(
        "street_line_3857_gist", "street", ["line_3857"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "town",
        sa.Column("id", sa.SmallInteger(), server_default=sa.text("1"), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("demo_seed", sa.Integer(), nullable=True),
        sa.Column("demo_clock", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("code ~ '^[0-9]{6}$'", name=op.f("town_code_check")),
        sa.CheckConstraint("id = 1", name=op.f("town_one_town_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("town_pkey")),
    )
    op.create_geospatial_table(
        "area",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", Ltree(), nullable=False),
        sa.Column(
            "shape",
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
        sa.Column(
            "shape_3857",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("code ~ '^[A-Za-z0-9_]{1,64}$'", name=op.f("area_code_check")),
        sa.CheckConstraint("NOT st_isempty(shape)", name=op.f("area_shape_not_empty_check")),
        sa.CheckConstraint("ltree2text(subpath(path, -1)) = code", name=op.f("area_path_ends_in_code_check")),
        sa.ForeignKeyConstraint(["level"], ["area_level.code"], name=op.f("area_level_fkey")),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("area_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("area_pkey")),
        sa.UniqueConstraint("code", name=op.f("area_code_key")),
        sa.UniqueConstraint("id", "code", name=op.f("area_id_code_key")),
        sa.UniqueConstraint("path", name=op.f("area_path_key")),
    )
    op.create_index(op.f("area_parent_id_idx"), "area", ["parent_id"], unique=False)
    op.create_index("area_path_gist", "area", ["path"], unique=False, postgresql_using="gist")
    op.create_geospatial_index(
        "area_shape_3857_gist", "area", ["shape_3857"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("standard_ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("standard_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("ranking", sa.Text(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("deadline_minutes", sa.Integer(), nullable=False),
        sa.Column("offer_seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('component', 'matter')", name=op.f("category_kind_check")),
        sa.CheckConstraint("ranking IN ('nearest', 'own_grid_first')", name=op.f("category_ranking_check")),
        sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'ordinary')", name=op.f("category_urgency_check")),
        sa.CheckConstraint("deadline_minutes > 0 AND offer_seconds > 0", name=op.f("category_clocks_check")),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("category_layer_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("category_pkey")),
        sa.UniqueConstraint(
            "standard_ref", "kind", "standard_code", name=op.f("category_standard_ref_kind_standard_code_key")
        ),
    )
    op.create_geospatial_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
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
        sa.CheckConstraint(
            "NOT st_isempty(point) AND st_x(point) BETWEEN -180 AND 180 AND st_y(point) BETWEEN -90 AND 90",
            name=op.f("household_point_on_earth_check"),
        ),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("household_building_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("household_pkey")),
        sa.UniqueConstraint("address", name=op.f("household_address_key")),
    )
    op.create_index(op.f("household_building_id_idx"), "household", ["building_id"], unique=False)
    op.create_index("household_cell_idx", "household", ["cell"], unique=False)
    op.create_geospatial_index(
        "household_point_gist", "household", ["point"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "grid",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="basic", nullable=False),
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
            "shape_3857",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("valid", postgresql.TSTZRANGE(), server_default=sa.text("tstzrange(now(), NULL)"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("layer"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="grid_one_version_at_a_time",
        ),
        sa.CheckConstraint("kind IN ('basic', 'dedicated')", name=op.f("grid_kind_check")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("grid_valid_not_empty_check")),
        sa.CheckConstraint("NOT st_isempty(shape)", name=op.f("grid_shape_not_empty_check")),
        sa.ForeignKeyConstraint(["area_id", "code"], ["area.id", "area.code"], name=op.f("grid_area_id_code_fkey")),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("grid_layer_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("grid_pkey")),
    )
    op.create_index("grid_area_id_idx", "grid", ["area_id"], unique=False)
    op.create_geospatial_index(
        "grid_shape_3857_gist", "grid", ["shape_3857"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "grid_shape_gist", "grid", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("home_area_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("active_tasks", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("holds_exclusive", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shift_starts", sa.Time(), nullable=False),
        sa.Column("shift_ends", sa.Time(), nullable=False),
        sa.Column("changed", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.CheckConstraint("NOT holds_exclusive OR active_tasks = 1", name=op.f("worker_exclusive_check")),
        sa.CheckConstraint("active_tasks BETWEEN 0 AND capacity", name=op.f("worker_load_check")),
        sa.CheckConstraint("capacity > 0", name=op.f("worker_capacity_check")),
        sa.ForeignKeyConstraint(["home_area_id"], ["area.id"], name=op.f("worker_home_area_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("worker_pkey")),
        sa.UniqueConstraint("code", name=op.f("worker_code_key")),
    )
    op.create_index("worker_changed_idx", "worker", ["changed"], unique=False)
    op.create_index(op.f("worker_home_area_id_idx"), "worker", ["home_area_id"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'worker') = (worker_id IS NOT NULL)", name=op.f("access_token_worker_check")),
        sa.CheckConstraint("kind IN ('dispatcher', 'worker', 'reporter')", name=op.f("access_token_kind_check")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("access_token_worker_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("access_token_pkey")),
        sa.UniqueConstraint("hash", name=op.f("access_token_hash_key")),
    )
    op.create_geospatial_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
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
        sa.Column("given_lng", sa.Float(), nullable=False),
        sa.Column("given_lat", sa.Float(), nullable=False),
        sa.Column("given_datum", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("nearest_grid_id", sa.Uuid(), nullable=True),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'closed') = (disposition IS NOT NULL)", name=op.f("incident_closed_has_disposition_check")
        ),
        sa.CheckConstraint(
            "given_datum IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')", name=op.f("incident_given_datum_check")
        ),
        sa.CheckConstraint(
            "status IN ('reported', 'received', 'verifying', 'filed', 'rejected', 'void', 'dispatched', 'handling', 'handled', 'inspecting', 'rework', 'closed', 'duplicate', 'returned', 'extension_requested', 'shelved')",
            name=op.f("incident_status_check"),
        ),
        sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'ordinary')", name=op.f("incident_urgency_check")),
        sa.CheckConstraint(
            "NOT st_isempty(point) AND st_x(point) BETWEEN -180 AND 180 AND st_y(point) BETWEEN -90 AND 90",
            name=op.f("incident_point_on_earth_check"),
        ),
        sa.CheckConstraint(
            "char_length(description) <= 4000 AND char_length(address) <= 300", name=op.f("incident_lengths_check")
        ),
        sa.CheckConstraint(
            "grid_id IS NULL OR nearest_grid_id IS NULL", name=op.f("incident_nearest_only_outside_check")
        ),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("incident_category_fkey")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("incident_grid_id_fkey")),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("incident_layer_fkey")),
        sa.ForeignKeyConstraint(["nearest_grid_id"], ["grid.id"], name=op.f("incident_nearest_grid_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_pkey")),
    )
    op.create_index(
        "incident_closed_at_idx",
        "incident",
        ["closed_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("incident_filed_at_idx", "incident", ["filed_at"], unique=False)
    op.create_index(op.f("incident_grid_id_idx"), "incident", ["grid_id"], unique=False)
    op.create_index(
        "incident_open_idx",
        "incident",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status NOT IN ('closed', 'rejected', 'void', 'duplicate')"),
    )
    op.create_geospatial_index(
        "incident_point_gist", "incident", ["point"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(
        "incident_waiting_idx", "incident", ["id"], unique=False, postgresql_where=sa.text("status = 'filed'")
    )
    op.create_geospatial_table(
        "worker_position",
        sa.Column("worker_id", sa.Uuid(), nullable=False),
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
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_datum", sa.Text(), nullable=False),
        sa.Column("changed", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.CheckConstraint(
            "given_datum IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')", name=op.f("worker_position_given_datum_check")
        ),
        sa.CheckConstraint(
            "NOT st_isempty(point) AND st_x(point) BETWEEN -180 AND 180 AND st_y(point) BETWEEN -90 AND 90",
            name=op.f("worker_position_point_on_earth_check"),
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("worker_position_worker_id_fkey")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("worker_position_pkey")),
    )
    op.create_index("worker_position_changed_idx", "worker_position", ["changed"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt_no", sa.SmallInteger(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("metres", sa.Float(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_scene_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('offered', 'accepted', 'on_scene')) = (ended_at IS NULL)", name=op.f("task_ended_check")
        ),
        sa.CheckConstraint(
            "status IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'on_scene', 'done', 'failed')",
            name=op.f("task_status_check"),
        ),
        sa.CheckConstraint(
            "char_length(reason) <= 1000 AND char_length(result) <= 1000", name=op.f("task_lengths_check")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("task_incident_id_fkey")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("task_worker_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("task_pkey")),
        sa.UniqueConstraint("incident_id", "attempt_no", name=op.f("task_incident_id_attempt_no_key")),
    )
    op.create_index(
        "task_offer_expires_at_idx",
        "task",
        ["offer_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(
        "task_one_active_per_exclusive_worker",
        "task",
        ["worker_id"],
        unique=True,
        postgresql_where=sa.text("exclusive AND status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.create_index(
        "task_one_active_per_incident",
        "task",
        ["incident_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.create_index("task_worker_id_ended_at_idx", "task", ["worker_id", "ended_at"], unique=False)
    op.create_table(
        "incident_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status_from", sa.Text(), nullable=True),
        sa.Column("status_to", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("incident_event_incident_id_fkey")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("incident_event_task_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_event_pkey")),
    )
    op.create_index(op.f("incident_event_incident_id_idx"), "incident_event", ["incident_id"], unique=False)

    for statement in FIRST_ROWS + GRANTS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("incident_event_incident_id_idx"), table_name="incident_event")
    op.drop_table("incident_event")
    op.drop_index("task_worker_id_ended_at_idx", table_name="task")
    op.drop_index(
        "task_one_active_per_incident",
        table_name="task",
        postgresql_where=sa.text("status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.drop_index(
        "task_one_active_per_exclusive_worker",
        table_name="task",
        postgresql_where=sa.text("exclusive AND status IN ('offered', 'accepted', 'on_scene')"),
    )
    op.drop_index("task_offer_expires_at_idx", table_name="task", postgresql_where=sa.text("status = 'offered'"))
    op.drop_table("task")
    op.drop_index("worker_position_changed_idx", table_name="worker_position")
    op.drop_geospatial_table("worker_position")
    op.drop_index("incident_waiting_idx", table_name="incident", postgresql_where=sa.text("status = 'filed'"))
    op.drop_geospatial_index(
        "incident_point_gist", table_name="incident", postgresql_using="gist", column_name="point"
    )
    op.drop_index(
        "incident_open_idx",
        table_name="incident",
        postgresql_where=sa.text("status NOT IN ('closed', 'rejected', 'void', 'duplicate')"),
    )
    op.drop_index(op.f("incident_grid_id_idx"), table_name="incident")
    op.drop_index("incident_filed_at_idx", table_name="incident")
    op.drop_index("incident_closed_at_idx", table_name="incident", postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.drop_geospatial_table("incident")
    op.drop_table("access_token")
    op.drop_index(op.f("worker_home_area_id_idx"), table_name="worker")
    op.drop_index("worker_changed_idx", table_name="worker")
    op.drop_table("worker")
    op.drop_geospatial_index("grid_shape_gist", table_name="grid", postgresql_using="gist", column_name="shape")
    op.drop_geospatial_index(
        "grid_shape_3857_gist", table_name="grid", postgresql_using="gist", column_name="shape_3857"
    )
    op.drop_index("grid_area_id_idx", table_name="grid")
    op.drop_geospatial_table("grid")
    op.drop_geospatial_index(
        "household_point_gist", table_name="household", postgresql_using="gist", column_name="point"
    )
    op.drop_index("household_cell_idx", table_name="household")
    op.drop_index(op.f("household_building_id_idx"), table_name="household")
    op.drop_geospatial_table("household")
    op.drop_table("category")
    op.drop_geospatial_index(
        "area_shape_3857_gist", table_name="area", postgresql_using="gist", column_name="shape_3857"
    )
    op.drop_index("area_path_gist", table_name="area", postgresql_using="gist")
    op.drop_index(op.f("area_parent_id_idx"), table_name="area")
    op.drop_geospatial_table("area")
    op.drop_table("town")
    op.drop_geospatial_index(
        "street_line_3857_gist", table_name="street", postgresql_using="gist", column_name="line_3857"
    )
    op.drop_geospatial_table("street")
    op.drop_table("outbox")
    op.drop_geospatial_index(
        "ground_shape_3857_gist", table_name="ground", postgresql_using="gist", column_name="shape_3857"
    )
    op.drop_geospatial_table("ground")
    op.drop_table("grid_layer")
    op.drop_geospatial_index(
        "building_shape_3857_gist", table_name="building", postgresql_using="gist", column_name="shape_3857"
    )
    op.drop_geospatial_table("building")
    op.drop_table("area_level")
    op.drop_table("answer")
