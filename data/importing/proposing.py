"""Draw first grids where there are none: street blocks merged until each has so many households."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.bulk import insert_many
from data.importing.errors import ImportingError, UnknownLayerError, UnknownLevelError
from data.importing.homes import (
    M2_OF_HOME,
    STREET_M_OF_HOME,
    Undivided,
    read_homes,
    read_lines,
    read_undivided,
)
from data.proposals import ProposalKind, proposal_shape
from data.schema import new_id
from geo.blocks import Blocks, Homes, Ints, Lines, street_blocks
from geo.dissolve import dissolve
from geo.dividing import Divided, divide
from geo.neighbouring import Wanted
from geo.shapes import area_m2

LEVEL = "grid"
LEAST, MOST = 300, 500  # docs/sources.md#baijiantan
MOST_GRIDS = 999  # a grid's number has three digits
RULE = text("SELECT least_households, most_households FROM grid_layer WHERE code = :layer")
LAYERS = text("SELECT code FROM grid_layer ORDER BY code")
RANK = text("SELECT rank FROM area_level WHERE code = :level")
THERE = text("SELECT 1 FROM area WHERE code = :code")
TAKEN = text("SELECT code FROM area WHERE code ~ '[0-9]{3}$'")
PUT = text("""
    INSERT INTO proposal (id, kind, layer, level, made, status, summary)
    VALUES (:id, :kind, :layer, :level, clock_timestamp(), 'proposed', CAST(:summary AS jsonb))
""")


class UnknownAreaError(ImportingError):
    """There is no area with this code; fact `area`."""

    code = "unknown_area"


class NothingToDivideError(ImportingError):
    """No area with a shape waits for grids; fact `divided`, how many have them already."""

    code = "nothing_to_divide"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; without a rule of its own the layer's holds, or else 300 to 500."""

    layer: str
    least: int | None = None
    most: int | None = None
    within: str | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Off:
    """A grid outside the rule, and why: too_few and indivisible are the area's own, one_place cannot be cut."""

    code: str
    name: str
    homes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A drawing that waits to be accepted. `counted_by`: what homes were counted by, with the areas' names."""

    id: UUID
    wanted: Wanted
    grids: int
    homes: int
    areas: int
    divided_before: int
    counted_by: Mapping[str, Sequence[str]]
    off: Sequence[Off]
    apart: int
    crossed: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What was drawn: blocks, the part of each, and (p,) of every part the shape, the homes and the area's row."""

    blocks: Blocks
    divided: Divided
    shapes: NDArray[np.object_]
    homes: Ints
    parents: Ints


async def propose_grids(connection: AsyncConnection, asked: Asked) -> Proposal:
    """Draw grids for every lowest area that has none in the layer, and keep them as a proposal.

    Raises
    ------
    UnknownLayerError, UnknownLevelError, UnknownAreaError, NothingToDivideError
        Where there is nothing to draw them for.
    """
    wanted = await _wanted(connection, asked)
    rank = (await connection.execute(RANK, {"level": LEVEL})).scalar_one_or_none()
    if rank is None:
        raise UnknownLevelError(level=LEVEL, levels="")
    if asked.within is not None and (await connection.execute(THERE, {"code": asked.within})).first() is None:
        raise UnknownAreaError(area=asked.within)
    found = await read_undivided(connection, asked.layer, rank, asked.within)
    areas = [area for area in found if not area.divided]
    if not areas:
        raise NothingToDivideError(divided=len(found))
    lines, homes = await read_lines(connection, areas), await read_homes(connection, areas)
    drawing = await asyncio.to_thread(draw, areas, lines, homes, wanted, asked.seed)
    rows = _rows(areas, drawing, set((await connection.execute(TAKEN)).scalars()))
    made = _proposal(areas, drawing, rows, wanted, len(found) - len(areas))
    await _put(connection, asked, made, rows)
    return made


def draw(areas: Sequence[Undivided], lines: Lines, homes: Homes, wanted: Wanted, seed: int) -> Drawing:
    """Cut areas into blocks and merge them."""
    ground = np.empty(len(areas), dtype=np.object_)
    ground[:] = [area.shape for area in areas]
    blocks = street_blocks(ground, lines, homes, max(1, (wanted.most - wanted.least) // 4))
    by_streets = np.array([area.counted_by == "streets" for area in areas])[blocks.parents]
    along = np.round(blocks.streets_m / 2 / STREET_M_OF_HOME).astype(np.int64)
    blocks = replace(blocks, homes=np.where(by_streets, along, blocks.homes))
    divided = divide(blocks, wanted, seed)
    drawn = np.concatenate([shapely.get_coordinates(ground), shapely.get_coordinates(lines.shapes)])
    count = int(divided.parts.max()) + 1
    sums, parents = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.add.at(sums, divided.parts, blocks.homes)
    parents[divided.parts] = blocks.parents
    return Drawing(blocks, divided, dissolve(blocks, divided.parts, drawn), sums, parents)


async def _wanted(connection: AsyncConnection, asked: Asked) -> Wanted:
    rule = (await connection.execute(RULE, {"layer": asked.layer})).one_or_none()
    if rule is None:
        layers = (await connection.execute(LAYERS)).scalars().all()
        raise UnknownLayerError(layer=asked.layer, layers=", ".join(layers))
    least = asked.least if asked.least is not None else (rule.least_households or LEAST)
    most = asked.most if asked.most is not None else (rule.most_households or MOST)
    return Wanted(least, max(least, most, 1))


def _rows(areas: Sequence[Undivided], drawing: Drawing, taken: set[str]) -> list[dict[str, Any]]:
    """Name and number the grids of each area from north to south; numbers that are taken are passed over."""
    m2 = area_m2(drawing.shapes).tolist()
    rows = []
    for part, (parent, homes) in enumerate(zip(drawing.parents.tolist(), drawing.homes.tolist(), strict=True)):
        area = areas[parent]
        stem = area.code if len(area.code) == 12 and area.code.isdecimal() else f"{area.code}_"
        number = next(n for n in range(1, 10 * MOST_GRIDS) if f"{stem}{n:03}" not in taken)
        taken.add(f"{stem}{number:03}")
        rows.append(
            {
                "code": f"{stem}{number:03}",
                "name": f"{area.name}第{number}网格",
                "parent_id": area.id,
                "shape": drawing.shapes[part],
                "was": None,
                "moved_m2": m2[part],
                "households": homes,
            }
        )
    return rows


def _proposal(
    areas: Sequence[Undivided], drawing: Drawing, rows: Sequence[Mapping[str, Any]], wanted: Wanted, before: int
) -> Proposal:
    by: dict[str, list[str]] = {}
    for area in areas:
        by.setdefault(area.counted_by, []).append(area.name)
    of_area = np.bincount(drawing.parents, drawing.homes, len(areas)).astype(np.int64).tolist()
    off = [
        Off(row["code"], row["name"], row["households"], _why(drawing, part, of_area[drawing.parents[part]], wanted))
        for part, row in enumerate(rows)
        if wanted.off(row["households"]) > 0
    ]
    return Proposal(
        id=new_id(),
        wanted=wanted,
        grids=len(rows),
        homes=int(drawing.homes.sum()),
        areas=len(areas),
        divided_before=before,
        counted_by=by,
        off=off,
        apart=len(drawing.divided.apart),
        crossed=drawing.divided.crossed,
    )


def _why(drawing: Drawing, part: int, of_area: int, wanted: Wanted) -> str:
    if of_area < wanted.least:
        return "too_few"
    if not wanted.packable(of_area):
        return "indivisible"
    largest = int(drawing.blocks.homes[drawing.divided.parts == part].max())
    return "one_place" if largest > (wanted.most - wanted.least) // 4 else "not_found"


async def _put(connection: AsyncConnection, asked: Asked, made: Proposal, rows: Sequence[Mapping[str, Any]]) -> None:
    summary = {
        "least": made.wanted.least,
        "most": made.wanted.most,
        "seed": asked.seed,
        "within": asked.within,
        "grids": made.grids,
        "homes": made.homes,
        "areas": made.areas,
        "counted_by": made.counted_by,
        "m2_of_home": M2_OF_HOME,
        "street_m_of_home": STREET_M_OF_HOME,
        "off": [{"code": o.code, "name": o.name, "homes": o.homes, "reason": o.reason} for o in made.off],
        "apart": made.apart,
        "crossed": made.crossed,
    }
    bound = {"id": made.id, "kind": ProposalKind.FIRST_GRIDS, "layer": asked.layer, "level": LEVEL}
    await connection.execute(PUT, bound | {"summary": json.dumps(summary, ensure_ascii=False)})
    await insert_many(connection, proposal_shape, [{"proposal_id": made.id} | dict(row) for row in rows])
