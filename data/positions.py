"""Where workers were seen, many at once: columns in, columns out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import statement
from geo.cells import cells_of

type Floats = NDArray[np.float64]

PLACES = text("""
    SELECT ltree2text(w.area_path) AS area_path, array_agg(given.place) AS places
    FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS given (id, place) JOIN worker w ON w.id = given.id
    GROUP BY w.area_path
""")
KEEP = text(statement("keep_positions"))
MOVED = text(statement("moved_workers"))


@dataclass(frozen=True, slots=True)
class Fixes:
    """One fix of each of k workers, in the order of their ids: WGS 84 degrees and Unix seconds, float64 (k,)."""

    ids: Sequence[str]
    lng: Floats
    lat: Floats
    datum: Sequence[str]
    fixed_at: Floats
    accuracy_m: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """Workers of whom nothing changed but where and when they were seen, each column of the same length."""

    ids: Sequence[UUID] = ()
    lng: Sequence[float] = ()
    lat: Sequence[float] = ()
    fixed_at: Sequence[datetime] = ()
    accuracy_m: Sequence[float | None] = ()
    seen_at: Sequence[datetime] = ()


NOBODY = Moved()


class Positions:
    """Statements on where many workers are."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def places(self, ids: Sequence[str]) -> dict[str | None, list[int]]:
        """Read which of `ids` are workers' and where in the tree they belong: rows of `ids` by place, None: nowhere."""
        found = await self._connection.execute(PLACES, {"ids": ids})
        return {row.area_path: [place - 1 for place in row.places] for row in found}

    async def keep(self, fixes: Fixes) -> int:
        """Keep those fixes that are newer than what stands; return how many.

        One statement that locks in the order of ids: two that overlap wait for each other and never in a circle.
        """
        bound: dict[str, Any] = {
            "ids": fixes.ids,
            "lng": fixes.lng.tolist(),
            "lat": fixes.lat.tolist(),
            "cells": cells_of(fixes.lng, fixes.lat).tolist(),
            "accuracy_m": fixes.accuracy_m,
            "fixed_at": fixes.fixed_at.tolist(),
            "datum": fixes.datum,
        }
        kept: int = (await self._connection.execute(KEEP, bound)).scalar_one()
        return kept

    async def moved(self, since: int) -> Moved:
        """Read those whose fix was touched by transaction `since` or a later one, and whose row was not."""
        row = (await self._connection.execute(MOVED, {"since": str(since)})).one()
        return NOBODY if row.ids is None else Moved(*row)
