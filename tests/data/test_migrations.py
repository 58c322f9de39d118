"""The migrations make exactly the tables of the code, can be undone, and give each role what its work asks."""

import asyncio
from collections import defaultdict

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from data import cluster as clusters
from data import migrate
from data.cluster import Cluster
from data.tables import metadata
from tests.support.place import Place, middle
from tests.support.sql import acting, dumped, rows

READ = {"SELECT"}
MAY_WRITE = {
    "incident": {"INSERT", "UPDATE"},
    "task": {"INSERT", "UPDATE"},
    "worker_position": {"INSERT", "UPDATE"},
    "incident_event": {"INSERT"},
    "access_token": {"INSERT", "DELETE"},
    "outbox": {"INSERT", "DELETE"},
    "answer": {"INSERT", "UPDATE", "DELETE"},
}
MAY_WRITE_COLUMNS = {
    "worker": {"active_tasks", "holds_exclusive", "changed"},
    "town": {"demo_clock"},
    "access_token": {"revoked_at"},
}


async def create_all(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(cluster: Cluster, template: str) -> None:
    clusters.provision(cluster, "by_code")
    asyncio.run(create_all(cluster.url("wangge_owner", "by_code")))
    migrated = dumped(cluster, template)
    assert migrated == dumped(cluster, "by_code")
    assert sum(line.startswith("CREATE TABLE") for line in migrated) == len(metadata.tables)


def test_what_was_migrated_up_goes_down_to_nothing_and_up_again(cluster: Cluster, template: str) -> None:
    clusters.provision(cluster, "up_and_down")
    url = cluster.url("wangge_owner", "up_and_down")
    asyncio.run(migrate.upgrade(url))
    asyncio.run(migrate.downgrade(url, "base"))
    assert [line for line in dumped(cluster, "up_and_down") if line.startswith("CREATE TABLE")] == []
    asyncio.run(migrate.upgrade(url))
    assert dumped(cluster, "up_and_down") == dumped(cluster, template)
    assert asyncio.run(migrate.pending(url)) == []


@pytest.mark.filterwarnings("ignore:Did not recognize type")
async def test_autogenerate_finds_nothing_to_change(owner_url: str) -> None:
    assert await migrate.differences(owner_url) == []


async def test_a_database_before_its_first_migration_knows_what_it_lacks(cluster: Cluster) -> None:
    clusters.provision(cluster, "empty")
    assert await migrate.pending(cluster.url("wangge_owner", "empty")) == ["0001"]


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
        columns: dict[str, set[str]] = defaultdict(set)
        for table, column in await rows(
            connection,
            """SELECT table_name, column_name FROM information_schema.column_privileges
            WHERE grantee = 'wangge_dispatcher' AND privilege_type = 'UPDATE' AND table_schema = 'public'""",
        ):
            columns[table].add(column)
    tables = {*metadata.tables, "alembic_version"}
    wanted = {("wangge_dispatcher", table): READ | MAY_WRITE.get(table, set()) for table in tables}
    wanted |= {("wangge_app", table): READ for table in tables - {"answer"}}
    assert dict(held) == wanted
    assert {t: c for t, c in columns.items() if "UPDATE" not in MAY_WRITE.get(t, set())} == MAY_WRITE_COLUMNS


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
    "access_token": "UPDATE access_token SET kind = 'dispatcher'",
    "grid": "DELETE FROM grid",
    "category": "DELETE FROM category",
    "town": "UPDATE town SET name = 'x'",
    "a table of its own": "CREATE TABLE mine (id int)",
    "what alembic keeps": "DELETE FROM alembic_version",
}


@pytest.mark.parametrize("what", WRITES)
async def test_the_reader_can_write_nothing(what: str, server_url: str) -> None:
    async with acting(server_url, "wangge_app") as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text(WRITES[what]))


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
        "DELETE FROM incident_event",
        "TRUNCATE incident_event",
        "DELETE FROM incident",
        "DELETE FROM task",
        "UPDATE grid SET name = 'x'",
        "DELETE FROM grid",
        "INSERT INTO category SELECT * FROM category",
        "UPDATE worker SET capacity = 9",
        "UPDATE worker SET skills = '{fire}'",
        "UPDATE access_token SET expires_at = now() + interval '10 years'",
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


GATES = {
    "a point beyond the Earth": "UPDATE worker_position SET point = st_setsrid(st_makepoint(999, 95), 4326)",
    "a point that is not finite": "UPDATE worker_position SET point = st_setsrid(st_makepoint('NaN', 27), 4326)",
    "an empty point": "UPDATE worker_position SET point = st_geomfromtext('POINT EMPTY', 4326)",
    "a point of another reference system": "UPDATE worker_position SET point = st_setsrid(st_makepoint(1, 1), 3857)",
    "an unknown datum": "UPDATE worker_position SET given_datum = 'mars'",
    "more tasks than capacity": "UPDATE worker SET active_tasks = capacity + 1",
    "fewer than no tasks": "UPDATE worker SET active_tasks = -1",
    "exclusive beside others": "UPDATE worker SET capacity = 2, active_tasks = 2, holds_exclusive = true",
    "a worker for nothing": "UPDATE worker SET capacity = 0",
    "a second town": "INSERT INTO town (id, code, name, name_en, time_zone) VALUES (2, '000000', 'x', 'x', 'UTC')",
    "a code that is no label": "UPDATE area SET code = 'A-1'",
    "a path that ends elsewhere": "UPDATE area SET path = 'elsewhere'",
    "an unknown urgency": "UPDATE category SET urgency = 'soon'",
    "no time to answer": "UPDATE category SET offer_seconds = 0",
    "an unknown kind of change": "INSERT INTO outbox (kind, at) VALUES ('gossip', now())",
    "a worker's token without a worker": """INSERT INTO access_token (id, hash, kind, expires_at)
        VALUES (gen_random_uuid(), 'x', 'worker', now())""",
    "two versions of a grid at a time": """INSERT INTO grid (id, layer, area_id, code, name, shape, valid)
        SELECT gen_random_uuid(), layer, area_id, code, name, shape, '[2026-01-01, 2026-02-01)' FROM grid""",
    "a grid that was never valid": "UPDATE grid SET valid = 'empty'",
    "a grid under another area's code": "UPDATE grid SET code = 'G99'",
    "an empty shape": "UPDATE grid SET shape = st_geomfromtext('MULTIPOLYGON EMPTY', 4326)",
}


@pytest.mark.parametrize("what", GATES)
async def test_the_tables_are_the_last_gate_against(what: str, place: Place, owner_url: str) -> None:
    await place.add_block(1, 1)
    await place.add_worker("W1", middle(0, 0))
    async with acting(owner_url) as connection:
        with pytest.raises(DBAPIError, match=r"violates|SRID"):
            await connection.execute(text(GATES[what]))


async def test_a_grid_s_versions_may_follow_each_other_and_layers_do_not_mind_each_other(place: Place) -> None:
    await place.add_block(1, 1)
    copy = """INSERT INTO grid (id, layer, area_id, code, name, shape, valid)
        SELECT gen_random_uuid(), :layer, area_id, code, name, shape, CAST(CAST(:valid AS text) AS tstzrange)
        FROM grid WHERE code = 'G00' LIMIT 1"""
    await place.run("UPDATE grid SET valid = '[2020-01-01, 2026-01-01)'")
    await place.run(copy, layer="governance", valid="[2026-01-01,)")
    await place.run(copy, layer="health", valid="[2020-01-01,)")
    assert len(await place.run("SELECT id FROM grid")) == 3
