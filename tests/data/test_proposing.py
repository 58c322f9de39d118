"""First grids in the database: proposed, accepted once, and in force on the ground they were drawn for."""

from pathlib import Path

import pytest
import shapely

from data.importing.accepting import (
    DividedMeanwhileError,
    ProposalDecidedError,
    UnknownProposalError,
    accept_first_grids,
)
from data.importing.errors import UnknownLayerError
from data.importing.proposing import Asked, NothingToDivideError, Proposal, UnknownAreaError, propose_grids
from data.schema import new_id
from data.store import transaction
from tests.data.test_osm_loading import load
from tests.support.osm import district
from tests.support.place import Place

GOVERNANCE = Asked("governance")


async def propose(owner_url: str, asked: Asked = GOVERNANCE) -> Proposal:
    async with transaction(owner_url) as connection:
        return await propose_grids(connection, asked)


async def accept(owner_url: str, made: Proposal) -> int:
    async with transaction(owner_url) as connection:
        accepted = await accept_first_grids(connection, made.id)
        assert accepted.written.refused == ()
        return accepted.written.new


@pytest.fixture
async def town(owner_url: str, tmp_path: Path) -> str:
    """Lend a district with buildings, by its owner's address."""
    await load(owner_url, district().write(tmp_path / "town.osm.pbf"))
    return owner_url


async def add_households(place: Place, each: int) -> None:
    await place.run(
        """INSERT INTO household (id, building_id, address, point, cell)
           SELECT gen_random_uuid(), b.id, b.code || '-' || n, st_pointonsurface(b.shape), 1
           FROM building b, generate_series(1, :each) n""",
        each=each,
    )


async def test_grids_are_drawn_accepted_and_hold_the_households(town: str, place: Place) -> None:
    await add_households(place, 24)
    made = await propose(town)
    assert made.counted_by == {"households": ["西街道", "东街道"]}
    assert (made.homes, made.areas, made.divided_before) == (2_400, 2, 0) and made.off == []
    [row] = await place.run("SELECT kind, layer, level, status, summary FROM proposal")
    assert tuple(row[:4]) == ("first_grids", "governance", "grid", "proposed")
    assert row[4]["counted_by"] == {"households": ["西街道", "东街道"]} and row[4]["grids"] == made.grids
    assert await accept(town, made) == made.grids
    grids = await place.run(
        """SELECT g.code, g.name, p.code, st_asbinary(g.shape), (SELECT count(*) FROM household h WHERE h.area_id = a.id)
           FROM grid g JOIN area a ON a.id = g.area_id JOIN area p ON p.id = a.parent_id WHERE upper_inf(g.valid)
           ORDER BY g.code"""
    )
    assert sum(row[4] for row in grids) == 2_400
    assert all(300 <= row[4] <= 500 for row in grids)
    assert (grids[0][0], grids[0][1], grids[0][2]) == ("r2_001", "西街道第1网格", "r2")
    shapes = [shapely.from_wkb(row[3]) for row in grids]
    assert shapely.coverage_is_valid(shapes)
    parents = {
        row[0]: shapely.from_wkb(row[1]) for row in await place.run("SELECT code, st_asbinary(shape) FROM area")
    }
    for code in ("r2", "r3"):
        whole = shapely.union_all([shape for row, shape in zip(grids, shapes, strict=True) if row[2] == code])
        assert whole.symmetric_difference(parents[code]).area < 1e-14
    [note] = await place.run("SELECT action, actor, subject FROM audit")
    assert tuple(note) == ("proposal_accepted", "cli", f"proposal:{made.id}")
    [proposal] = await place.run("SELECT status, decided IS NOT NULL FROM proposal")
    assert tuple(proposal) == ("accepted", True)


async def test_where_grids_are_there_is_nothing_to_divide(town: str, place: Place) -> None:
    await add_households(place, 24)
    first, second = await propose(town), await propose(town)
    await accept(town, first)
    with pytest.raises(NothingToDivideError):
        await propose(town)
    with pytest.raises(DividedMeanwhileError):
        await accept(town, second)
    with pytest.raises(ProposalDecidedError):
        await accept(town, first)
    async with transaction(town) as connection:
        with pytest.raises(UnknownProposalError):
            await accept_first_grids(connection, new_id())


async def test_without_households_homes_are_estimated_from_floors(town: str) -> None:
    made = await propose(town)
    assert made.counted_by == {"buildings": ["西街道", "东街道"]}
    assert made.homes == pytest.approx(100 * 4 * 59.5 * 66.5 / 120, rel=0.02)


async def test_without_buildings_homes_are_estimated_from_house_numbers_or_streets(
    owner_url: str, tmp_path: Path
) -> None:
    bare = district()
    bare.ways = [way for way in bare.ways if "building" not in way.tags]
    for number in range(200):
        bare.node((0.05 + number * 0.0045, 0.07), addr__housenumber=str(number))
    await load(owner_url, bare.write(tmp_path / "town.osm.pbf"))
    made = await propose(owner_url, Asked("governance", least=30, most=60))
    assert made.counted_by == {"addresses": ["西街道"], "streets": ["东街道"]}
    assert made.homes > 200


async def test_an_area_that_cannot_be_divided_is_told_by_name_and_number(town: str, place: Place) -> None:
    await add_households(place, 11)
    made = await propose(town, Asked("governance", within="r2"))
    assert [(one.name, one.homes, one.reason) for one in made.off] in (
        [("西街道第1网格", 275, "indivisible"), ("西街道第2网格", 275, "indivisible")],
        [("西街道第1网格", 550, "indivisible")],
    ) or (sum(one.homes for one in made.off) == 550 and {one.reason for one in made.off} == {"indivisible"})
    few = await propose(town, Asked("governance", within="r2", least=600, most=900))
    assert [(one.homes, one.reason) for one in few.off] == [(550, "too_few")]


async def test_the_layer_s_rule_holds_unless_another_is_asked_for(town: str, place: Place) -> None:
    await place.run("UPDATE grid_layer SET least_households = 100, most_households = 200 WHERE code = 'governance'")
    await add_households(place, 10)
    made = await propose(town)
    assert (made.wanted.least, made.wanted.most) == (100, 200) and made.grids >= 5
    other = await propose(town, Asked("governance", least=400, most=600))
    assert other.grids == 2


async def test_the_same_seed_proposes_the_same_grids(town: str, place: Place) -> None:
    await add_households(place, 24)
    first, second = await propose(town), await propose(town)
    shapes = [
        await place.run("SELECT code, shape FROM proposal_shape WHERE proposal_id = :id ORDER BY code", id=made.id)
        for made in (first, second)
    ]
    assert shapes[0] == shapes[1]


async def test_below_a_community_of_twelve_digits_codes_have_fifteen(town: str, place: Place) -> None:
    await place.run(
        """INSERT INTO area (id, level, code, name, parent_id, path, shape) SELECT gen_random_uuid(), 'community',
           '350783001001', '和平社区', id, path || '350783001001', shape FROM area WHERE code = 'r2'"""
    )
    await add_households(place, 16)
    made = await propose(town, Asked("governance", within="r2"))
    await accept(town, made)
    rows = await place.run("SELECT code, name FROM grid ORDER BY code")
    assert [row[0] for row in rows] == [f"350783001001{n:03}" for n in range(1, made.grids + 1)]
    assert rows[0][1] == "和平社区第1网格"


async def test_what_is_not_there_is_refused(town: str) -> None:
    with pytest.raises(UnknownLayerError):
        await propose(town, Asked("weather"))
    with pytest.raises(UnknownAreaError):
        await propose(town, Asked("governance", within="nowhere"))


async def test_another_layer_gets_grids_of_its_own_on_the_same_ground(town: str, place: Place) -> None:
    await add_households(place, 24)
    await accept(town, await propose(town))
    health = await propose(town, Asked("health", least=900, most=1_300))
    assert health.grids == 2 and await accept(town, health) == 2
    rows = await place.run("SELECT layer, code FROM grid ORDER BY layer, code")
    assert len({row[1] for row in rows}) == len(rows) and [row[0] for row in rows].count("health") == 2
