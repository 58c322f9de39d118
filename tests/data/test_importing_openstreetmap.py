"""Reading areas from real OpenStreetMap extracts."""

import shutil
from pathlib import Path

import pytest

from data.importing.errors import FileUnreadableError, NoFeaturesError
from data.importing.files import read_areas
from geo.datum import Datum
from geo.quality import check_ground
from tests.support.extracts import shared_extract


def test_the_municipalities_of_liechtenstein_are_read_from_openstreetmap() -> None:
    level = "admin_level='8' AND osm_id IS NOT NULL"
    areas = read_areas(shared_extract("liechtenstein"), Datum.WGS84, where=level)
    assert sorted(areas.names) == [
        "Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell",
        "Schaan", "Schellenberg", "Triesen", "Triesenberg", "Vaduz",
    ]  # fmt: skip
    assert (areas.layer, areas.code_field, areas.refused) == ("multipolygons", "osm_id", ())
    assert check_ground(areas.codes, areas.shapes).clean


@pytest.mark.parametrize("kept", [0.001, 0.5, 0.99])
def test_an_extract_cut_off_is_refused(kept: float, tmp_path: Path) -> None:
    whole = shared_extract("liechtenstein")
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * kept)])
    with pytest.raises(FileUnreadableError):
        read_areas(path, Datum.WGS84)


def test_an_extract_under_another_name_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "town.geojson"
    shutil.copy(shared_extract("liechtenstein"), path)
    areas = read_areas(path, Datum.WGS84, where="admin_level='6' AND osm_id IS NOT NULL")
    assert sorted(areas.names) == ["Wahlkreis Oberland", "Wahlkreis Unterland"]


def test_quarters_without_administration_say_so() -> None:
    quarter = shared_extract("longgang")
    with pytest.raises(NoFeaturesError):
        read_areas(quarter, Datum.WGS84, where="admin_level IS NOT NULL")
    areas = read_areas(quarter, Datum.WGS84)
    assert "龙口水库" in areas.names and {refused.reason for refused in areas.refused} == {"code_missing"}
