"""who may see what"""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.schema import Ltree

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PERMISSIONS = (
    ("incident.report", "上报事件", "Report incidents"),
    ("incident.view", "查看事件", "See incidents"),
    ("incident.close", "结案", "Close incidents"),
    ("incident.export", "导出事件", "Export incidents"),
    ("task.answer", "接单与办理", "Answer tasks"),
    ("worker.view", "查看人员及位置", "See workers and where they are"),
    ("worker.move", "代报位置", "Set a worker's position"),
    ("ground.view", "查看网格与区域", "See grids and areas"),
    ("household.view", "查看住户", "See households"),
    ("account.view", "查看账号", "See accounts"),
    ("account.manage", "管理账号", "Add, lock and reset accounts"),
    ("role.assign", "分配角色", "Give and take roles"),
    ("audit.view", "查看审计", "Read the audit"),
)
ROLES = (
    ("resident", "居民", "Resident", False, "incident.report"),
    ("worker", "网格员", "Worker", False, "incident.report task.answer ground.view"),
    (
        "grid_leader",
        "网格长",
        "Grid leader",
        False,
        "incident.report incident.view task.answer worker.view ground.view household.view",
    ),
    (
        "dispatcher",
        "调度员",
        "Dispatcher",
        False,
        "incident.report incident.view incident.close worker.view worker.move ground.view",
    ),
    (
        "duty_chief",
        "值班长",
        "Duty chief",
        False,
        "incident.report incident.view incident.close incident.export worker.view worker.move ground.view household.view",
    ),
    ("planner", "规划员", "Planner", False, "incident.view incident.export ground.view household.view"),
    ("department", "部门", "Department", False, "incident.report ground.view"),
    ("family", "家属", "Family", False, "incident.report"),
    ("doctor", "医生", "Doctor", False, "incident.report incident.view ground.view"),
    ("auditor", "审计管理员", "Auditor", True, "audit.view"),
    ("security_admin", "安全管理员", "Security administrator", True, "account.view role.assign ground.view"),
    ("system_admin", "系统管理员", "System administrator", True, "account.view account.manage"),
)

# What a transaction is told about the person it serves, and what it means. Only for the transaction:
# set_config(…, true). A connection that was told nothing serves the rules, or, as wangge_app, nobody.
# Reporting and answering command one's own alone, whatever lies in one's areas.
# The last two: who sees an account sees its worker's code and its roles' areas, and by that no more of either.
FUNCTIONS = """
CREATE FUNCTION acting() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('wangge.account', true), '') <> '' $$;
CREATE FUNCTION by_rules() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('wangge.account', true), '') = '' $$;
CREATE FUNCTION me() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('wangge.actor', true), '') $$;
CREATE FUNCTION my_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('wangge.account', true), '')::uuid $$;
CREATE FUNCTION scope(permission text) RETURNS ltree[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT ARRAY(SELECT jsonb_array_elements_text(
        nullif(current_setting('wangge.rights', true), '')::jsonb -> permission)::ltree) $$;
CREATE FUNCTION my_worker() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN cardinality(scope('task.answer')) > 0
       THEN nullif(current_setting('wangge.worker', true), '')::uuid END $$;
CREATE FUNCTION as_reporter() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN cardinality(scope('incident.report')) > 0 THEN me() END $$;
CREATE FUNCTION commanding(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('wangge.permission', true) = permission, false) $$;
CREATE FUNCTION commanded() RETURNS ltree[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN commanding('incident.report') OR commanding('task.answer') THEN '{}'
       ELSE scope(current_setting('wangge.permission', true)) END $$;
CREATE FUNCTION place_key(layer text, path ltree) RETURNS ltree LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT text2ltree(coalesce(layer, '_')) || coalesce(path, ''::ltree) $$;

CREATE FUNCTION my_incidents() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF my_worker() IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT incident_id FROM task WHERE worker_id = my_worker()
                 AND (ended_at IS NULL OR ended_at > now() - interval '12 hours'));
END $$;
CREATE FUNCTION my_grids() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT coalesce(grid_id, nearest_grid_id) FROM incident WHERE id = ANY(my_incidents())
        UNION
        (SELECT coalesce(grid_id, nearest_grid_id) FROM incident WHERE reporter = as_reporter() ORDER BY id DESC LIMIT 500));
END $$;
CREATE FUNCTION worker_of_account(one uuid) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT w.code FROM account a JOIN worker w ON w.id = a.worker_id
            WHERE a.id = one AND (a.id = my_account() OR ''::ltree = ANY (scope('account.view'))));
END $$;
CREATE FUNCTION area_of_role(held uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('code', p.code, 'name', p.name)
            FROM account_role ar JOIN area p ON p.id = ar.area_id
            WHERE ar.id = held
              AND (ar.account_id = my_account() OR ''::ltree = ANY (scope('account.view'))));
END $$;
"""

AREA_SEEN = """place_key(NULL, path) <@ ANY ((SELECT scope('ground.view'))::ltree[])
    OR place_key(NULL, path) @> ANY ((SELECT scope('ground.view'))::ltree[])"""
GRID_SEEN = """place_key(layer, area_path) <@ ANY ((SELECT scope('ground.view'))::ltree[])
    OR id = ANY ((SELECT my_grids())::uuid[])"""
HOUSEHOLD_SEEN = "place_key(NULL, area_path) <@ ANY ((SELECT scope('household.view'))::ltree[])"
MY_REPORT = "(commanding('incident.report') AND reporter = me())"
COMMANDED = """by_rules() OR place_key(layer, area_path) <@ ANY ((SELECT commanded())::ltree[])
    OR (commanding('task.answer') AND id = ANY ((SELECT my_incidents())::uuid[]))"""
OF_TOUCHED = f"""by_rules()
    OR EXISTS (SELECT FROM incident WHERE incident.id = incident_id AND ({MY_REPORT} OR {COMMANDED}))"""
TOWNWIDE_MANAGE = "''::ltree = ANY ((SELECT scope('account.manage'))::ltree[])"
TOWNWIDE_VIEW = "''::ltree = ANY ((SELECT scope('account.view'))::ltree[])"
MAY_GIVE = """by_rules() OR CASE WHEN area_id IS NULL
    THEN ''::ltree = ANY ((SELECT scope('role.assign'))::ltree[])
    ELSE EXISTS (SELECT FROM area a WHERE a.id = area_id
                 AND place_key(NULL, a.path) <@ ANY ((SELECT scope('role.assign'))::ltree[])
                 AND place_key(layer, a.path) <@ ANY ((SELECT scope('role.assign'))::ltree[])) END
    AND account_id <> my_account()"""
MOVED = """by_rules() OR worker_id = my_worker() OR EXISTS (SELECT FROM worker w WHERE w.id = worker_id
    AND place_key(NULL, w.area_path) <@ ANY ((SELECT scope('worker.move'))::ltree[]))"""

PUBLIC = (
    "town",
    "area_level",
    "grid_layer",
    "category",
    "ground",
    "street",
    "building",
    "permission",
    "role",
    "role_permission",
)
# Table, command, name, condition. What a person reads:
SEEN = (
    *((table, "everybody_signed_in", "acting()") for table in PUBLIC),
    ("area", "of_ones_ground_and_above", AREA_SEEN),
    ("grid", "of_ones_ground_or_matters", GRID_SEEN),
    ("household", "of_ones_households", HOUSEHOLD_SEEN),
    (
        "worker",
        "of_ones_workers_or_oneself",
        "place_key(NULL, area_path) <@ ANY ((SELECT scope('worker.view'))::ltree[]) OR id = (SELECT my_worker())",
    ),
    ("worker_position", "of_whom_one_sees", "EXISTS (SELECT FROM worker w WHERE w.id = worker_id)"),
    (
        "incident",
        "of_ones_area_or_own",
        "place_key(layer, area_path) <@ ANY ((SELECT scope('incident.view'))::ltree[])"
        " OR reporter = (SELECT as_reporter()) OR id = ANY ((SELECT my_incidents())::uuid[])",
    ),
    (
        "task",
        "of_ones_area_or_own",
        "place_key(layer, area_path) <@ ANY ((SELECT scope('incident.view'))::ltree[])"
        " OR worker_id = (SELECT my_worker())",
    ),
    ("incident_event", "of_incidents_one_sees", "EXISTS (SELECT FROM incident i WHERE i.id = incident_id)"),
    ("account", "ones_own_or_administered", f"id = (SELECT my_account()) OR {TOWNWIDE_VIEW}"),
    ("account_role", "ones_own_or_administered", f"account_id = (SELECT my_account()) OR {TOWNWIDE_VIEW}"),
    ("access_token", "ones_own", "account_id = (SELECT my_account())"),
)
# What the desk may do: everything for the rules; for a person what the person may command.
DONE = (
    ("town", "UPDATE", "by_rules()"),
    ("worker", "UPDATE", "true"),
    ("worker_position", "INSERT", MOVED),
    ("worker_position", "UPDATE", MOVED),
    ("incident", "INSERT", f"by_rules() OR {MY_REPORT}"),
    ("incident", "UPDATE", COMMANDED),
    ("task", "INSERT", OF_TOUCHED),
    (
        "task",
        "UPDATE",
        "by_rules() OR place_key(layer, area_path) <@ ANY ((SELECT commanded())::ltree[])"
        " OR (commanding('task.answer') AND worker_id = my_worker())",
    ),
    ("incident_event", "INSERT", OF_TOUCHED),
    ("outbox", "INSERT", "true"),
    ("outbox", "DELETE", "by_rules()"),
    ("answer", "INSERT", "by_rules() OR actor = me()"),
    ("answer", "UPDATE", "by_rules() OR actor = me()"),
    ("answer", "DELETE", "by_rules()"),
    ("account", "INSERT", f"by_rules() OR {TOWNWIDE_MANAGE}"),
    ("account", "UPDATE", f"by_rules() OR id = my_account() OR {TOWNWIDE_MANAGE}"),
    ("account_role", "INSERT", MAY_GIVE),
    ("account_role", "DELETE", MAY_GIVE),
    ("access_token", "INSERT", "by_rules() OR account_id = my_account()"),
    ("access_token", "UPDATE", f"by_rules() OR account_id = my_account() OR {TOWNWIDE_MANAGE}"),
    ("access_token", "DELETE", "by_rules()"),
    ("sign_in_attempt", "INSERT", "by_rules()"),
    ("sign_in_attempt", "DELETE", "by_rules()"),
)
CHOOSES_FROM = (
    *PUBLIC,
    "area",
    "grid",
    "worker",
    "worker_position",
    "incident",
    "task",
    "incident_event",
    "outbox",
)
# Of these the desk reads what it needs for the person it serves; of households nothing.
READS = (
    ("household", "by_rules()"),
    ("account", f"by_rules() OR id = my_account() OR {TOWNWIDE_VIEW}"),
    ("account_role", f"by_rules() OR account_id = my_account() OR {TOWNWIDE_VIEW}"),
    ("access_token", f"by_rules() OR account_id = my_account() OR {TOWNWIDE_MANAGE}"),
    ("answer", "by_rules() OR actor = me()"),
    ("sign_in_attempt", "by_rules()"),
)
TABLES = (*CHOOSES_FROM, *(table for table, _ in READS))

# PostGIS operators are not leak-proof, so under a policy no spatial index is used. These functions are the one way
# round: they ask the index as the owner, and the policy's own condition beside it.
BOXES = (
    ("ground", "shape_3857 && box", "acting()"),
    ("street", "line_3857 && box", "acting()"),
    ("building", "shape_3857 && box", "acting()"),
    ("area", "shape_3857 && box", AREA_SEEN),
    ("grid", "shape_3857 && box", GRID_SEEN),
    ("household", "point && st_transform(box, 4326)", HOUSEHOLD_SEEN),
)

GRANTS = (
    "GRANT SELECT ON permission, role, role_permission, account_role TO wangge_app, wangge_dispatcher",
    "GRANT SELECT (id, login, name, worker_id, created_at, locked_at, has_password) ON account TO wangge_app",
    "GRANT SELECT (id, account_id, kind, label, permissions, created_at, used_at, expires_at, revoked_at)"
    " ON access_token TO wangge_app",
    "GRANT SELECT ON account, access_token, sign_in_attempt TO wangge_dispatcher",
    "GRANT INSERT ON account, access_token TO wangge_dispatcher",
    "GRANT UPDATE (password_hash, locked_at) ON account TO wangge_dispatcher",
    "GRANT UPDATE (used_at, revoked_at), DELETE ON access_token TO wangge_dispatcher",
    "GRANT INSERT, DELETE ON account_role, sign_in_attempt TO wangge_dispatcher",
    "REVOKE UPDATE ON incident, task FROM wangge_dispatcher",
    "GRANT UPDATE (status, closed_at, disposition) ON incident TO wangge_dispatcher",
    "GRANT UPDATE (status, accepted_at, on_scene_at, ended_at, reason, result) ON task TO wangge_dispatcher",
    "REVOKE SELECT ON outbox FROM wangge_app",
    "REVOKE EXECUTE ON FUNCTION my_incidents(), my_grids() FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION worker_of_account(uuid), area_of_role(uuid) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION worker_of_account(uuid), area_of_role(uuid) TO wangge_app, wangge_dispatcher",
    "GRANT EXECUTE ON FUNCTION my_incidents(), my_grids() TO wangge_app, wangge_dispatcher",
)

MOVE_IN = """
UPDATE grid SET area_path = a.path FROM area a WHERE a.id = grid.area_id;
UPDATE worker SET area_path = a.path FROM area a WHERE a.id = worker.home_area_id;
UPDATE household h SET (area_id, area_path) = (
    SELECT g.area_id, g.area_path FROM grid g
    WHERE g.layer = 'governance' AND g.valid @> now() AND st_covers(g.shape, h.point) ORDER BY g.code LIMIT 1);
UPDATE incident i SET area_path = g.area_path FROM grid g WHERE g.id = i.grid_id;
UPDATE task t SET layer = i.layer, area_path = i.area_path FROM incident i WHERE i.id = t.incident_id;
"""

ACCESS_TOKEN_BEFORE = """
CREATE TABLE access_token (
    id uuid NOT NULL, hash bytea NOT NULL, kind text NOT NULL, worker_id uuid, expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT access_token_pkey PRIMARY KEY (id), CONSTRAINT access_token_hash_key UNIQUE (hash),
    CONSTRAINT access_token_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker (id),
    CONSTRAINT access_token_kind_check CHECK (kind IN ('dispatcher', 'worker', 'reporter')),
    CONSTRAINT access_token_worker_check CHECK ((kind = 'worker') = (worker_id IS NOT NULL))
);
GRANT SELECT ON access_token TO wangge_app, wangge_dispatcher;
GRANT INSERT ON access_token TO wangge_dispatcher;
GRANT UPDATE (revoked_at), DELETE ON access_token TO wangge_dispatcher;
GRANT SELECT ON outbox TO wangge_app;
REVOKE UPDATE (status, closed_at, disposition) ON incident FROM wangge_dispatcher;
REVOKE UPDATE (status, accepted_at, on_scene_at, ended_at, reason, result) ON task FROM wangge_dispatcher;
GRANT UPDATE ON incident, task TO wangge_dispatcher;
"""
OUTBOX_KINDS = (
    "ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check, ADD CONSTRAINT outbox_kind_check CHECK (kind IN ({}))"
)


def upgrade() -> None:
    _create_tables()
    _add_columns()
    _run(MOVE_IN)
    op.alter_column("grid", "area_path", nullable=False)
    op.alter_column("task", "layer", nullable=False)
    _add_keys()
    op.execute(OUTBOX_KINDS.format("'incident', 'task', 'ground', 'rules', 'rights'"))
    op.execute(
        "ALTER TABLE grid_layer ADD CONSTRAINT grid_layer_code_check CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_]{0,63}$')"
    )
    _write_rows()
    _guard()


def _run(script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "permission",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("permission_pkey")),
    )
    op.create_table(
        "role",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("administrator", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("role_pkey")),
        sa.UniqueConstraint("code", "administrator", name=op.f("role_code_administrator_key")),
    )
    op.create_table(
        "role_permission",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["permission"], ["permission.code"], name=op.f("role_permission_permission_fkey")),
        sa.ForeignKeyConstraint(["role"], ["role.code"], name=op.f("role_permission_role_fkey")),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("role_permission_pkey")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("login_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_attempt_pkey")),
    )
    op.create_index("sign_in_attempt_address_idx", "sign_in_attempt", ["address_hash", "at"], unique=False)
    op.create_index("sign_in_attempt_login_idx", "sign_in_attempt", ["login_hash", "at"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "has_password", sa.Boolean(), sa.Computed("password_hash IS NOT NULL", persisted=True), nullable=False
        ),
        sa.CheckConstraint(
            "login ~ '^[[:alnum:]][[:alnum:]._-]{0,63}$' AND login = lower(login)", name=op.f("account_login_check")
        ),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 100", name=op.f("account_name_check")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("account_worker_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
        sa.UniqueConstraint("login", name=op.f("account_login_key")),
        sa.UniqueConstraint("worker_id", name=op.f("account_worker_id_key")),
    )
    op.create_table(
        "account_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT administrator OR (area_id IS NULL AND layer IS NULL)",
            name=op.f("account_role_administrators_are_townwide_check"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("account_role_account_id_fkey")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("account_role_area_id_fkey")),
        sa.ForeignKeyConstraint(["layer"], ["grid_layer.code"], name=op.f("account_role_layer_fkey")),
        sa.ForeignKeyConstraint(
            ["role", "administrator"],
            ["role.code", "role.administrator"],
            name=op.f("account_role_role_administrator_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("account_role_pkey")),
        sa.UniqueConstraint(
            "account_id",
            "role",
            "area_id",
            "layer",
            name=op.f("account_role_account_id_role_area_id_layer_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "account_role_one_administrator_role",
        "account_role",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("administrator"),
    )
    op.drop_table("access_token")  # nobody's account is known yet: everybody signs in anew
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('session', 'program')", name=op.f("access_token_kind_check")),
        sa.CheckConstraint("char_length(label) <= 100", name=op.f("access_token_label_check")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("access_token_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("access_token_pkey")),
        sa.UniqueConstraint("hash", name=op.f("access_token_hash_key")),
    )
    op.create_index(op.f("access_token_account_id_idx"), "access_token", ["account_id"], unique=False)


def _add_columns() -> None:
    op.add_column("grid", sa.Column("area_path", Ltree(), nullable=True))
    op.add_column("household", sa.Column("area_id", sa.Uuid(), nullable=True))
    op.add_column("household", sa.Column("area_path", Ltree(), nullable=True))
    op.add_column("incident", sa.Column("area_path", Ltree(), nullable=True))
    op.add_column("task", sa.Column("layer", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("area_path", Ltree(), nullable=True))
    op.add_column("worker", sa.Column("area_path", Ltree(), nullable=True))


IN_THE_TREE = (("grid", "area_id"), ("household", "area_id"), ("worker", "home_area_id"))


def _add_keys() -> None:
    op.create_unique_constraint(op.f("area_id_path_key"), "area", ["id", "path"])
    op.drop_constraint(op.f("worker_home_area_id_fkey"), "worker", type_="foreignkey")
    for table, column in IN_THE_TREE:
        op.create_foreign_key(
            op.f(f"{table}_{column}_area_path_fkey"),
            table,
            "area",
            [column, "area_path"],
            ["id", "path"],
            onupdate="CASCADE",
            match="FULL",
        )
    for table in ("incident", "task"):
        op.create_foreign_key(
            op.f(f"{table}_area_path_fkey"), table, "area", ["area_path"], ["path"], onupdate="CASCADE"
        )
        op.create_index(f"{table}_area_path_idx", table, ["area_path"], unique=False)
    op.create_index(op.f("household_area_id_idx"), "household", ["area_id"], unique=False)
    op.create_index("incident_reporter_idx", "incident", ["reporter", "id"], unique=False)


def _write_rows() -> None:
    text, boolean = sa.Text(), sa.Boolean()
    permission = sa.table("permission", sa.column("code", text), sa.column("name", text), sa.column("name_en", text))
    role = sa.table(
        "role",
        sa.column("code", text),
        sa.column("name", text),
        sa.column("name_en", text),
        sa.column("administrator", boolean),
    )
    bundle = sa.table("role_permission", sa.column("role", text), sa.column("permission", text))
    op.bulk_insert(permission, [{"code": c, "name": n, "name_en": e} for c, n, e in PERMISSIONS])
    op.bulk_insert(role, [{"code": c, "name": n, "name_en": e, "administrator": a} for c, n, e, a, _ in ROLES])
    op.bulk_insert(bundle, [{"role": r[0], "permission": code} for r in ROLES for code in r[4].split()])


def _guard() -> None:
    for statement in re.split(r";\s*\n(?=CREATE )", FUNCTIONS):
        op.execute(statement)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, name, condition in SEEN:
        op.execute(f"CREATE POLICY {name} ON {table} FOR SELECT TO wangge_app USING ({condition})")
    for table in CHOOSES_FROM:
        op.execute(f"CREATE POLICY rules_choose_from_all ON {table} FOR SELECT TO wangge_dispatcher USING (true)")
    for table, condition in READS:
        op.execute(f"CREATE POLICY desk_reads ON {table} FOR SELECT TO wangge_dispatcher USING ({condition})")
    for table, command, condition in DONE:
        clause = "WITH CHECK" if command == "INSERT" else "USING"
        op.execute(
            f"CREATE POLICY desk_{command.lower()} ON {table} FOR {command} TO wangge_dispatcher {clause} ({condition})"
        )
    for table, inside, condition in BOXES:
        op.execute(
            f"""CREATE FUNCTION {table}_in(box geometry) RETURNS SETOF {table} LANGUAGE plpgsql STABLE
            SECURITY DEFINER SET search_path = public, pg_temp AS $$
            BEGIN RETURN QUERY SELECT * FROM {table} WHERE {inside} AND ({condition}); END $$"""
        )
        op.execute(f"REVOKE EXECUTE ON FUNCTION {table}_in(geometry) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {table}_in(geometry) TO wangge_app")
    for statement in GRANTS:
        op.execute(statement)


def downgrade() -> None:
    for table, _, _ in BOXES:
        op.execute(f"DROP FUNCTION {table}_in(geometry)")
    for table in CHOOSES_FROM:
        op.execute(f"DROP POLICY rules_choose_from_all ON {table}")
    for table, _ in READS:
        op.execute(f"DROP POLICY desk_reads ON {table}")
    for table, command, _ in DONE:
        op.execute(f"DROP POLICY desk_{command.lower()} ON {table}")
    for table, name, _ in SEEN:
        op.execute(f"DROP POLICY {name} ON {table}")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(
        "DROP FUNCTION area_of_role(uuid), worker_of_account(uuid), my_grids(), my_incidents(),"
        " place_key(text, ltree), commanded(), commanding(text), as_reporter(), my_worker(), scope(text),"
        " my_account(), me(), by_rules(), acting()"
    )
    op.execute("DELETE FROM outbox WHERE kind = 'rights'")
    op.execute(OUTBOX_KINDS.format("'incident', 'task', 'ground', 'rules'"))
    op.execute("ALTER TABLE grid_layer DROP CONSTRAINT grid_layer_code_check")
    op.drop_index("incident_reporter_idx", table_name="incident")
    for table, column in IN_THE_TREE:
        op.drop_constraint(op.f(f"{table}_{column}_area_path_fkey"), table, type_="foreignkey")
    op.create_foreign_key(op.f("worker_home_area_id_fkey"), "worker", "area", ["home_area_id"], ["id"])
    for table in ("incident", "task"):
        op.drop_constraint(op.f(f"{table}_area_path_fkey"), table, type_="foreignkey")
    op.drop_constraint(op.f("area_id_path_key"), "area", type_="unique")
    for table, column in (
        ("grid", "area_path"),
        ("household", "area_path"),
        ("household", "area_id"),
        ("incident", "area_path"),
        ("task", "area_path"),
        ("task", "layer"),
        ("worker", "area_path"),
    ):
        op.drop_column(table, column)
    for table in (
        "access_token",
        "account_role",
        "account",
        "role_permission",
        "sign_in_attempt",
        "role",
        "permission",
    ):
        op.drop_table(table)
    _run(ACCESS_TOKEN_BEFORE)
