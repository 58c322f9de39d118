"""A town of before: what stood in the tables has its place in the tree after the migration."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from data import cluster as clusters
from data import migrate
from data.cluster import Cluster

BEFORE = (
    """INSERT INTO area (id, level, code, name, path) VALUES
    ('00000000-0000-0000-0000-000000000001', 'community', 'C1', 'C1', 'C1'),
    ('00000000-0000-0000-0000-000000000002', 'grid', 'G1', 'G1', 'C1.G1')""",
    """INSERT INTO grid (id, layer, area_id, code, name, shape)
    SELECT gen_random_uuid(), 'governance', id, 'G1', 'G1', st_multi(st_makeenvelope(118, 27, 118.1, 27.1, 4326))
    FROM area WHERE code = 'G1'""",
    """INSERT INTO worker (id, code, name, role, skills, home_area_id, capacity, shift_starts, shift_ends) VALUES
    ('00000000-0000-0000-0000-000000000003', 'W1', 'x', 'x', '{}', '00000000-0000-0000-0000-000000000002', 1, '0:00', '0:00'),
    ('00000000-0000-0000-0000-000000000004', 'W2', 'x', 'x', '{}', NULL, 1, '0:00', '0:00')""",
    """INSERT INTO household (id, address, point, cell) VALUES
    (gen_random_uuid(), 'inside', st_setsrid(st_makepoint(118.05, 27.05), 4326), 1),
    (gen_random_uuid(), 'outside', st_setsrid(st_makepoint(119.05, 27.05), 4326), 1)""",
    """INSERT INTO incident (id, category, layer, urgency, status, description, point, cell, given_lng, given_lat,
        given_datum, grid_id, reporter, reported_at, filed_at, deadline_at)
    SELECT '00000000-0000-0000-0000-000000000005', 'other', 'governance', 'urgent', 'dispatched', 'x',
        st_pointonsurface(shape), 1, 118.05, 27.05, 'wgs84', id, 'dispatcher:1', now(), now(), now() FROM grid""",
    """INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, offered_at, offer_expires_at)
    SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000003',
        'offered', 1, false, now(), now()""",
    "INSERT INTO access_token (id, hash, kind, expires_at) VALUES (gen_random_uuid(), 'x', 'dispatcher', now())",
)
AFTER = {
    "SELECT area_path::text FROM grid": [("C1.G1",)],
    "SELECT code, area_path::text FROM worker ORDER BY code": [("W1", "C1.G1"), ("W2", None)],
    "SELECT address, area_path::text FROM household ORDER BY address": [("inside", "C1.G1"), ("outside", None)],
    "SELECT area_path::text FROM incident": [("C1.G1",)],
    "SELECT layer, area_path::text FROM task": [("governance", "C1.G1")],
    "SELECT count(*) FROM access_token": [(0,)],
    "SELECT count(*), count(DISTINCT weekday), min(starts)::text, max(ends)::text FROM duty_pattern": [
        (14, 7, "00:00:00", "00:00:00")
    ],
    "SELECT slot, state, ladder, layer, area_path::text FROM need": [
        ("lead", "taken", "urgent", "governance", "C1.G1")
    ],
    "SELECT step, round, unit, ended_at IS NULL AND running_since = started_at AND due_at > started_at - interval '1 day' "
    "FROM clock": [("handle", 1, "minutes", True)],
    "SELECT kind, slot, task_id = (SELECT id FROM task) FROM timer": [("offer", "lead", True)],
}


async def in_turn(url: str, statements: tuple[str, ...]) -> list[list[tuple[object, ...]]]:
    engine = create_async_engine(url)
    found = []
    async with engine.begin() as connection:
        for statement in statements:
            done = await connection.execute(text(statement))
            found.append([tuple(row) for row in done] if done.returns_rows else [])
    await engine.dispose()
    return found


def test_a_town_of_before_has_its_places_in_the_tree_and_everybody_signs_in_anew(cluster: Cluster) -> None:
    clusters.provision(cluster, "of_before")
    url = cluster.url("wangge_owner", "of_before")
    asyncio.run(migrate.upgrade(url, "0001"))
    asyncio.run(in_turn(url, BEFORE))
    asyncio.run(migrate.upgrade(url))
    assert asyncio.run(in_turn(url, tuple(AFTER))) == list(AFTER.values())
    asyncio.run(migrate.downgrade(url, "0001"))
    asyncio.run(migrate.upgrade(url))
    assert asyncio.run(in_turn(url, tuple(AFTER))) == list(AFTER.values())
