"""What is read from OpenStreetMap extracts: by hand on a small one, against GDAL's own reader on real ones."""

import warnings
from collections import Counter
from pathlib import Path

import pyogrio
import pytest
import shapely

from data.importing.errors import FileMissingError, FileTooLargeError, FileUnreadableError, NoFeaturesError
from data.importing.osm import Extract
from data.importing.osm_rows import Batch
from data.importing.osm_tags import STREET_CLASSES, address_of, building_kind, name_of, storeys_of, text_of
from tests.support import osm
from tests.support.extracts import EXTRACTS, shared_extract
from tests.support.osm import district

LEVELS = {6: "district", 8: "street"}


def read(path: Path) -> tuple[Extract, Batch]:
    """Read a file whole."""
    extract, whole = Extract(path, LEVELS), Batch()
    for batch in extract.batches():
        whole.streets += batch.streets
        whole.buildings += batch.buildings
        whole.ground += batch.ground
        whole.addresses += batch.addresses
    return extract, whole


def left_out(extract: Extract) -> dict[tuple[str, str], int]:
    return dict(extract.left_out.counts)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "town.osm.pbf"


def test_a_district_is_read_with_its_areas_streets_and_buildings(file: Path) -> None:
    extract, rows = read(district().write(file))
    assert [(area.level, area.name, area.source_ref) for area in extract.areas] == [
        (6, "试区", "osm:r1"),
        (8, "西街道", "osm:r2"),
        (8, "东街道", "osm:r3"),
    ]
    assert Counter(street.class_ for street in rows.streets) == {"main": 1, "lane": 17}
    assert {street.name for street in rows.streets} >= {"5纵路", "9横路"}
    assert Counter((one.kind, one.storeys) for one in rows.buildings) == {("home", 4): 100}
    assert left_out(extract) == {}
    whole, west, east = (area.shape for area in extract.areas)
    assert whole.equals(west.union(east)) and west.intersection(east).area == 0
    assert extract.box == pytest.approx((118.299, 26.999, 118.321, 27.021))


def test_a_closed_way_with_a_boundary_s_tags_is_no_area(file: Path) -> None:
    made = district()
    made.ring(0.4, 0.4, 0.6, 0.6, boundary="administrative", admin_level="8")
    extract, _ = read(made.write(file))
    assert len(extract.areas) == 3 and left_out(extract) == {}


def test_what_is_not_whole_is_left_out_and_counted(file: Path) -> None:
    made = osm.Extract()
    made.way([(0, 0), (1, 0)], highway="residential")
    made.way([(0, 0), (1, 0), (1, 1)], building="yes")
    made.relation([(999, "outer")], building="yes")
    made.relation([(1, "outer")], type="boundary", boundary="administrative", admin_level="6", name="缺区")
    made.relation([(1, "outer")], type="site", building="yes")
    known = made.node((3, 3))
    made.way_of([known, 70_001], highway="residential")
    made.way_of([known, made.node((3, 4)), 70_001, made.node((3, 5)), made.node((3, 6))], highway="residential")
    made.way([(0, 2), (1, 2)], highway="construction")
    made.way([(0, 5), (0, 6)], addr__interpolation="odd")
    made.ring(5, 5, 6, 6, boundary="administrative", admin_level="4", name="省")
    extract, rows = read(made.write(file))
    assert left_out(extract) == {
        ("building", "not_closed"): 1,
        ("building", "not_complete"): 1,
        ("building", "not_an_area"): 1,
        ("area", "no_shape"): 1,
        ("street", "no_line"): 1,
        ("street", "nodes_missing"): 1,
        ("street", "highway=construction"): 1,
        ("address", "interpolated"): 1,
    }
    assert [street.source_ref for street in rows.streets] == ["osm:w1", "osm:w4.1", "osm:w4.2"]
    assert extract.left_out.first["building", "not_complete"] == ["osm:r1"]


def test_parts_and_holes_of_an_area_are_kept_apart(file: Path) -> None:
    made = osm.Extract()
    outer, hole, second = made.ring(0, 0, 1, 1), made.ring(0.4, 0.4, 0.6, 0.6), made.ring(2, 0, 3, 1)
    made.relation([(outer, "outer"), (hole, "inner"), (second, "outer")], building="school", name="两院小学")
    _, rows = read(made.write(file))
    assert [(one.source_ref, one.code, one.kind) for one in rows.buildings] == [
        ("osm:r1.1", "osm_r1.1", "public"),
        ("osm:r1.2", "osm_r1.2", "public"),
    ]
    holes = sorted(len(shapely.from_wkb(one.shape).interiors) for one in rows.buildings)
    assert holes == [0, 1]


def test_water_green_and_plazas_are_told_apart(file: Path) -> None:
    made = osm.Extract()
    made.ring(0, 0, 1, 1, natural="water", name="湖")
    made.ring(1, 0, 2, 1, leisure="park")
    made.ring(2, 0, 3, 1, highway="pedestrian", area="yes", name="广场")
    made.ring(3, 0, 4, 1, highway="pedestrian")
    made.way([(0, 2), (4, 2)], waterway="river", width="100 m", name="江")
    made.way([(0, 3), (4, 3)], waterway="stream", tunnel="culvert")
    made.ring(0, 4, 1, 5, waterway="stream")
    _, rows = read(made.write(file))
    kinds = {one.source_ref: (one.kind, one.name) for one in rows.ground}
    assert kinds == {
        "osm:w1": ("water", "湖"), "osm:w2": ("green", None), "osm:w3": ("plaza", "广场"),
        "osm:w5.line": ("water", "江"), "osm:w7.line": ("water", None),
    }  # fmt: skip
    assert [street.source_ref for street in rows.streets] == ["osm:w4"]
    river = next(shapely.from_wkb(one.shape) for one in rows.ground if one.name == "江")
    assert (river.bounds[3] - river.bounds[1]) * 111_320 == pytest.approx(100, rel=0.01)


def test_house_numbers_are_read_from_nodes_and_from_areas(file: Path) -> None:
    made = osm.Extract()
    made.node((0.5, 0.5), addr__housenumber="12", addr__street="和平路")
    made.ring(1, 1, 2, 2, building="yes", addr__housenumber="7a", addr__street="Long Street")
    made.way([(0, 3), (1, 3)], highway="residential")
    _, rows = read(made.write(file))
    told = {one.source_ref: (one.street, one.number, one.text) for one in rows.addresses}
    assert told == {"osm:n1": ("和平路", "12", "和平路12号"), "osm:w1": ("Long Street", "7a", "Long Street 7a")}
    inside = shapely.from_wkb(next(one.point for one in rows.addresses if one.source_ref == "osm:w1"))
    assert shapely.from_wkb(rows.buildings[0].shape).contains(inside)


@pytest.mark.parametrize(
    ("tags", "kind", "storeys"),
    [
        ({"building": "yes"}, "home", 1),
        ({"building": "apartments", "building:levels": "33"}, "home", 33),
        ({"building": "yes", "shop": "mall", "building:levels": "3.5"}, "shop", 3),
        ({"building": "yes", "amenity": "school", "building:levels": "2;3"}, "public", 2),
        ({"building": "garage", "building:levels": "-1"}, "work", 1),
        ({"building": "yes", "office": "yes", "building:levels": "9" * 50}, "work", 200),
        ({"building": "never seen", "building:levels": "many"}, "home", 1),
    ],
)
def test_kind_and_storeys_come_from_tags(tags: dict[str, str], kind: str, storeys: int) -> None:
    assert (building_kind(tags), storeys_of(tags)) == (kind, storeys)


def test_texts_are_tidied_and_chinese_names_come_first() -> None:
    assert name_of({"name": "Long Street", "name:zh": " 长\u0000安\n街 "}) == "长 安 街"
    assert name_of({"name": "\u200b \t"}) is None
    assert text_of("x" * 300) == "x" * 200
    assert address_of({"addr:housenumber": "5"}) == (None, "5", "5")


@pytest.mark.parametrize("content", [b"", b"no map at all" * 99, b"\x00" * 5_000, b"\xff" * 5_000])
@pytest.mark.parametrize("name", ["town.osm.pbf", "town.osm", "town.txt"])
def test_what_is_no_extract_is_refused(content: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileUnreadableError):
        read(path)


def test_nothing_a_folder_and_a_giant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError):
        read(tmp_path / "none.osm.pbf")
    with pytest.raises(FileUnreadableError):
        read(tmp_path)
    with (tmp_path / "giant.osm.pbf").open("wb") as giant:
        giant.truncate((1 << 30) + 1)
    with pytest.raises(FileTooLargeError):
        read(tmp_path / "giant.osm.pbf")


def test_an_extract_without_anything_for_a_map_is_refused(file: Path) -> None:
    made = osm.Extract()
    made.node((0, 0), shop="yes")
    with pytest.raises(NoFeaturesError):
        read(made.write(file))


@pytest.mark.parametrize("kept", [0.001, 0.5, 0.99])
def test_an_extract_cut_off_is_refused(kept: float, tmp_path: Path) -> None:
    whole = shared_extract("liechtenstein").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(FileUnreadableError):
        read(path)


def by_gdal(path: Path, layer: str, where: str, *columns: str) -> list[dict[str, str | None]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about rings that are not closed
        frame = pyogrio.read_dataframe(path, layer=layer, columns=list(columns), where=where, on_invalid="ignore")
    frame = frame[frame.geometry.notna()]
    return [
        {name: value if isinstance(value, str) else None for name, value in row.items()}
        for row in frame.drop(columns="geometry").to_dict("records")
    ]


@pytest.mark.parametrize("name", EXTRACTS)
def test_streets_are_those_that_gdal_reads(name: str) -> None:
    _, rows = read(shared_extract(name))
    lines = by_gdal(shared_extract(name), "lines", "highway IS NOT NULL", "osm_id", "highway")
    theirs = {f"osm:w{row['osm_id']}" for row in lines if row["highway"] in STREET_CLASSES}
    assert {street.source_ref.split(".")[0] for street in rows.streets} == theirs


@pytest.mark.parametrize("name", EXTRACTS)
def test_buildings_are_those_that_gdal_reads_or_counted_as_broken(name: str) -> None:
    extract, rows = read(shared_extract(name))
    areas = by_gdal(shared_extract(name), "multipolygons", "building IS NOT NULL", "osm_id", "osm_way_id", "building")
    theirs = {
        f"osm:r{row['osm_id']}" if row["osm_id"] else f"osm:w{row['osm_way_id']}"
        for row in areas
        if row["building"] != "no"
    }
    ours = {building.source_ref.split(".")[0] for building in rows.buildings}
    old_style = {ref for ref in theirs - ours if ref.startswith("osm:r")} - extract.left_out.broken
    assert theirs - ours - old_style <= extract.left_out.broken
    assert len(old_style) <= 7, "relations without tags of their own: their outer way is the building"
    assert len(ours - theirs) <= 8 and all(ref.startswith("osm:w") for ref in ours - theirs)


def test_the_municipalities_of_liechtenstein_lie_in_its_two_halves() -> None:
    extract, _ = read(shared_extract("liechtenstein"))
    halves = [area for area in extract.areas if area.level == 6]
    municipalities = [area for area in extract.areas if area.level == 8]
    assert (len(halves), len(municipalities)) == (2, 11)
    for one in municipalities:
        assert sum(one.shape.intersection(half.shape).area / one.shape.area > 0.999 for half in halves) == 1
