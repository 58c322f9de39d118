"""Polygons of real OpenStreetMap extracts, just as they are, those included that cross themselves."""

import warnings
from pathlib import Path

import pyogrio
import pytest

from geo.shapes import Shape

SHARED = Path(__file__).parents[3] / "shared" / "data"
EXTRACTS = {
    "liechtenstein": "liechtenstein_osm/liechtenstein.osm.pbf",
    "helsinki": "helsinki_osm/Helsinki.osm.pbf",
    "haidian": "beijing_haidian_osm/haidian.osm.pbf",
    "longgang": "shenzhen_longgang_osm/longgang.osm.pbf",
}
MOST = 700  # polygons of one extract, evenly chosen


def areas(name: str, where: str | None = None) -> tuple[list[str], list[Shape]]:
    """Return codes and polygons of an extract; the test is skipped where the extract is not here."""
    path = SHARED / EXTRACTS[name]
    if not path.exists():
        pytest.skip(f"../shared/data/{path.parent.name} is not here")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about rings that are not closed
        columns = ["osm_id", "osm_way_id"]
        frame = pyogrio.read_dataframe(path, layer="multipolygons", columns=columns, where=where, on_invalid="ignore")
    frame = frame[frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    frame = frame.iloc[:: -(-len(frame) // MOST)]
    codes = frame["osm_id"].fillna(frame["osm_way_id"]).astype(str).tolist()
    return codes, list(frame.geometry)
