"""Areas out of vector files: GeoPackage, GeoJSON, shapefiles, OpenStreetMap extracts, whatever GDAL reads.

OpenStreetMap extracts (.osm.pbf) are read from their layer `multipolygons`. Relations carry `osm_id` there,
closed ways `osm_way_id`; member ways of a boundary often repeat its tags, so a level of administration is
asked for with `where="admin_level='8' AND osm_id IS NOT NULL"`.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError, FeatureError
from pyproj.exceptions import ProjError
from shapely import MultiPolygon

from data.importing.drawn import CODE
from data.importing.drawn import Refused as Refused
from data.importing.errors import (
    CrsUnusableError,
    FieldMissingError,
    FileMissingError,
    FileUnreadableError,
    LayerMissingError,
    LayerNeededError,
    NoFeaturesError,
    TooManyFeaturesError,
    WhereInvalidError,
)
from geo.datum import Datum, to_wgs84
from geo.errors import ShapeError
from geo.shapes import check_area

CODE_FIELDS = ("code", "grid_code", "gridcode", "area_code", "网格编码", "编码", "代码", "adcode", "osm_id")
NAME_FIELDS = ("name", "名称", "网格名称", "grid_name", "gridname", "area_name")
OSM_LAYERS = {"points", "lines", "multilinestrings", "multipolygons", "other_relations"}
DEGREES_ALREADY = {4326, 4490}  # EPSG: WGS 84, CGCS2000
MAX_FEATURES = 100_000
DAMAGED = (DataSourceError, FeatureError, UnicodeDecodeError, IndexError)
CONDITION_REFUSED = (
    "Invalid SQL",
    "prepare SQL",
)  # in the reader's words; SQLite's formats ask while reading


@dataclass(frozen=True, slots=True, eq=False)
class ReadAreas:
    """What a file holds: `codes`, `names` and `shapes` (MultiPolygon in WGS 84) in the file's order.

    `features` are their numbers in the file, from 1. Codes may be doubled and shapes may overlap:
    `geo.quality.check_ground` counts that. `refused` features are in none of them.
    """

    layer: str
    code_field: str
    name_field: str | None
    features: tuple[int, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    shapes: NDArray[np.object_]
    refused: tuple[Refused, ...]


def read_areas(
    path: Path,
    datum: Datum,
    where: str | None = None,
    source_layer: str | None = None,
    code_field: str | None = None,
    name_field: str | None = None,
) -> ReadAreas:
    """Read areas with code, name and shape; nothing is repaired, what cannot be used is refused and named.

    Coordinates of a projected system become degrees first; then degrees of `datum` become WGS 84. A file that
    does not name its system holds degrees of `datum`. Heights are dropped. Features are refused for the
    reasons of `ShapeError`, and as code_missing or code_invalid.

    Parameters
    ----------
    where
        A condition in OGR SQL on the layer's fields.
    source_layer
        Needed where a file has several layers with shapes; OpenStreetMap extracts default to multipolygons.
    code_field, name_field
        Found among the usual names unless given, upper and lower case alike; a feature without a name gets
        its code as name.

    Raises
    ------
    ImportingError
        One of its kinds, where the file as a whole cannot be used.
    """
    if not path.exists():
        raise FileMissingError(file=path.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reader's remarks on names and rings: the features tell the same
        layer = _layer(path, source_layer)
        frame = _read(path, layer, where)
        shapes = _in_wgs84(frame, datum)
    fields = [str(name) for name in frame.columns if name != frame.geometry.name]
    code_by = _field(fields, code_field, CODE_FIELDS)
    name_by = _field(fields, name_field, NAME_FIELDS)
    if code_by is None:
        raise FieldMissingError(field=None, fields=fields)
    codes = _texts(frame[code_by])
    names = _texts(frame[name_by]) if name_by else codes
    taken, refused = _sort_out(codes, shapes)
    return ReadAreas(
        layer=layer,
        code_field=code_by,
        name_field=name_by,
        features=tuple(row + 1 for row in taken),
        codes=tuple(str(codes[row]) for row in taken),
        names=tuple(str(names[row] or codes[row]) for row in taken),
        shapes=_array(taken.values()),
        refused=refused,
    )


def _layer(path: Path, wanted: str | None) -> str:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except DAMAGED as broken:
        raise _unreadable(path, broken) from broken
    if wanted is not None and wanted not in layers:
        raise LayerMissingError(layer=wanted, layers=layers)
    if wanted is not None:
        return wanted
    if set(layers) == OSM_LAYERS:
        return "multipolygons"
    if len(layers) > 1:
        raise LayerNeededError(layers=layers)
    if not layers:
        raise FileUnreadableError(file=path.name, detail="no layer with shapes")
    return layers[0]


def _read(path: Path, layer: str, where: str | None) -> geopandas.GeoDataFrame:
    try:
        frame = _decoded(path, layer, where)
    except (*DAMAGED, ValueError) as refused:
        if where is not None and any(sign in str(refused) for sign in CONDITION_REFUSED):
            fields = [str(name) for name in pyogrio.read_info(path, layer=layer)["fields"]]
            raise WhereInvalidError(where=where, fields=fields) from refused
        raise _unreadable(path, refused) from refused
    if len(frame) == 0:
        raise NoFeaturesError(layer=layer, where=where)
    if len(frame) > MAX_FEATURES:
        raise TooManyFeaturesError(layer=layer, most=MAX_FEATURES)
    return frame


def _decoded(path: Path, layer: str, where: str | None) -> geopandas.GeoDataFrame:
    """Read the layer; a shapefile that does not name its encoding is UTF-8 or else GB 18030."""
    unsaid = pyogrio.read_info(path, layer=layer)["encoding"] == "ISO-8859-1"
    if not unsaid or path.with_suffix(".cpg").exists():
        return _frame(path, layer, where, None)
    try:
        return _frame(path, layer, where, "UTF-8")
    except UnicodeDecodeError:
        return _frame(path, layer, where, "GB18030")


def _frame(path: Path, layer: str, where: str | None, encoding: str | None) -> geopandas.GeoDataFrame:
    most = MAX_FEATURES + 1
    return pyogrio.read_dataframe(
        path, layer=layer, where=where, encoding=encoding, max_features=most, on_invalid="ignore"
    )


def _unreadable(path: Path, broken: Exception) -> FileUnreadableError:
    return FileUnreadableError(file=path.name, detail=str(broken)[:300])


def _field(fields: Sequence[str], wanted: str | None, usual: Sequence[str]) -> str | None:
    """Find the field wanted, or else the first of the usual ones; None if none of those is there."""
    by_name = {field.lower(): field for field in reversed(fields)}
    if wanted is not None and wanted not in fields and wanted.lower() not in by_name:
        raise FieldMissingError(field=wanted, fields=fields)
    if wanted is not None:
        return wanted if wanted in fields else by_name[wanted.lower()]
    return next((by_name[name] for name in usual if name in by_name), None)


def _in_wgs84(frame: geopandas.GeoDataFrame, datum: Datum) -> NDArray[np.object_]:
    try:
        if frame.crs is not None and frame.crs.to_epsg() not in DEGREES_ALREADY:
            frame = frame.to_crs(4326)
    except ProjError as unusable:
        raise CrsUnusableError(crs=str(frame.crs)[:100], detail=str(unusable)[:300]) from unusable
    flat = shapely.force_2d(np.asarray(frame.geometry.array, dtype=np.object_))

    def shift(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(degrees[:, 0], degrees[:, 1], datum))

    return np.asarray(shapely.transform(flat, shift), dtype=np.object_)


def _texts(column: "pandas.Series[Any]") -> list[str | None]:
    """Write a field's values as texts; whole numbers without a fraction, None for what is missing."""
    texts: list[str | None] = []
    for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True):
        whole = isinstance(value, float) and value.is_integer()
        text = "" if missing else str(int(value) if whole else value).strip()
        texts.append(text or None)
    return texts


def _sort_out(
    codes: Sequence[str | None], shapes: NDArray[np.object_]
) -> tuple[dict[int, MultiPolygon], tuple[Refused, ...]]:
    taken: dict[int, MultiPolygon] = {}
    refused: list[Refused] = []
    for row, (code, shape) in enumerate(zip(codes, shapes, strict=True)):
        area = _area(code, shape)
        if isinstance(area, MultiPolygon):
            taken[row] = area
        else:
            refused.append(Refused(row + 1, code, area))
    return taken, tuple(refused)


def _area(code: str | None, shape: object) -> MultiPolygon | str:
    """Take a feature as an area, or say why not."""
    if code is None:
        return "code_missing"
    if not CODE.fullmatch(code):
        return "code_invalid"
    if shape is None:
        return "empty"
    try:
        return check_area(shape)
    except ShapeError as wrong:
        return str(wrong.facts["reason"])


def _array(shapes: Iterable[MultiPolygon]) -> NDArray[np.object_]:
    listed = list(shapes)
    array = np.empty(len(listed), dtype=np.object_)
    array[:] = listed
    return array
