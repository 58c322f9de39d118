"""Grids found by SedonaDB: one join in SQL for each stretch of rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import sedonadb
import shapely

from data.points.answers import Rows
from data.points.rows import Degrees
from geo.shapes import Shapes

EXACT = "SET sedona.spatial_join.spatial_library = 'geos'"  # its own default errs on some points of a border
GRIDS = "SELECT rank, ST_GeomFromWKB(wkb) AS shape FROM given_grids"
JOIN = """
    SELECT p.place, min(g.rank) AS rank
    FROM grids AS g JOIN positions AS p ON ST_Covers(g.shape, ST_Point(p.lng, p.lat))
    GROUP BY p.place
"""


class SedonaDb:
    """Answers as `geo.locate.Locator` does: borders belong, of several the lowest code, of equal codes the lowest row."""

    def __init__(self, codes: Sequence[str], shapes: Shapes) -> None:
        self._row_of = np.array(sorted(range(len(codes)), key=codes.__getitem__), dtype=np.int32)
        wkb = shapely.to_wkb(np.asarray(shapes, dtype=np.object_)[self._row_of])
        self._context: Any = sedonadb.connect()
        self._context.sql(EXACT).execute()
        self._view("given_grids", {"rank": pa.array(np.arange(len(codes), dtype=np.int32)), "wkb": pa.array(wkb)})
        self._context.sql(GRIDS).to_memtable().to_view("grids", overwrite=True)

    def __call__(self, lng: Degrees, lat: Degrees, /) -> Rows:
        """Find the rows of the grids that cover positions; from one thread at a time."""
        given = np.flatnonzero(~np.isnan(lng))
        found = np.full(len(lng), -1, dtype=np.int32)
        self._view("positions", {"place": given, "lng": lng[given], "lat": lat[given]})
        joined = pa.table(self._context.sql(JOIN))
        found[joined["place"].to_numpy()] = self._row_of[joined["rank"].to_numpy()]
        return found

    def _view(self, name: str, columns: dict[str, Any]) -> None:
        self._context.create_data_frame(pa.table(columns)).to_view(name, overwrite=True)
