"""Write what was drawn: areas of one level into the tree, and grids of a layer as new versions with where they came from."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.areas import area
from data.bulk import insert_many
from data.grids import Purpose
from data.households import Households
from data.importing.drawn import Drawn as Drawn
from data.importing.drawn import Written as Written
from data.importing.errors import (
    BeginsInPastError,
    LaterPlannedError,
    LayerWantedError,
    UnknownLayerError,
    UnknownLevelError,
)
from data.importing.planning import Descent, Known, Plan, Standing, Version, plan
from data.lineage import grid_lineage
from data.outlines import redraw_outlines
from data.schema import new_id, statement

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('wangge.ground'))")
NOW = text("SELECT clock_timestamp()")
LEVELS = text("SELECT code, digits FROM area_level ORDER BY rank")
LAYERS = text("SELECT code FROM grid_layer ORDER BY code")
PLANNED = text("""
    SELECT max(t) FROM grid, unnest(ARRAY[lower(valid), upper(valid)]) AS t
    WHERE layer = :layer AND t >= CAST(:begins AS timestamptz)
""")
EXTENT = text("""
    SELECT st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e) FROM (SELECT st_extent(shape) AS e FROM area) AS extent
""")
AREAS = text(statement("drawing_areas"))
VERSIONS = text("""
    SELECT id, code, name, purpose, st_asbinary(shape) AS shape, st_asbinary(drawn) AS drawn FROM grid
    WHERE layer = :layer AND valid @> CAST(:begins AS timestamptz) ORDER BY code
""")
UPDATE_AREA = text("""
    UPDATE area SET name = :name, shape = st_geomfromwkb(:shape, 4326)
    WHERE code = :code AND (name, shape) IS DISTINCT FROM (:name, st_geomfromwkb(:shape, 4326))
""")
MOVE_AREA = text(statement("move_area"))
END_GRIDS = text("""
    UPDATE grid SET valid = tstzrange(lower(valid), CAST(:begins AS timestamptz)) WHERE id = ANY(CAST(:ids AS uuid[]))
""")
WRITE_GRIDS = text(statement("write_grids"))
COUNT_HOUSEHOLDS = text("SELECT households_in_each(CAST(:shapes AS bytea[]))")


async def write_drawn(
    connection: AsyncConnection, drawn: Drawn, *, begins: datetime | None = None, replace: bool = False
) -> Written:
    """Write what was drawn, or nothing where anything is refused, in the caller's transaction.

    The parent of each area is the one of the nearest level above that covers a point inside it. A code that is there
    keeps its area; where its grid's shape, name or purpose differs, a new version follows the old one without a gap.
    Dedicated grids are cut out of the layer's basic ones as these were drawn, so that what a dedicated grid gives up
    is theirs again.

    Parameters
    ----------
    begins
        From when on the grids are in force; now where none is named. For a later moment the versions are planned and
        areas that are there stay as they are.
    replace
        End the layer's grids of this kind, basic or dedicated, that were not drawn.

    Raises
    ------
    UnknownLevelError, UnknownLayerError
        If the database knows no such level or layer.
    LayerWantedError, BeginsInPastError, LaterPlannedError
        If `begins`, `replace` or a purpose make no sense for what was drawn.
    """
    await connection.execute(ONE_AT_A_TIME)
    now: datetime = (await connection.execute(NOW)).scalar_one()
    begin = begins or now
    await _check(connection, drawn, begins, now, replace)
    standing = await _standing(connection, drawn, begin)
    made = await asyncio.to_thread(plan, drawn, standing, later=begin > now, replace=replace)
    if made.refused:
        return Written(made.refused, made.ground)
    await _write_areas(connection, drawn, standing, made, later=begin > now)
    await _write_grids(connection, drawn.layer, made, begin)
    if drawn.layer is not None and begin <= now:
        await Households(connection).settle()
    await redraw_outlines(connection)
    return _told(drawn, standing, made)


def _told(drawn: Drawn, standing: Standing, made: Plan) -> Written:
    drawn_codes = set(drawn.codes)
    old = len(drawn_codes & standing.known.keys())
    changed = {version.code for version in made.begun} - drawn_codes
    return Written(
        refused=(),
        ground=made.ground,
        new=len(drawn_codes) - old,
        redrawn=old - sum(made.same),
        unchanged=sum(made.same),
        ended=made.gone,
        cut=made.cut,
        exclaves=made.exclaves,
        grown=made.grown,
        beside=tuple(sorted(changed - {*made.cut, *made.grown})),
        descents=len(made.descents),
    )


async def _check(
    connection: AsyncConnection, drawn: Drawn, begins: datetime | None, now: datetime, replace: bool
) -> None:
    levels = list((await connection.execute(LEVELS)).scalars())
    if drawn.level not in levels:
        raise UnknownLevelError(level=drawn.level, levels=", ".join(levels))
    layers = list((await connection.execute(LAYERS)).scalars())
    if drawn.layer is not None and drawn.layer not in layers:
        raise UnknownLayerError(layer=drawn.layer, layers=", ".join(layers))
    if drawn.layer is None and (begins is not None or replace or drawn.purpose is not None):
        raise LayerWantedError
    if begins is not None and begins <= now:
        raise BeginsInPastError(begins=begins.isoformat(), now=now.isoformat(timespec="seconds"))
    begin = begins or now
    planned = (await connection.execute(PLANNED, {"layer": drawn.layer, "begins": begin})).scalar_one()
    if planned is not None:
        raise LaterPlannedError(layer=drawn.layer, begins=begin.isoformat(), planned=planned.isoformat())


async def _standing(connection: AsyncConnection, drawn: Drawn, begins: datetime) -> Standing:
    digits = {row.code: row.digits for row in await connection.execute(LEVELS)}
    bound = {"begins": begins, "codes": list(drawn.codes), "level": drawn.level}
    areas = [
        Known(row.id, row.level, row.code, row.name, row.path, shapely.from_wkb(row.shape), row.prefix)
        for row in await connection.execute(AREAS, bound)
    ]
    codes = set(drawn.codes)
    above = {found.level for found in areas} - {drawn.level}
    ranks = list(digits)
    nearest = max(
        (level for level in above if ranks.index(level) < ranks.index(drawn.level)), key=ranks.index, default=None
    )
    versions = await _versions(connection, drawn.layer, begins)
    extent = (await connection.execute(EXTENT)).one()
    return Standing(
        digits=digits[drawn.level],
        parents=tuple(found for found in areas if found.level == nearest and found.shape is not None),
        known={found.code: found for found in areas if found.code in codes},
        versions=versions,
        extent=None if extent[0] is None else np.array([[float(value) for value in extent]]),
    )


async def _versions(connection: AsyncConnection, layer: str | None, begins: datetime) -> tuple[Version, ...]:
    rows = await connection.execute(VERSIONS, {"layer": layer, "begins": begins})
    return tuple(
        Version(
            row.id,
            row.code,
            row.name,
            row.purpose and Purpose(row.purpose),
            *shapely.from_wkb([row.shape, row.drawn]),
        )
        for row in rows
    )


async def _write_areas(
    connection: AsyncConnection, drawn: Drawn, standing: Standing, made: Plan, *, later: bool
) -> None:
    shapes = dict(zip(drawn.codes, drawn.shapes, strict=True)) | {one.code: one.shape for one in made.begun}
    refs = drawn.source_refs or [None] * len(drawn.codes)
    rows = [
        {
            "id": new_id(),
            "level": drawn.level,
            "code": code,
            "name": name,
            "parent_id": parent and parent.id,
            "path": f"{parent.path}.{code}" if parent else code,
            "shape": shapes[code],
            "source_ref": ref,
        }
        for code, name, parent, ref in zip(drawn.codes, drawn.names, made.above, refs, strict=True)
    ]
    await insert_many(connection, area, [row for row in rows if row["code"] not in standing.known])
    if later:
        return
    for row, parent in zip(rows, made.above, strict=True):
        await _move(connection, standing.known.get(str(row["code"])), parent)
    names = dict(zip(drawn.codes, drawn.names, strict=True)) | {one.code: one.name for one in made.begun}
    new = names.keys() & set(drawn.codes) - standing.known.keys()
    bound = [
        {"code": code, "name": names[code], "shape": shapely.to_wkb(shapes[code])}
        for code in shapes
        if code not in new
    ]
    if bound:
        await connection.execute(UPDATE_AREA, bound)


async def _move(connection: AsyncConnection, known: Known | None, parent: Known | None) -> None:
    """Hang an area that is there under the parent it lies in now."""
    if known is None or parent is None or known.path == f"{parent.path}.{known.code}":
        return
    await connection.execute(MOVE_AREA, {"code": known.code, "parent": parent.id, "above": parent.path})


async def _write_grids(connection: AsyncConnection, layer: str | None, made: Plan, begins: datetime) -> None:
    if made.ended:
        await connection.execute(END_GRIDS, {"begins": begins, "ids": [one.id for one in made.ended]})
    if not made.begun:
        return
    ids = {one.code: new_id() for one in made.begun}
    bound = {
        "layer": layer,
        "begins": begins,
        "ids": list(ids.values()),
        "codes": list(ids),
        "names": [one.name for one in made.begun],
        "purposes": [one.purpose for one in made.begun],
        "shapes": [shapely.to_wkb(one.shape) for one in made.begun],
        "drawn": [shapely.to_wkb(one.drawn) for one in made.begun],
    }
    await connection.execute(WRITE_GRIDS, bound)
    await _write_descents(connection, made.descents, ids)


async def _write_descents(connection: AsyncConnection, descents: Sequence[Descent], ids: dict[str, UUID]) -> None:
    pieces = [shapely.to_wkb(one.piece) for one in descents]
    counts = (await connection.execute(COUNT_HOUSEHOLDS, {"shapes": pieces})).scalar_one()
    rows = [
        {"before": one.before, "after": ids[one.after], "m2": one.m2, "households": count}
        for one, count in zip(descents, counts, strict=True)
    ]
    await insert_many(connection, grid_lineage, rows)
