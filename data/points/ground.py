"""The grids of one layer that rows are to be laid into."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.grids import Grids
from data.points.errors import UnknownGridLayerError

ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
PATIENCE = text("SET LOCAL statement_timeout = '10min'")  # a nation's grids take longer than a page's rows
NAMES = text("""
    SELECT code, replace(ltree2text(area_path), '.', '/') AS areas, md5(st_asbinary(shape)) AS drawn
    FROM grid WHERE layer = :layer AND valid @> now() ORDER BY code
""")
SHAPES = text("""
    SELECT st_asbinary(shape) FROM grid WHERE layer = :layer AND valid @> now() ORDER BY code
""")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The grids of a layer in force at one moment, by code: their codes, and their areas joined by `/`.

    `mark` tells them from all others: the same codes, areas and shapes have the same one.
    """

    layer: str
    codes: tuple[str, ...]
    areas: tuple[str, ...]
    mark: str


class GroundReader:
    """Statements on the grids of one layer, all of which see the same moment."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Take a connection whose transaction has not read anything yet."""
        self._connection = connection

    async def ground(self, layer: str) -> Ground:
        """Read the layer's grids in force, without their shapes.

        Raises
        ------
        UnknownGridLayerError
            If there is no such layer, or no grid in it.
        """
        await self._connection.execute(ONE_MOMENT)
        await self._connection.execute(PATIENCE)
        rows = (await self._connection.execute(NAMES, {"layer": layer})).all()
        if not rows:
            layers = [known["code"] for known in await Grids(self._connection).layers()]
            raise UnknownGridLayerError(layer=layer, layers=layers)
        return Ground(layer, tuple(row.code for row in rows), tuple(row.areas for row in rows), _mark(layer, rows))

    async def shapes(self, ground: Ground) -> NDArray[np.object_]:
        """Read the shapes of the grids in the same order."""
        found = (await self._connection.execute(SHAPES, {"layer": ground.layer})).scalars().all()
        return np.asarray(shapely.from_wkb(found), dtype=np.object_)


def _mark(layer: str, rows: Sequence[Row[Any]]) -> str:
    digest = sha256(layer.encode())
    for row in rows:
        digest.update(f"|{row.code}|{row.areas}|{row.drawn}".encode())
    return digest.hexdigest()
