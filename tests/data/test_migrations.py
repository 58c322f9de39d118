"""The migrations make exactly the tables of the code, can be undone, and leave their gates shut."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from data import cluster as clusters
from data import migrate
from data.cluster import Cluster
from data.tables import metadata
from tests.support.place import Place, middle
from tests.support.sql import BESIDE_TABLES, acting, dumped


async def create_all(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(cluster: Cluster, template: str) -> None:
    clusters.provision(cluster, "by_code")
    asyncio.run(create_all(cluster.url("wangge_owner", "by_code")))
    migrated = dumped(cluster, template, BESIDE_TABLES)
    assert migrated == dumped(cluster, "by_code", BESIDE_TABLES)
    assert sum(part.startswith("CREATE TABLE") for part in migrated) == len(metadata.tables)


def test_what_was_migrated_up_goes_down_to_nothing_and_up_again(cluster: Cluster, template: str) -> None:
    clusters.provision(cluster, "up_and_down")
    url, nothing = cluster.url("wangge_owner", "up_and_down"), dumped(cluster, "up_and_down")
    asyncio.run(migrate.upgrade(url))
    asyncio.run(migrate.downgrade(url, "base"))
    assert dumped(cluster, "up_and_down") == nothing
    asyncio.run(migrate.upgrade(url))
    assert dumped(cluster, "up_and_down") == dumped(cluster, template)
    assert asyncio.run(migrate.pending(url)) == []


@pytest.mark.filterwarnings("ignore:Did not recognize type")
async def test_autogenerate_finds_nothing_to_change(owner_url: str) -> None:
    assert await migrate.differences(owner_url) == []


async def test_a_database_before_its_first_migration_knows_what_it_lacks(cluster: Cluster) -> None:
    clusters.provision(cluster, "empty")
    assert await migrate.pending(cluster.url("wangge_owner", "empty")) == [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
    ]


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
    "a token of nobody's": """INSERT INTO access_token (id, hash, account_id, kind, created_at, used_at, expires_at)
        VALUES (gen_random_uuid(), 'x', gen_random_uuid(), 'program', now(), now(), now())""",
    "a token of another kind": """INSERT INTO access_token
        (id, hash, account_id, kind, created_at, used_at, expires_at)
        SELECT gen_random_uuid(), 'x', id, 'worker', now(), now(), now() FROM account""",
    "two accounts of one login": "INSERT INTO account (id, login, name, created_at) "
    "SELECT gen_random_uuid(), login, 'x', now() FROM account",
    "a login in capitals": "UPDATE account SET login = 'Wang'",
    "two accounts of one worker": "INSERT INTO account (id, login, name, worker_id, created_at) "
    "SELECT gen_random_uuid(), 'second', 'x', worker_id, now() FROM account",
    "a second administrator's role": """INSERT INTO account_role (id, account_id, role, administrator, given_at)
        SELECT gen_random_uuid(), id, role, true, now() FROM account, unnest(ARRAY['auditor', 'system_admin']) AS role""",
    "an administrator called none": """INSERT INTO account_role (id, account_id, role, administrator, given_at)
        SELECT gen_random_uuid(), id, 'auditor', false, now() FROM account""",
    "an administrator of one area": """INSERT INTO account_role
        (id, account_id, role, administrator, area_id, given_at)
        SELECT gen_random_uuid(), account.id, 'auditor', true, area.id, now() FROM account, area""",
    "a role held twice": """INSERT INTO account_role (id, account_id, role, administrator, given_at)
        SELECT gen_random_uuid(), account_id, role, administrator, now() FROM account_role""",
    "a grid at another place in the tree than its area": "UPDATE grid SET area_path = 'C1'",
    "a worker at home nowhere but in the tree": "UPDATE worker SET area_path = 'C1'",
    "an incident in an area there is none": "INSERT INTO incident (id, category, layer, urgency, status, description, "
    "point, cell, given_lng, given_lat, given_datum, area_path, reporter, reported_at, filed_at, deadline_at) "
    "SELECT gen_random_uuid(), 'other', 'governance', 'urgent', 'filed', 'x', point, 0, 0, 0, 'wgs84', 'nowhere', "
    "'x', now(), now(), now() FROM worker_position",
    "a layer whose code is no label": "UPDATE grid_layer SET code = 'a-b' WHERE code = 'health'",
    "two versions of a grid at a time": """INSERT INTO grid (id, layer, area_id, area_path, code, name, shape, valid)
        SELECT gen_random_uuid(), layer, area_id, area_path, code, name, shape, '[2026-01-01, 2026-02-01)' FROM grid""",
    "a grid that was never valid": "UPDATE grid SET valid = 'empty'",
    "a grid under another area's code": "UPDATE grid SET code = 'G99'",
    "a purpose of nothing dedicated": "UPDATE grid SET purpose = 'mall'",
    "dedicated to nothing": "UPDATE grid SET kind = 'dedicated'",
    "dedicated to something unheard of": "UPDATE grid SET kind = 'dedicated', purpose = 'palace'",
    "more households at least than at most": "UPDATE grid_layer SET least_households = 500, most_households = 300",
    "codes of no digit": "UPDATE area_level SET digits = 0",
    "ground that comes of itself": "INSERT INTO grid_lineage SELECT id, id, 1, 0 FROM grid",
    "lineage of no ground": """INSERT INTO grid_lineage (before, after, m2, households)
        SELECT id, gen_random_uuid(), 0, 0 FROM grid""",
    "a check that ended and runs": """INSERT INTO ground_check (id, started, ended, status)
        VALUES (gen_random_uuid(), now(), now(), 'running')""",
    "a fault nowhere in the tree": """WITH c AS (INSERT INTO ground_check (id, started, ended, status)
        VALUES (gen_random_uuid(), now(), now(), 'done') RETURNING id)
        INSERT INTO ground_fault (id, check_id, kind, area_path) SELECT gen_random_uuid(), id, 'gap', 'nowhere' FROM c""",
    "a proposal decided at no time": """INSERT INTO proposal (id, kind, layer, level, made, status)
        VALUES (gen_random_uuid(), 'repair', 'governance', 'grid', now(), 'accepted')""",
    "a house number beyond the Earth": """INSERT INTO address (id, number, text, point, cell)
        VALUES (gen_random_uuid(), '1', '1', st_setsrid(st_makepoint(999, 95), 4326), 0)""",
    "a clock that runs and rests": """INSERT INTO clock (incident_id, step, round, amount, unit, started_at, running_since,
        due_at, paused) SELECT gen_random_uuid(), 'handle', 1, 1, 'hours', now(), now(), now(), 'shelved'""",
    "two limits of one step": "INSERT INTO time_limit (id, step, amount, unit) "
    "SELECT gen_random_uuid(), 'receive', 1, 'hours' FROM generate_series(1, 2)",
    "a second receipt of one holder": """INSERT INTO receipt (id, incident_id, kind, hash, holder, made_at)
        SELECT gen_random_uuid(), gen_random_uuid(), 'gift', 'x', 'x', now()""",
    "six stars": """INSERT INTO evaluation (incident_id, receipt_id, closed_at, stars, solved, at)
        SELECT gen_random_uuid(), gen_random_uuid(), now(), 6, true, now()""",
    "an empty shape": "UPDATE grid SET shape = st_geomfromtext('MULTIPOLYGON EMPTY', 4326)",
}


@pytest.mark.parametrize("what", GATES)
async def test_the_tables_are_the_last_gate_against(what: str, place: Place, owner_url: str) -> None:
    await place.add_block(1, 1)
    await place.add_account(("worker", None), worker_id=await place.add_worker("W1", middle(0, 0)))
    async with acting(owner_url) as connection:
        with pytest.raises(DBAPIError, match=r"violates|SRID"):
            await connection.execute(text(GATES[what]))


async def test_a_grid_s_versions_may_follow_each_other_and_layers_do_not_mind_each_other(place: Place) -> None:
    await place.add_block(1, 1)
    copy = """INSERT INTO grid (id, layer, area_id, area_path, code, name, shape, valid)
        SELECT gen_random_uuid(), :layer, area_id, area_path, code, name, shape, CAST(CAST(:valid AS text) AS tstzrange)
        FROM grid WHERE code = 'G00' LIMIT 1"""
    await place.run("UPDATE grid SET valid = '[2020-01-01, 2026-01-01)'")
    await place.run(copy, layer="governance", valid="[2026-01-01,)")
    await place.run(copy, layer="health", valid="[2020-01-01,)")
    assert len(await place.run("SELECT id FROM grid")) == 3
