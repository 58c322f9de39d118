"""An extract in the database: again and newer, beside what the town has of its own, all or nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from data.importing.areas import name_town
from data.importing.errors import FarFromTownError, FileUnreadableError, UnknownLevelError
from data.importing.osm import Extract
from data.importing.osm_load import LEVELS, LoadedExtract, load_extract
from data.store import transaction
from tests.support import osm
from tests.support.extracts import shared_extract
from tests.support.osm import SOUTH, WEST, district
from tests.support.place import Place

COUNTED = ("street", "building", "ground", "address", "area")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "town.osm.pbf"


async def load(owner_url: str, file: Path, levels: dict[int, str] = LEVELS) -> tuple[Extract, LoadedExtract]:
    extract = Extract(file, levels)
    async with transaction(owner_url) as connection:
        await name_town(connection, "350783", "试城", "Asia/Shanghai")
        return extract, await load_extract(connection, extract, levels)


async def counts(place: Place) -> dict[str, int]:
    return {table: (await place.run(f"SELECT count(*) FROM {table}"))[0][0] for table in COUNTED}


def told(loaded: LoadedExtract, name: str) -> tuple[int, int, int, int]:
    one = loaded.tables[name]
    return one.new, one.changed, one.unchanged, one.gone


async def everything(place: Place) -> list[list[Any]]:
    """Read all that an extract writes, ids included."""
    return [
        await place.run(f"SELECT t.* FROM {table} t ORDER BY id")
        for table in ("street", "building", "ground", "area")
    ]


async def test_a_district_lies_in_the_tree_with_its_sub_districts(owner_url: str, place: Place, file: Path) -> None:
    _, loaded = await load(owner_url, district().write(file))
    tree = await place.run("SELECT level, code, name, path::text, source_ref FROM area ORDER BY path")
    assert [tuple(row) for row in tree] == [
        ("district", "r1", "试区", "r1", "osm:r1"),
        ("street", "r2", "西街道", "r1.r2", "osm:r2"),
        ("street", "r3", "东街道", "r1.r3", "osm:r3"),
    ]
    assert (loaded.areas.new, loaded.areas.root, loaded.areas.refused) == (3, False, ())
    assert await counts(place) == {"street": 18, "building": 100, "ground": 0, "address": 0, "area": 3}
    [row] = await place.run("SELECT count(*) FROM outbox WHERE kind = 'ground'")
    assert row[0] >= 1


async def test_the_same_file_again_changes_nothing(owner_url: str, place: Place, file: Path) -> None:
    await load(owner_url, district().write(file))
    before = await everything(place)
    _, again = await load(owner_url, file)
    assert await everything(place) == before
    assert told(again, "streets") == (0, 0, 18, 0) and told(again, "buildings") == (0, 0, 100, 0)
    assert (again.areas.new, again.areas.redrawn, again.areas.unchanged) == (0, 0, 3)


async def test_a_newer_file_changes_what_changed_and_takes_away_what_is_gone(
    owner_url: str, place: Place, file: Path
) -> None:
    await load(owner_url, district().write(file))
    newer = district()
    newer.ways[3].tags["name"] = "改名路"
    lots = [way for way in newer.ways if "building" in way.tags]
    gone, lived_in, higher = lots[0], lots[1], lots[2]
    higher.tags["building:levels"] = "9"
    newer.ways = [way for way in newer.ways if way not in (gone, lived_in)]
    newer.ring(3, 3, 4, 4, leisure="park")
    await place.run(
        """INSERT INTO household (id, building_id, address, point, cell)
           SELECT gen_random_uuid(), id, '一户', st_pointonsurface(shape), 1 FROM building WHERE source_ref = :ref""",
        ref=f"osm:w{lived_in.id}",
    )
    _, loaded = await load(owner_url, newer.write(file))
    assert told(loaded, "streets") == (0, 1, 17, 0)
    assert told(loaded, "buildings") == (0, 1, 97, 1) and loaded.tables["buildings"].kept == 1
    assert told(loaded, "ground") == (1, 0, 0, 0)
    [named] = await place.run("SELECT count(*) FROM street WHERE name = '改名路'")
    [storeys] = await place.run("SELECT storeys FROM building WHERE source_ref = :ref", ref=f"osm:w{higher.id}")
    assert (named[0], storeys[0]) == (1, 9)


async def test_what_the_town_has_of_its_own_stays(owner_url: str, place: Place, file: Path) -> None:
    await place.run(
        """INSERT INTO building (id, code, kind, storeys, shape)
           VALUES (gen_random_uuid(), 'B1', 'home', 3, st_makeenvelope(:w, :s, :e, :n, 4326))""",
        w=WEST + 0.001, s=SOUTH + 0.001, e=WEST + 0.002, n=SOUTH + 0.002,
    )  # fmt: skip
    await place.run(
        """INSERT INTO area (id, level, code, name, path, shape) VALUES (gen_random_uuid(), 'district', '350783',
           '自己的区', '350783', st_multi(st_makeenvelope(:w, :s, :e, :n, 4326)))""",
        w=WEST, s=SOUTH, e=WEST + 0.02, n=SOUTH + 0.02,
    )  # fmt: skip
    extract, loaded = await load(owner_url, district().write(file))
    assert await counts(place) == {"street": 18, "building": 101, "ground": 0, "address": 0, "area": 1}
    assert extract.left_out.counts["area", "town_has_its_own"] == 3
    assert (loaded.areas.new, loaded.areas.root) == (0, False)


async def test_a_neighbouring_extract_takes_nothing_away(owner_url: str, place: Place, file: Path) -> None:
    await load(owner_url, district().write(file))
    beside = osm.Extract()
    beside.ring(10, 0, 10.05, 0.05, building="yes")
    for way in beside.ways:
        way.id += 10_000
    _, loaded = await load(owner_url, beside.write(file))
    assert told(loaded, "buildings") == (1, 0, 0, 0) and told(loaded, "streets") == (0, 0, 0, 0)
    assert (await counts(place))["building"] == 101


async def test_the_map_of_another_town_is_refused(owner_url: str, place: Place, file: Path) -> None:
    await load(owner_url, district().write(file))
    beyond = osm.Extract()
    beyond.ring(25, 0, 25.05, 0.05, building="yes")
    with pytest.raises(FarFromTownError, match="km=23"):
        await load(owner_url, beyond.write(file))
    assert (await counts(place))["building"] == 100


async def test_a_file_without_areas_gets_one_around_all_there_is(owner_url: str, place: Place, file: Path) -> None:
    plain = district()
    plain.relations = []
    _, loaded = await load(owner_url, plain.write(file))
    assert loaded.areas.root
    [row] = await place.run(
        "SELECT level, code, name, source_ref, st_xmin(shape), st_ymin(shape), st_xmax(shape), st_ymax(shape) FROM area"
    )
    assert tuple(row[:4]) == ("district", "350783", "试城", "osm:extent")
    assert list(row[4:]) == pytest.approx([118.299, 26.999, 118.321, 27.021])
    _, again = await load(owner_url, file)
    assert (again.areas.new, again.areas.unchanged, again.areas.root) == (0, 1, True)


@pytest.mark.parametrize("only", ["park", "number", "river"])
async def test_a_file_with_hardly_anything_is_a_town_all_the_same(
    owner_url: str, place: Place, file: Path, only: str
) -> None:
    made = osm.Extract()
    if only == "park":
        made.ring(0, 0, 1, 1, leisure="park")
    elif only == "number":
        made.node((0, 0), addr__housenumber="1")
    else:
        made.way([(0, 0), (1, 0)], waterway="river")
    _, loaded = await load(owner_url, made.write(file))
    assert loaded.areas.root and loaded.areas.refused == ()
    [row] = await place.run("SELECT st_area(shape::geography) FROM area")
    assert row[0] > 10_000


async def test_a_file_cut_off_leaves_nothing_behind(owner_url: str, place: Place, tmp_path: Path) -> None:
    whole = shared_extract("helsinki")
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.97)])
    with pytest.raises(FileUnreadableError):
        await load(owner_url, cut)
    assert await counts(place) == dict.fromkeys(COUNTED, 0)


async def test_an_unknown_level_is_refused(owner_url: str, file: Path) -> None:
    with pytest.raises(UnknownLevelError):
        await load(owner_url, district().write(file), {6: "canton"})


async def test_a_house_number_told_twice_is_taken_once(owner_url: str, place: Place, file: Path) -> None:
    doubled = district()
    doubled.node((0.5, 0.5), addr__housenumber="1")
    doubled.nodes.append(doubled.nodes[-1])
    _, loaded = await load(owner_url, doubled.write(file))
    assert loaded.tables["addresses"].doubled == 1 and (await counts(place))["address"] == 1


async def test_a_file_that_is_not_in_order_is_refused(owner_url: str, place: Place, file: Path) -> None:
    mixed = district()
    mixed.ways.reverse()
    with pytest.raises(FileUnreadableError, match="out of order"):
        await load(owner_url, mixed.write(file))
    assert await counts(place) == dict.fromkeys(COUNTED, 0)


async def test_an_area_that_no_area_above_holds_is_left_out_and_counted(
    owner_url: str, place: Place, file: Path
) -> None:
    made = district()
    alone = made.way([(5, 5), (6, 5), (6, 6), (5, 6), (5, 5)])
    made.relation([(alone, "outer")], type="boundary", boundary="administrative", admin_level="8", name="飞地")
    extract, loaded = await load(owner_url, made.write(file))
    assert extract.left_out.first["area", "outside_parent"] == ["osm:r4"]
    assert loaded.areas.new == 3 and (await counts(place))["area"] == 3


@pytest.mark.parametrize("seed", range(3))
async def test_house_numbers_stand_in_the_building_that_holds_them(
    owner_url: str, place: Place, file: Path, seed: int
) -> None:
    made, rng = district(), np.random.default_rng(seed)
    for number, (x, y) in enumerate(rng.uniform(0, 2, (300, 2)).round(4).tolist()):
        made.node((x, y), addr__housenumber=str(number), addr__street="和平路")
    made.ring(0.03, 0.03, 0.15, 0.15, building="yes", addr__housenumber="外")
    await load(owner_url, made.write(file))
    rows = await place.run("SELECT source_ref, st_asbinary(shape) FROM building")
    shapes = {row[0]: shapely.from_wkb(row[1]) for row in rows}
    found = await place.run(
        "SELECT a.source_ref, st_asbinary(a.point), b.source_ref FROM address a LEFT JOIN building b ON b.id = building_id"
    )
    assert len(found) == 301
    for ref, point, building in found:
        holding = [name for name, shape in shapes.items() if shape.covers(shapely.from_wkb(point))]
        smallest = min(holding, key=lambda name: shapes[name].area) if holding else None
        assert building == (ref if ref in shapes else smallest)
