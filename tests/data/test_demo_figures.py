"""The figures of the five demo places, each counted in a database, and whether what is there fits together."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sized
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from data.cluster import Cluster
from data.demo.load import fill
from data.demo.place import PLACES, place_of
from data.demo.rows import Town
from data.demo.town import make_town
from data.store import transaction
from tests.support.copies import Copies
from tests.support.place import Place
from tests.support.sound import faults

AREAS = "SELECT count(*) FROM area WHERE level = '{}'"
BASIC = "SELECT count(*) FROM grid WHERE layer = '{}' AND kind = 'basic'"
OWN = "SELECT count(*) FROM grid WHERE layer = 'governance' AND kind = 'dedicated' AND purpose = '{}'"
ROLE = "SELECT count(*) FROM worker WHERE role = '{}'"
MANNED = """
    SELECT count(*) FROM worker s WHERE s.role = 'station' AND 2 = (
        SELECT count(DISTINCT m.part) FROM membership m WHERE m.unit_id = s.id AND m.part IN ('social_worker', 'grid_worker'))
"""
IN_TEAMS = """
    SELECT count(DISTINCT m.worker_id) FROM membership m JOIN worker t ON t.id = m.unit_id AND t.role = 'health_team'
    JOIN worker w ON w.id = m.worker_id AND w.role = 'medical'
"""
TIED = """
    SELECT count(DISTINCT w.home_area_id) FROM worker w
    JOIN area a ON a.id = w.home_area_id AND a.level = 'community' WHERE w.role = '{}'
"""
AT_RED = """
    SELECT count(*) FROM worker w JOIN worker s ON s.id = w.station_id AND s.role = 'red_station'
    WHERE w.employment = 'part_time'
"""
OWN_STATION = """
    SELECT count(DISTINCT s.home_area_id) FROM worker s JOIN grid g ON g.area_id = s.home_area_id AND g.kind = 'dedicated'
    WHERE s.kind = 'station'
"""
HOMES = "SELECT count(*) FROM household"
FIGURES = {
    "baijiantan": {BASIC.format("governance"): 59, "SELECT count(*) FROM area_level WHERE digits IS NOT NULL": 4},
    "jianou": {
        BASIC.format("governance"): 67,
        BASIC.format("health"): 27,
        ROLE.format("health_team"): 18,
        IN_TEAMS: 124,
        ROLE.format("station"): 71,
        ROLE.format("canteen"): 7,
        ROLE.format("mobile"): 39,
        ROLE.format("mediator"): 87,
        AREAS.format("community"): 16,
        ROLE.format("committee"): 61,
        TIED.format("committee"): 16,
        ROLE.format("partner"): 60,
        TIED.format("partner"): 16,
        ROLE.format("red_station"): 6,
        AT_RED: 31,
        ROLE.format("volunteers"): 23,
    },
    "quwo": {
        AREAS.format("section"): 3,
        BASIC.format("governance"): 26,
        ROLE.format("hub_household"): 287,
        AREAS.format("micro_grid"): 287,
        "SELECT count(*) FROM area_level": 5,
        ROLE.format("station"): 12,
        MANNED: 6,
    },
    "xinluo": {AREAS.format("district"): 1, "SELECT count(DISTINCT level) FROM area": 4},
    "wannianbu": {
        f"SELECT round(count(*) * 2.62) FROM ({HOMES.replace('count(*)', '*')}) AS lived": 65_000,
        OWN.format("tower"): 10,
        OWN.format("street"): 10,
        OWN_STATION: 20,
    },
}
CUT = {"xinluo": 30_000}
"""Households of a place that is put into a database smaller than it is: its other streets are made by the same code."""
COVERED = text("""
    SELECT count(*) FROM household h
    LEFT JOIN grid g ON g.area_id = h.area_id AND g.layer = 'governance' AND st_covers(g.shape, h.point)
    WHERE g.id IS NULL
""")
SIZES = text("""
    SELECT min(n), max(n), l.least_households, l.most_households
    FROM (SELECT area_id, count(*) AS n FROM household GROUP BY area_id) AS counted, grid_layer l
    WHERE l.code = 'governance' GROUP BY 3, 4
""")


@dataclass(frozen=True)
class Stood:
    """A place as it was made, and the address of the database it was put into."""

    town: Town
    url: str

    def ask(self, *statements: str) -> list[Any]:
        """Read one value for each statement."""
        return asyncio.run(self._ask(statements))

    async def _ask(self, statements: tuple[str, ...]) -> list[Any]:
        async with transaction(self.url) as connection:
            return [(await connection.execute(text(one))).scalar_one() for one in statements]


@pytest.fixture(scope="module", params=PLACES)
def stood(request: pytest.FixtureRequest, copies: Copies, cluster: Cluster) -> Iterator[Stood]:
    """Lend each place in turn, for reading."""
    with copies.lent() as name:
        made = make_town(place=place_of(request.param), households=CUT.get(request.param))
        lent = Stood(made, cluster.url("wangge_owner", name))
        asyncio.run(_filled(lent))
        yield lent


async def _filled(lent: Stood) -> None:
    async with transaction(lent.url) as connection:
        await fill(connection, lent.town)


def test_the_figures_of_the_place_can_be_counted_in_the_database(stood: Stood) -> None:
    wanted = FIGURES[stood.town.place]
    assert dict(zip(wanted, stood.ask(*wanted), strict=True)) == wanted


async def test_the_place_fits_together_and_every_household_is_in_the_grid_that_covers_it(stood: Stood) -> None:
    async with Place.at(stood.url) as place:
        assert await faults(place) == []
    async with transaction(stood.url) as connection:
        assert (await connection.execute(COVERED)).scalar_one() == 0
        least, most, wanted_least, wanted_most = (await connection.execute(SIZES)).one()
        assert wanted_least <= least <= most <= wanted_most


def test_xinluo_has_96_communities_at_its_own_size() -> None:
    levels = Counter(area.level for area in make_town(place=place_of("xinluo")).areas)
    assert (levels["district"], levels["community"], len(levels)) == (1, 96, 4)


def test_what_was_made_is_what_was_written(stood: Stood) -> None:
    town = stood.town
    made: dict[str, Sized] = {
        "household": town.households,
        "building": town.buildings,
        "worker": town.workers,
        "incident": town.incidents,
    }
    counted = stood.ask(*(f"SELECT count(*) FROM {table}" for table in made))
    assert counted == [len(rows) for rows in made.values()]
    assert len(town.incidents) > 100
    [addresses] = stood.ask("SELECT string_agg(address, '|' ORDER BY address COLLATE \"C\") FROM household")
    assert sorted(home.address for home in town.households) == sorted(addresses.split("|"))
