"""The tree's own words: levels and grid layers, written from what a town says of itself; planned redraws taken back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.areas import area_level
from data.bulk import insert_many
from data.grids import grid_layer
from data.importing.errors import ImportingError
from data.importing.writing import ONE_AT_A_TIME
from data.outbox import Outbox
from data.outlines import redraw_outlines

ASIDE = text("UPDATE area_level SET rank = -rank - 1 WHERE code = ANY(CAST(:codes AS text[]))")
DOUBLED_RANK = text("SELECT rank FROM area_level WHERE rank = ANY(CAST(:ranks AS smallint[])) ORDER BY rank LIMIT 1")
UPSIDE_DOWN = text("""
    SELECT a.code, p.code AS parent FROM area a JOIN area p ON p.id = a.parent_id
    JOIN area_level l ON l.code = a.level JOIN area_level u ON u.code = p.level
    WHERE l.rank <= u.rank ORDER BY a.path LIMIT 1
""")
UNFIT = text("""
    SELECT l.code, count(*) AS areas FROM area a JOIN area_level l ON l.code = a.level
    WHERE a.code !~ ('^[0-9]{' || l.digits || '}$') GROUP BY l.code, l.rank ORDER BY l.rank
""")
FORGET_LINEAGE = text("""
    DELETE FROM grid_lineage USING grid g
    WHERE g.id = after AND g.layer = :layer AND lower(g.valid) > clock_timestamp()
""")
FORGET_GRIDS = text("DELETE FROM grid WHERE layer = :layer AND lower(valid) > clock_timestamp()")
GO_ON = text("""
    UPDATE grid SET valid = tstzrange(lower(valid), NULL)
    WHERE layer = :layer AND NOT upper_inf(valid) AND upper(valid) > clock_timestamp()
""")
HOMELESS_AREAS = text("""
    DELETE FROM area a WHERE a.id = ANY(CAST(:ids AS uuid[]))
      AND NOT EXISTS (SELECT FROM grid g WHERE g.area_id = a.id) AND NOT EXISTS (SELECT FROM area c WHERE c.parent_id = a.id)
""")
PLANNED_AREAS = text("SELECT area_id FROM grid WHERE layer = :layer AND lower(valid) > clock_timestamp()")


class RankTakenError(ImportingError):
    """Two levels would have one rank; fact `rank`."""

    code = "rank_taken"


class RankAgainstTreeError(ImportingError):
    """An area would stand above the one it lies in; facts `area` and `parent`."""

    code = "rank_against_tree"


@dataclass(frozen=True, slots=True)
class Level:
    """A level: the smaller its rank, the higher it stands. `digits`: how long its codes are, where they are standard."""

    code: str
    rank: int
    name: str
    name_en: str
    digits: int | None


@dataclass(frozen=True, slots=True)
class GridLayer:
    """A layer of grids, and how many households a grid of it shall have."""

    code: str
    name: str
    name_en: str
    least_households: int | None
    most_households: int | None


async def write_tree(
    connection: AsyncConnection, levels: Sequence[Level], layers: Sequence[GridLayer]
) -> dict[str, int]:
    """Write levels and layers, new ones and others anew; return by level how many areas have codes that do not fit.

    Raises
    ------
    RankTakenError, RankAgainstTreeError
        If the ranks cannot be.
    """
    codes = [level.code for level in levels]
    await connection.execute(ASIDE, {"codes": codes})
    ranks = [level.rank for level in levels]
    taken = (await connection.execute(DOUBLED_RANK, {"ranks": ranks})).scalar_one_or_none()
    twice = next((rank for rank in ranks if ranks.count(rank) > 1), taken)
    if twice is not None:
        raise RankTakenError(rank=twice)
    for table, rows in ((area_level, levels), (grid_layer, layers)):
        given = [asdict(row) for row in rows]
        names = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.columns)
        await insert_many(connection, table, given, f"(code) DO UPDATE SET {names}")
    wrong = (await connection.execute(UPSIDE_DOWN)).one_or_none()
    if wrong is not None:
        raise RankAgainstTreeError(area=wrong.code, parent=wrong.parent)
    await Outbox(connection).put("ground")
    return {row.code: row.areas for row in await connection.execute(UNFIT)}


async def read_tree(connection: AsyncConnection) -> tuple[list[Level], list[GridLayer]]:
    """Read levels from the root down and layers by code."""
    levels = await connection.execute(select(area_level).order_by(area_level.c.rank))
    layers = await connection.execute(select(grid_layer).order_by(grid_layer.c.code))
    return [Level(**row._mapping) for row in levels], [GridLayer(**row._mapping) for row in layers]


async def unplan(connection: AsyncConnection, layer: str) -> int:
    """Take back what is planned of a layer: versions that have not begun go, those in force go on; return how many went."""
    await connection.execute(ONE_AT_A_TIME)
    areas = list((await connection.execute(PLANNED_AREAS, {"layer": layer})).scalars())
    await connection.execute(FORGET_LINEAGE, {"layer": layer})
    gone: int = (await connection.execute(FORGET_GRIDS, {"layer": layer})).rowcount
    await connection.execute(GO_ON, {"layer": layer})
    await connection.execute(HOMELESS_AREAS, {"ids": areas})
    await redraw_outlines(connection)
    return gone
