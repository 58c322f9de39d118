"""What each role of the database may do, and that it may do no more."""

from collections import defaultdict

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.cluster import Cluster
from data.tables import metadata
from tests.support.guarded import Guarded
from tests.support.place import Place
from tests.support.privileges import (
    APP_READS_COLUMNS,
    APP_READS_NOTHING_OF,
    MAY_CALL,
    MAY_WRITE,
    MAY_WRITE_COLUMNS,
    READ,
)
from tests.support.sql import acting, rows


async def test_the_roles_have_these_privileges_and_no_other(cluster: Cluster, database: str) -> None:
    async with acting(cluster.url("postgres", database)) as connection:
        held: dict[tuple[str, str], set[str]] = defaultdict(set)
        for grantee, table, privilege in await rows(
            connection,
            """SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
            WHERE table_schema = 'public'
              AND grantee IN ('wangge_app', 'wangge_dispatcher', 'wangge_server', 'PUBLIC')
              AND table_name NOT IN ('spatial_ref_sys', 'geometry_columns', 'geography_columns')""",
        ):
            held[grantee, table].add(privilege)
        columns: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for grantee, table, privilege, column in await rows(
            connection,
            """SELECT a.grantee::regrole::text, c.relname, a.privilege_type, t.attname
            FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
            WHERE c.relnamespace = 'public'::regnamespace""",
        ):
            columns[grantee, table, privilege].add(column)
    tables = {*metadata.tables, "alembic_version"}
    wanted = {("wangge_dispatcher", table): READ | MAY_WRITE.get(table, set()) for table in tables}
    wanted |= {("wangge_app", table): READ for table in tables - APP_READS_NOTHING_OF - APP_READS_COLUMNS.keys()}
    assert dict(held) == wanted
    wanted_columns = {("wangge_dispatcher", table, "UPDATE"): some for table, some in MAY_WRITE_COLUMNS.items()}
    wanted_columns |= {("wangge_app", table, "SELECT"): some for table, some in APP_READS_COLUMNS.items()}
    assert dict(columns) == wanted_columns


async def test_our_functions_may_be_called_by_these_roles_and_no_other(cluster: Cluster, database: str) -> None:
    async with acting(cluster.url("postgres", database)) as connection:
        held: dict[str, set[str]] = defaultdict(set)
        for function, grantee in await rows(
            connection,
            """SELECT p.proname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
            FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE p.pronamespace = 'public'::regnamespace AND a.grantee <> p.proowner
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
        ):
            held[function].add(grantee)
        above = await rows(
            connection,
            """SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
              AND NOT proconfig @> '{"search_path=public, pg_temp"}'""",
        )
    assert dict(held) == MAY_CALL
    assert above == [], "whoever calls a function above the rules must not choose what its words mean"


async def test_every_table_has_row_security(owner_url: str) -> None:
    async with acting(owner_url) as connection:
        found = await rows(
            connection,
            """SELECT relname, relrowsecurity FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND relname NOT IN ('alembic_version', 'spatial_ref_sys')""",
        )
    assert {name: guarded for name, guarded in found} == dict.fromkeys(metadata.tables, True)


async def test_the_reader_sees_no_row_of_any_table_before_it_is_told_whom_it_serves(
    place: Place, server_url: str
) -> None:
    there = Guarded()
    await there.build(place)
    async with acting(server_url, "wangge_app") as connection:
        for table in metadata.tables:
            assert await place.run(f"SELECT 1 FROM {table} LIMIT 1"), f"{table} has no row: it would hide a leak"
            some = ", ".join(sorted(APP_READS_COLUMNS.get(table, {"*"})))
            if table in APP_READS_NOTHING_OF:
                with pytest.raises(DBAPIError, match="permission denied"):
                    await rows(connection, f"SELECT {some} FROM {table}")
            else:
                assert await rows(connection, f"SELECT {some} FROM {table}") == [], table
        for table in (name.removesuffix("_in") for name in MAY_CALL if name.endswith("_in")):
            everywhere = "st_transform(st_makeenvelope(118, 26, 119, 28, 4326), 3857)"
            assert await rows(connection, f"SELECT * FROM {table}_in({everywhere})") == [], table


async def test_the_server_s_login_owns_nothing_and_is_above_no_rule(cluster: Cluster, database: str) -> None:
    async with acting(cluster.url("postgres", database)) as connection:
        [login] = await rows(
            connection,
            """SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit
            FROM pg_roles WHERE rolname = 'wangge_server'""",
        )
        [owned] = await rows(
            connection,
            """SELECT (SELECT count(*) FROM pg_class WHERE relowner = r.oid)
                    + (SELECT count(*) FROM pg_namespace WHERE nspowner = r.oid)
                    + (SELECT count(*) FROM pg_database WHERE datdba = r.oid) AS things,
                ARRAY(SELECT b.rolname::text FROM pg_auth_members m JOIN pg_roles b ON b.oid = m.roleid
                      WHERE m.member = r.oid ORDER BY 1) AS member_of
            FROM pg_roles r WHERE rolname = 'wangge_server'""",
        )
    assert tuple(login) == (False,) * 6
    assert tuple(owned) == (0, ["wangge_app", "wangge_dispatcher"])


WRITES = {
    "incident": "UPDATE incident SET status = status",
    "task": "UPDATE task SET status = status",
    "incident_event": "INSERT INTO incident_event (at, kind, actor) VALUES (now(), 'x', 'x')",
    "outbox": "INSERT INTO outbox (kind, at) VALUES ('ground', now())",
    "worker": "UPDATE worker SET active_tasks = 0",
    "worker_position": "DELETE FROM worker_position",
    "answer": "DELETE FROM answer",
    "access_token": "UPDATE access_token SET kind = 'session'",
    "account": "UPDATE account SET password_hash = 'x'",
    "account_role": "DELETE FROM account_role",
    "role_permission": "INSERT INTO role_permission VALUES ('resident', 'audit.view')",
    "audit": "DELETE FROM audit",
    "audit_head": "UPDATE audit_head SET rows = 0",
    "grid": "DELETE FROM grid",
    "grid_lineage": "DELETE FROM grid_lineage",
    "ground_check": "DELETE FROM ground_check",
    "ground_fault": "DELETE FROM ground_fault",
    "proposal": "UPDATE proposal SET status = 'accepted'",
    "proposal_shape": "DELETE FROM proposal_shape",
    "address": "DELETE FROM address",
    "category": "DELETE FROM category",
    "town": "UPDATE town SET name = 'x'",
    "need": "UPDATE need SET state = 'held'",
    "timer": "DELETE FROM timer",
    "membership": "INSERT INTO membership SELECT * FROM membership",
    "duty_pattern": "DELETE FROM duty_pattern",
    "ladder": "DELETE FROM ladder",
    "receipt": "UPDATE receipt SET made_at = now()",
    "evaluation": "UPDATE evaluation SET stars = 5",
    "receiver": "DELETE FROM receiver",
    "a table of its own": "CREATE TABLE mine (id int)",
    "what alembic keeps": "DELETE FROM alembic_version",
}


@pytest.mark.parametrize("what", WRITES)
async def test_the_reader_can_write_nothing(what: str, server_url: str) -> None:
    async with acting(server_url, "wangge_app") as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text(WRITES[what]))


@pytest.mark.parametrize("column", ["account.password_hash", "access_token.hash", "receipt.hash"])
async def test_the_reader_cannot_read_what_opens_a_door(column: str, server_url: str) -> None:
    table, _, name = column.partition(".")
    async with acting(server_url, "wangge_app") as connection:
        for wanted in (name, "*"):
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(f"SELECT {wanted} FROM {table}"))


@pytest.mark.parametrize("role", ["wangge_app", "wangge_dispatcher"])
async def test_nobody_fills_the_disk_with_temporary_tables(role: str, cluster: Cluster, template: str) -> None:
    """Asked of a database as `provision` leaves it: a copy does not inherit what a whole database grants."""
    async with acting(cluster.url("wangge_server", template), role) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("CREATE TEMPORARY TABLE mine (id int)"))


async def test_the_reader_cannot_read_kept_answers(server_url: str) -> None:
    async with acting(server_url, "wangge_app") as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("SELECT body FROM answer"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incident_event SET kind = 'x'",
        "UPDATE incident SET description = 'x'",
        "UPDATE incident SET reported_at = now()",
        "DELETE FROM need",
        "UPDATE need SET skill = NULL, worker_id = NULL",
        "UPDATE need SET incident_id = gen_random_uuid()",
        "UPDATE timer SET incident_id = gen_random_uuid()",
        "UPDATE ladder_rung SET tries = 9",
        "INSERT INTO category_slot (category, slot, responder, ranking) VALUES ('other', 'x', 'person', 'nearest')",
        "DELETE FROM category_department",
        "INSERT INTO membership SELECT * FROM membership",
        "DELETE FROM membership",
        "UPDATE worker SET kind = 'department'",
        "UPDATE delivery SET incident_id = NULL",
        "UPDATE incident SET reporter = 'x'",
        "UPDATE task SET worker_id = gen_random_uuid()",
        "DELETE FROM incident_event",
        "UPDATE evaluation SET stars = 5",
        "DELETE FROM evaluation",
        "UPDATE receipt SET incident_id = id",
        "DELETE FROM receipt",
        "TRUNCATE incident_event",
        "DELETE FROM incident",
        "DELETE FROM task",
        "UPDATE grid SET name = 'x'",
        "UPDATE grid_lineage SET m2 = 1",
        "DELETE FROM grid_lineage",
        "DELETE FROM area",
        "UPDATE area SET code = 'x'",
        "UPDATE household SET address = 'x'",
        "INSERT INTO address SELECT * FROM address",
        "UPDATE ground_fault SET kind = 'x'",
        "UPDATE proposal_shape SET shape = was",
        "DELETE FROM grid",
        "INSERT INTO category SELECT * FROM category",
        "UPDATE worker SET capacity = 9",
        "UPDATE worker SET skills = '{fire}'",
        "UPDATE access_token SET expires_at = now() + interval '10 years'",
        "UPDATE access_token SET permissions = NULL",
        "UPDATE account SET login = 'x'",
        "DELETE FROM account",
        "UPDATE account_role SET area_id = NULL",
        "INSERT INTO role_permission VALUES ('resident', 'audit.view')",
        "UPDATE role SET administrator = false",
        "ALTER TABLE incident DISABLE ROW LEVEL SECURITY",
        "DROP POLICY desk_update ON incident",
        "INSERT INTO audit SELECT * FROM audit",
        "DELETE FROM audit",
        "UPDATE audit_head SET rows = 0",
        "UPDATE town SET name = 'x'",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE incident DISABLE TRIGGER ALL",
        "SET ROLE wangge_owner",
        "COPY incident TO PROGRAM 'true'",
    ],
)
async def test_the_desk_cannot_rewrite_history_ground_rules_or_itself(statement: str, server_url: str) -> None:
    async with acting(server_url, "wangge_dispatcher") as connection:
        with pytest.raises(DBAPIError, match=r"permission denied|must be (owner|superuser)"):
            await connection.execute(text(statement))


async def test_the_login_by_itself_may_read_no_table(server_url: str) -> None:
    async with acting(server_url) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("SELECT * FROM incident"))
