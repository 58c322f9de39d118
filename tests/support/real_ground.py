"""Polygons of real OpenStreetMap extracts, just as they are, those included that cross themselves."""

import warnings

import pyogrio

from geo.shapes import Shape
from tests.support.extracts import shared_extract

MOST = 700  # polygons of one extract, evenly chosen


def areas(name: str, where: str | None = None) -> tuple[list[str], list[Shape]]:
    """Return codes and polygons of an extract; the test is skipped where the extract is not here."""
    path = shared_extract(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about rings that are not closed
        columns = ["osm_id", "osm_way_id"]
        frame = pyogrio.read_dataframe(path, layer="multipolygons", columns=columns, where=where, on_invalid="ignore")
    frame = frame[frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    frame = frame.iloc[:: -(-len(frame) // MOST)]
    codes = frame["osm_id"].fillna(frame["osm_way_id"]).astype(str).tolist()
    return codes, list(frame.geometry)
