"""Take areas of one level out of a file into the tree and a grid layer: all or nothing, counted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from data.bulk import insert_many
from data.grids import Purpose
from data.importing.drawn import Drawn, Written
from data.importing.files import ReadAreas
from data.importing.writing import write_drawn
from data.town import town


@dataclass(frozen=True, slots=True)
class How:
    """How a file's grids are written: dedicated to what, from when on, in place of all others of their kind or not."""

    purpose: Purpose | None = None
    begins: datetime | None = None
    replace: bool = False


NOW_AND_BESIDE = How()


async def load_areas(
    connection: AsyncConnection, read: ReadAreas, level: str, layer: str | None, how: How = NOW_AND_BESIDE
) -> Written:
    """Write what was read as areas of `level`, and as grids of `layer` where one is named, as `write_drawn` does."""
    drawn = Drawn(
        level,
        read.codes,
        read.names,
        read.shapes,
        layer=layer,
        purpose=how.purpose,
        features=read.features,
        refused=read.refused,
    )
    return await write_drawn(connection, drawn, begins=how.begins, replace=how.replace)


async def name_town(connection: AsyncConnection, code: str, name: str, time_zone: str) -> None:
    """Write the town's row where there is none yet."""
    row = {"id": 1, "code": code, "name": name, "name_en": name, "time_zone": time_zone, "demo": False}
    await insert_many(connection, town, [row], "DO NOTHING")
