"""Reading areas from files that are as good and as bad as they come."""

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from data.importing.errors import (
    CrsUnusableError,
    FieldMissingError,
    FileMissingError,
    FileUnreadableError,
    ImportingError,
    LayerMissingError,
    LayerNeededError,
    NoFeaturesError,
    TooManyFeaturesError,
    WhereInvalidError,
)
from data.importing.files import read_areas
from geo.datum import Datum, from_wgs84, point_in

NOISE = np.random.default_rng(0).bytes(5000)
CODES, NAMES = ("370102013006008", "370102013006009"), ("第八网格", "第九网格")
SQUARES = [shapely.box(117, 36, 117.01, 36.01), shapely.box(117.01, 36, 117.02, 36.01)]


def grids(**fields: Any) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"code": CODES, "name": NAMES} | fields, geometry=SQUARES, crs=4326)


def written(path: Path, frame: geopandas.GeoDataFrame | None = None, **options: Any) -> Path:
    driver = "KML" if path.suffix == ".kml" else None  # by its name alone it would become a folder
    (grids() if frame is None else frame).to_file(path, driver=driver, **options)
    return path


def geojson(path: Path, *features: tuple[object, object]) -> Path:
    """Write features of (code, geometry)."""
    listed = [{"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}))
    return path


def polygon(*corners: tuple[float, ...]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.fgb", "a.kml", "a.gml", "a.shp.zip"])
def test_every_usual_format_is_read(name: str, tmp_path: Path) -> None:
    areas = read_areas(written(tmp_path / name), Datum.WGS84)
    told = sorted(zip(areas.codes, areas.names, areas.shapes, strict=True))
    assert [code for code, _, _ in told] == list(CODES)
    assert [text for _, text, _ in told] == list(NAMES)
    for (_, _, shape), square in zip(told, SQUARES, strict=True):
        assert shape.geom_type == "MultiPolygon" and shape.normalize().equals_exact(
            shapely.MultiPolygon([square]).normalize(), 1e-9
        )
    assert areas.refused == () and areas.code_field == "code"


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("said", [True, False])
def test_a_shapefile_is_read_whether_or_not_it_says_how_it_is_encoded(
    encoding: str, said: bool, tmp_path: Path
) -> None:
    frame = grids().rename(columns={"name": "名称", "code": "编码"})
    path = written(tmp_path / "a.shp", frame, encoding=encoding)
    if not said:
        path.with_suffix(".cpg").unlink()
    areas = read_areas(path, Datum.WGS84)
    assert (areas.code_field, areas.name_field, areas.names) == ("编码", "名称", NAMES)


@pytest.mark.parametrize("epsg", [4490, 4526, 4547, 32650, 3857])
def test_every_coordinate_system_becomes_degrees(epsg: int, tmp_path: Path) -> None:
    areas = read_areas(written(tmp_path / "a.gpkg", grids().to_crs(epsg)), Datum.CGCS2000)
    np.testing.assert_allclose(shapely.get_coordinates(areas.shapes), shapely.get_coordinates(SQUARES), atol=1e-9)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("epsg", [4326, 4526])
def test_a_shifted_datum_is_shifted_back_after_projection(datum: Datum, epsg: int, tmp_path: Path) -> None:
    shifted = grids()
    shifted.geometry = shapely.transform(SQUARES, lambda xy: np.column_stack(from_wgs84(*xy.T, datum)))
    areas = read_areas(written(tmp_path / "a.gpkg", shifted.to_crs(epsg)), datum)
    np.testing.assert_allclose(shapely.get_coordinates(areas.shapes), shapely.get_coordinates(SQUARES), atol=1e-9)


def test_a_file_that_names_no_system_holds_degrees_of_the_datum(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('code,WKT\n7,"POLYGON((117 36,117.01 36,117.01 36.01,117 36))"\n')
    assert shapely.get_coordinates(read_areas(path, Datum.WGS84).shapes)[0].tolist() == [117, 36]
    place = point_in(117, 36, Datum.GCJ02)
    assert shapely.get_coordinates(read_areas(path, Datum.GCJ02).shapes)[0].tolist() == [place.lng, place.lat]


def test_metres_without_a_system_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp", grids().to_crs(4526))
    path.with_suffix(".prj").unlink()
    assert [refused.reason for refused in read_areas(path, Datum.CGCS2000).refused] == ["out_of_range"] * 2


def test_a_local_system_that_lies_nowhere_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp")
    path.with_suffix(".prj").write_text('LOCAL_CS["town",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]')
    with pytest.raises(CrsUnusableError) as refusal:
        read_areas(path, Datum.WGS84)
    assert "town" in str(refusal.value.facts["crs"])


def test_heights_are_dropped(tmp_path: Path) -> None:
    areas = read_areas(written(tmp_path / "a.gpkg", grids().set_geometry(shapely.force_3d(SQUARES, 5))), Datum.WGS84)
    assert len(areas.codes) == 2 and not shapely.has_z(areas.shapes).any()


def test_numbers_are_codes_without_a_fraction(tmp_path: Path) -> None:
    for field in ([370102013006008, 2], [370102013006008.0, 2.0]):
        frame = grids().drop(columns="code").assign(code=field)
        assert read_areas(written(tmp_path / "a.gpkg", frame), Datum.WGS84).codes == ("370102013006008", "2")


def test_fields_are_found_in_any_case_and_taken_as_named(tmp_path: Path) -> None:
    frame = grids().rename(columns={"code": "GRID_CODE", "name": "Name"}).assign(other=["x", "y"])
    path = written(tmp_path / "a.gpkg", frame)
    assert read_areas(path, Datum.WGS84).codes == CODES
    areas = read_areas(path, Datum.WGS84, code_field="Other", name_field="other")
    assert (areas.codes, areas.names, areas.code_field) == (("x", "y"), ("x", "y"), "other")


def test_an_area_without_a_name_goes_by_its_code(tmp_path: Path) -> None:
    frame = grids().assign(name=["  ", None])
    assert read_areas(written(tmp_path / "a.gpkg", frame), Datum.WGS84).names == CODES
    frame = grids().drop(columns="name")
    assert read_areas(written(tmp_path / "b.gpkg", frame), Datum.WGS84).names == CODES


@pytest.mark.parametrize("named, wanted", [("nix", "nix"), (None, None)])
def test_a_field_that_is_not_there_is_refused_with_those_that_are(
    named: str | None, wanted: str | None, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.gpkg", grids().rename(columns={"code": "sort"}))
    with pytest.raises(FieldMissingError) as refusal:
        read_areas(path, Datum.WGS84, code_field=named)
    assert refusal.value.facts == {"field": wanted, "fields": ["sort", "name"]}


def test_each_feature_that_cannot_be_used_is_named_with_its_reason(tmp_path: Path) -> None:
    square = polygon((117, 36), (117.01, 36), (117.01, 36.01))
    turn = np.linspace(0, 2 * np.pi, 20_002, endpoint=False)
    long = polygon(*np.column_stack([117 + np.cos(turn), 36 + np.sin(turn)]).tolist())
    path = geojson(
        tmp_path / "a.geojson",
        ("good", square),
        ("no_shape", None),
        ("point", {"type": "Point", "coordinates": [117, 36]}),
        ("bow", polygon((117, 36), (117.01, 36.01), (117.01, 36), (117, 36.01))),
        ("far", polygon((117, 36), (117.01, 36), (917, 36))),
        ("line", {"type": "Polygon", "coordinates": [[[117, 36], [118, 36]]]}),
        (None, square),
        ("  ", square),
        ("has-hyphen", square),
        ("x" * 65, square),
        ("long", long),
        ("large", polygon((70, 20), (130, 20), (130, 50))),
        ("last", square),
    )
    areas = read_areas(path, Datum.WGS84)
    assert areas.codes == ("good", "last") and len(areas.shapes) == 2
    assert [(refused.feature, refused.reason) for refused in areas.refused] == [
        (2, "empty"),
        (3, "not_polygon"),
        (4, "self_crossing"),
        (5, "out_of_range"),
        (6, "empty"),
        (7, "code_missing"),
        (8, "code_missing"),
        (9, "code_invalid"),
        (10, "code_invalid"),
        (11, "too_many_vertices"),
        (12, "too_large"),
    ]
    assert areas.refused[2].code == "bow"


def test_a_coordinate_that_is_not_a_number_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", ("a", polygon((117, 36), (117.01, float("nan")), (117.01, 36.01))))
    assert [refused.reason for refused in read_areas(path, Datum.GCJ02).refused] == ["not_finite"]


def test_a_condition_chooses_features(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg")
    assert read_areas(path, Datum.WGS84, where="name = '第九网格'").codes == CODES[1:]


@pytest.mark.parametrize("where", ["sort = 'x'", "code = ((", "; drop table a"])
def test_a_condition_that_is_none_is_refused(where: str, tmp_path: Path) -> None:
    for name in ("a.gpkg", "a.geojson"):
        with pytest.raises(WhereInvalidError) as refusal:
            read_areas(written(tmp_path / name), Datum.WGS84, where=where)
        assert refusal.value.facts == {"where": where, "fields": ["code", "name"]}


def test_a_condition_that_nothing_meets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoFeaturesError):
        read_areas(written(tmp_path / "a.gpkg"), Datum.WGS84, where="code = 'x'")
    with pytest.raises(NoFeaturesError):
        read_areas(geojson(tmp_path / "b.geojson"), Datum.WGS84)


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", layer="governance")
    written(path, grids(code=["x", "y"]), layer="health")
    with pytest.raises(LayerNeededError) as refusal:
        read_areas(path, Datum.WGS84)
    assert refusal.value.facts == {"layers": ["governance", "health"]}
    assert read_areas(path, Datum.WGS84, source_layer="health").codes == ("x", "y")
    with pytest.raises(LayerMissingError):
        read_areas(path, Datum.WGS84, source_layer="party")


def test_more_features_than_a_town_has_areas_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.importing.files.MAX_FEATURES", 1)
    with pytest.raises(TooManyFeaturesError):
        read_areas(written(tmp_path / "a.gpkg"), Datum.WGS84)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError):
        read_areas(tmp_path / "a.gpkg", Datum.WGS84)
    with pytest.raises(FileMissingError):
        read_areas(Path("/vsicurl/http://127.0.0.1:9/a.geojson"), Datum.WGS84)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.osm.pbf", "a.kml", "a.zip", "a.csv", "a"])
@pytest.mark.parametrize("content", [b"", b"hello\n", NOISE, b"[" * 100_000, b"code,name\n1,a\n"])
def test_a_file_whose_name_lies_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileUnreadableError):
        read_areas(path, Datum.WGS84)


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadableError):
        read_areas(tmp_path, Datum.WGS84)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.kml", "a.shp"])
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9])
def test_a_file_cut_off_is_refused_or_loses_no_area_in_silence(name: str, kept: float, tmp_path: Path) -> None:
    path = written(tmp_path / name)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    try:
        areas = read_areas(path, Datum.WGS84)
    except ImportingError:
        return
    assert len(areas.codes) + len(areas.refused) == 2


def test_a_shapefile_without_its_fields_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(FieldMissingError):
        read_areas(path, Datum.WGS84)
