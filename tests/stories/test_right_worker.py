"""The right grid and the right worker: 200 reports in the demo town, each foretold by PostGIS alone."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from api.settings import Settings
from data.demo.load import fill
from data.store import transaction
from geo.datum import from_wgs84
from tests.support.client import Client, serving
from tests.support.demo import demo_town
from tests.support.place import Place

REPORTS = 200
SEED = 20_261_121

# Who borders on whom: a common line, not just a corner.
BESIDE = """
CREATE TABLE foretold_beside AS
SELECT mine.id AS grid_id, other.area_id FROM grid mine
JOIN grid other ON other.layer = mine.layer AND other.id <> mine.id AND other.shape && mine.shape
WHERE st_relate(mine.shape, other.shape, '****1****')
"""

# Everybody's shifts of these days, in the town's time: what was said last of a day, else the weekly pattern; extra shifts
# come on top.
SHIFTS = """
CREATE TABLE foretold_shift AS
WITH days AS (
    SELECT d::date AS day FROM town, generate_series(
        (clock_timestamp() AT TIME ZONE time_zone)::date - 1, (clock_timestamp() AT TIME ZONE time_zone)::date + 1, '1 day') d
)
SELECT s.worker_id AS id, d.day + s.starts AS starts,
    d.day + s.ends + CASE WHEN s.ends <= s.starts THEN interval '1 day' ELSE interval '0' END AS ends
FROM days d CROSS JOIN LATERAL (
    SELECT e.worker_id, e.starts, e.ends FROM duty_exception e
    WHERE e.day = d.day AND e.starts IS NOT NULL AND (e.reason = 'extra' OR e.made_at = (
        SELECT max(l.made_at) FROM duty_exception l
        WHERE l.worker_id = e.worker_id AND l.day = d.day AND l.reason <> 'extra'))
    UNION ALL
    SELECT p.worker_id, p.starts, p.ends FROM duty_pattern p
    WHERE p.weekday = extract(isodow FROM d.day) AND daterange(p.from_day, p.until_day, '[]') @> d.day
      AND NOT EXISTS (SELECT FROM duty_exception e
                      WHERE e.worker_id = p.worker_id AND e.day = d.day AND e.reason <> 'extra')
) s
"""

# Everything the glossary says of *free*, *ranking* and ties, over committed rows only.
FORETELL = """
WITH rule AS (SELECT * FROM category WHERE code = :category),
spot AS (SELECT st_setsrid(st_makepoint(:lng, :lat), 4326) AS point),
here AS (
    SELECT g.id, g.code, g.area_id, a.parent_id, g.layer FROM grid g JOIN area a ON a.id = g.area_id, spot, rule
    WHERE g.layer = rule.layer AND g.valid @> clock_timestamp() AND st_covers(g.shape, spot.point)
    ORDER BY g.code LIMIT 1
),
beside AS (SELECT foretold_beside.area_id FROM here JOIN foretold_beside ON foretold_beside.grid_id = here.id),
siblings AS (
    SELECT g.area_id FROM here JOIN area a ON a.parent_id = here.parent_id
    JOIN grid g ON g.area_id = a.id AND g.layer = here.layer AND g.valid @> clock_timestamp()
    UNION SELECT parent_id FROM here
),
clock AS (SELECT clock_timestamp() AT TIME ZONE time_zone AS t, clock_timestamp()::timestamptz AS now FROM town),
duty AS (
    SELECT DISTINCT shift.id FROM foretold_shift shift, clock WHERE clock.t >= shift.starts AND clock.t < shift.ends
),
seen AS (
    SELECT w.id, w.code, st_distance(p.point::geography, spot.point::geography, false) AS metres,
        w.rest_until > clock.now IS TRUE AS resting,
        CASE WHEN w.area_path <@ (SELECT path FROM area WHERE id = (SELECT area_id FROM here)) THEN 0
             WHEN w.home_area_id IN (SELECT area_id FROM beside) THEN 1
             WHEN w.home_area_id IN (SELECT area_id FROM siblings) THEN 2 ELSE 3 END AS tier,
        w.kind = rule.responder AND w.role <> 'duty_chief' AND (rule.mobile OR w.employment IS DISTINCT FROM 'mobile')
            AND (rule.skill IS NULL OR rule.skill = ANY (w.skills)) AS skilled,
        w.id IN (SELECT id FROM duty) AS on_shift,
        w.kind <> 'person' OR p.fixed_at >= clock_timestamp() - interval '5 minutes' AS fresh,
        NOT EXISTS (SELECT FROM reservation r WHERE r.worker_id = w.id AND r.during @> clock.now) AND
        (SELECT count(*) FROM task t WHERE t.worker_id = w.id AND t.status IN ('offered', 'accepted', 'on_scene'))
            < CASE WHEN rule.exclusive THEN 1 ELSE w.capacity END
        AND NOT EXISTS (SELECT FROM task t WHERE t.worker_id = w.id AND t.exclusive
                        AND t.status IN ('offered', 'accepted', 'on_scene'))
            AS free
    FROM worker w JOIN worker_position p ON p.worker_id = w.id, spot, rule, clock
),
able AS (SELECT * FROM seen WHERE skilled AND on_shift AND fresh AND free),
chosen AS (
    SELECT able.* FROM able, rule
    ORDER BY resting, CASE WHEN rule.ranking = 'nearest' THEN 0 ELSE tier END, metres, code LIMIT 1
)
SELECT (SELECT code FROM here) AS grid, chosen.code AS worker, chosen.metres, rule.ranking,
    EXISTS (SELECT FROM able WHERE able.metres < chosen.metres) AS beats_a_nearer_able_one,
    ARRAY(SELECT CASE WHEN NOT skilled THEN 'unskilled' WHEN NOT on_shift THEN 'off shift'
                      WHEN NOT fresh THEN 'stale' ELSE 'full' END
          FROM seen WHERE seen.metres < chosen.metres AND NOT (skilled AND on_shift AND fresh AND free)) AS unfit
FROM rule LEFT JOIN chosen ON true
"""


SENT_BY_RANK = """
    SELECT code FROM category c WHERE NOT sorted_by_hand AND 'ranked' = (
        SELECT whom FROM ladder_rung WHERE ladder = coalesce(c.ladder, c.urgency) ORDER BY rung LIMIT 1)
    ORDER BY code
"""


async def ranked(place: Place, answer: Any) -> str | None:
    """Return who was asked first by rank for the first place; None where it went on up the ladder at once."""
    rows = await place.run(
        """SELECT w.code FROM task t JOIN worker w ON w.id = t.worker_id
        WHERE t.incident_id = :id AND t.slot = 'lead' AND t.whom = 'ranked'""",
        id=answer["id"],
    )
    return rows[0].code if rows else None


@pytest.fixture
async def town(place: Place, owner_url: str, settings: Settings) -> AsyncIterator[Client]:
    """Serve the demo town with nobody moving and no offer running out."""
    async with transaction(owner_url) as connection:
        await fill(connection, demo_town())
    await place.run(BESIDE)
    await place.run(SHIFTS)
    await place.run("ANALYZE")
    await place.run("UPDATE category SET offer_seconds = 86400")
    await place.run("UPDATE ladder_rung SET offer_seconds = 86400 WHERE offer_seconds IS NOT NULL")
    await place.run("UPDATE task SET offer_expires_at = offer_expires_at + interval '1 day' WHERE status = 'offered'")
    await place.run("UPDATE timer SET due_at = due_at + interval '1 day'")
    async with serving(settings, await place.token("dispatcher")) as client:
        await client.caught_up()
        yield client


async def settled(place: Place, client: Client) -> None:
    """Wait until the sweeper has offered whatever waited from the start."""
    for _ in range(50):
        before = await place.run("SELECT count(*) FROM task")
        await client.get("/livez")
        await client.caught_up()
        await place.run("SELECT pg_sleep(0.5)")
        if await place.run("SELECT count(*) FROM task") == before:
            return
    raise AssertionError("the town does not settle")


async def spots(place: Place) -> list[Any]:
    """Draw households all over the town, each moved a little, by a fixed seed."""
    rows = await place.run(
        "SELECT st_x(point) AS lng, st_y(point) AS lat FROM household ORDER BY md5(address || :seed) LIMIT :n",
        seed=str(SEED),
        n=REPORTS,
    )
    shift = np.random.default_rng(SEED).normal(0, 3e-4, (REPORTS, 2))
    return [(row.lng + dx, row.lat + dy) for row, (dx, dy) in zip(rows, shift.tolist(), strict=True)]


async def test_200_reports_go_to_the_grid_and_the_worker_that_postgis_foretells(place: Place, town: Client) -> None:
    await settled(place, town)
    categories = [row.code for row in await place.run(SENT_BY_RANK)]
    counted: Counter[str] = Counter()
    disagreed = []
    for number, (lng, lat) in enumerate(await spots(place)):
        category = categories[number % len(categories)]
        [told] = await place.run(FORETELL, category=category, lng=lng, lat=lat)
        answer = (await town.report(category, (lng, lat))).json()
        grid = answer["grid"] and answer["grid"]["code"]
        worker = await ranked(place, answer)
        if (grid, worker) != (told.grid, told.worker):
            disagreed.append((number, category, grid, told.grid, worker, told.worker))
        counted["offered" if worker else "waiting"] += 1
        counted["own grid beats a nearer one"] += told.ranking == "own_grid_first" and bool(
            told.beats_a_nearer_able_one
        )
        counted["a nearer one is unfit"] += bool(told.unfit)
        counted.update(f"nearer but {why}" for why in set(told.unfit or ()))

    assert disagreed == []
    assert counted["offered"] >= 150, counted
    assert counted["own grid beats a nearer one"] >= 20, counted
    assert counted["a nearer one is unfit"] >= 20, counted
    assert {
        "nearer but stale",
        "nearer but off shift",
        "nearer but unskilled",
        "nearer but full",
    } <= counted.keys(), counted


async def test_the_same_place_in_another_datum_lies_in_the_same_grid(place: Place, town: Client) -> None:
    points = await spots(place)
    lng, lat = np.array(points).T
    for number, (x, y) in enumerate(points[:40]):
        grids = set()
        for datum in ("wgs84", "gcj02", "bd09", "cgcs2000"):
            given_lng, given_lat = from_wgs84(lng[number : number + 1], lat[number : number + 1], datum)
            body = {"lng": float(given_lng[0]), "lat": float(given_lat[0]), "datum": datum}
            answer = await town.get("/api/locate", params=body)
            grids.add(answer.json()["grid"]["code"])
            if datum == "gcj02":
                reported = await town.report("other", (body["lng"], body["lat"]), datum=datum)
                grids.add(reported.json()["grid"]["code"])
        [told] = await place.run(FORETELL, category="other", lng=x, lat=y)
        assert grids == {told.grid}
