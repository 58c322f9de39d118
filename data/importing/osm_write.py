"""Write what an extract holds: staged by COPY, then merged by reference; the town's own rows are not touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.importing.osm_rows import Batch
from data.importing.osm_shapes import Box

REFS = "osm:"


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of the base map: its columns beside id and reference, the last of which is the shape in WKB."""

    table: str
    columns: tuple[str, ...]
    seen_by: str
    kept_while: str = ""

    @property
    def shape(self) -> str:
        """The column of the shape."""
        return next(name for name in self.columns if name in ("line", "shape", "point"))


ADDRESS = Kind("address", ("street", "number", "text", "point", "cell"), "point && {box}")
KINDS = {
    "streets": Kind("street", ("name", "class", "line"), "line_3857 && st_transform({box}, 3857)"),
    "buildings": Kind(
        "building",
        ("code", "name", "kind", "storeys", "shape"),
        "shape_3857 && st_transform({box}, 3857)",
        """AND NOT EXISTS (SELECT FROM household h WHERE h.building_id = t.id)
           AND NOT EXISTS (SELECT FROM address a WHERE a.building_id = t.id)""",
    ),
    "ground": Kind("ground", ("kind", "name", "shape"), "shape_3857 && st_transform({box}, 3857)"),
    "addresses": ADDRESS,
}
TYPES = {"storeys": "smallint", "cell": "bigint", "line": "bytea", "shape": "bytea", "point": "bytea"}
BOX = "st_makeenvelope(:west, :south, :east, :north, 4326)"
STAGE = "CREATE TEMP TABLE read_{table} (id uuid, source_ref text, {columns}) ON COMMIT DROP"
COUNT = "SELECT count(*) FROM read_{table}"
READ_ONCE = "DELETE FROM read_{table} r USING read_{table} o WHERE o.source_ref = r.source_ref AND o.id < r.id"
CHANGE = """
    UPDATE {table} t SET {set} FROM read_{table} r
    WHERE r.source_ref = t.source_ref AND ({there}) IS DISTINCT FROM ({read})
"""
ADD = """
    INSERT INTO {table} (id, source_ref, {names}) SELECT r.id, r.source_ref, {taken} FROM read_{table} r
    WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.source_ref = r.source_ref)
"""
GONE = """
    {do} FROM {table} t WHERE t.source_ref LIKE 'osm:%' AND {seen_by}
    AND NOT EXISTS (SELECT FROM read_{table} r WHERE r.source_ref = t.source_ref)
    AND split_part(t.source_ref, '.', 1) <> ALL (CAST(:broken AS text[])) {kept_while}
"""
TIE = text("""
    UPDATE address a SET building_id = found.building FROM (
        SELECT o.id, b.id AS building FROM address o LEFT JOIN LATERAL (
            SELECT building.id FROM building
            WHERE shape_3857 && st_transform(o.point, 3857) AND st_covers(shape, o.point)
            ORDER BY split_part(building.source_ref, '.', 1) = o.source_ref DESC NULLS LAST, st_area(shape), id LIMIT 1
        ) b ON true WHERE o.source_ref LIKE 'osm:%'
    ) found WHERE found.id = a.id AND a.building_id IS DISTINCT FROM found.building
""")


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the rows of one table; `kept` are gone from the file, but households live in them."""

    new: int
    changed: int
    unchanged: int
    gone: int
    kept: int
    doubled: int


async def stage(connection: AsyncConnection) -> None:
    """Make the tables that rows are read into; nobody else loads meanwhile."""
    await connection.execute(text("LOCK TABLE street, building, ground, address IN SHARE ROW EXCLUSIVE MODE"))
    for kind in KINDS.values():
        columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in kind.columns)
        await connection.execute(text(STAGE.format(table=kind.table, columns=columns)))


async def put(connection: AsyncConnection, batch: Batch) -> None:
    """Copy a batch into the tables of `stage`."""
    for name, kind in KINDS.items():
        rows: Sequence[tuple[Any, ...]] = getattr(batch, name)
        driver = (await connection.get_raw_connection()).driver_connection
        columns = ["id", "source_ref", *kind.columns]
        await driver.copy_records_to_table(f"read_{kind.table}", records=rows, columns=columns)  # type: ignore[union-attr]


async def merge(connection: AsyncConnection, box: Box, broken: Sequence[str]) -> dict[str, Merged]:
    """Bring the tables to what was read, by reference, and tie house numbers to the buildings they stand in.

    What the file no longer holds is deleted where the file looked: in its `box`, and not among `broken`.
    """
    bound = dict(zip(("west", "south", "east", "north"), box, strict=True)) | {
        "broken": sorted({ref.split(".")[0] for ref in broken})
    }
    found = {}
    for name, kind in KINDS.items():
        found[name] = await _bring(connection, kind)
    await connection.execute(TIE)
    gone = {name: await _drop(connection, kind, bound) for name, kind in reversed(KINDS.items())}
    return {name: Merged(*found[name][:3], *gone[name], found[name][3]) for name in KINDS}


async def _bring(connection: AsyncConnection, kind: Kind) -> tuple[int, int, int, int]:
    """Return how many rows are new, changed, unchanged, and were read a second time."""
    parts = _parts(kind)
    await connection.execute(text("CREATE INDEX ON read_{table} (source_ref)".format(**parts)))
    await connection.execute(text("ANALYZE read_{table}".format(**parts)))
    doubled = (await connection.execute(text(READ_ONCE.format(**parts)))).rowcount
    read = (await connection.execute(text(COUNT.format(**parts)))).scalar_one()
    changed = (await connection.execute(text(CHANGE.format(**parts)))).rowcount
    new = (await connection.execute(text(ADD.format(**parts)))).rowcount
    return new, changed, read - changed - new, doubled


async def _drop(connection: AsyncConnection, kind: Kind, bound: dict[str, Any]) -> tuple[int, int]:
    """Return how many rows are gone, and how many of those that should be are kept."""
    parts = _parts(kind)
    gone = (await connection.execute(text(GONE.format(do="DELETE", **parts)), bound)).rowcount
    if not kind.kept_while:
        return gone, 0
    still = GONE.format(do="SELECT count(*)", **(parts | {"kept_while": ""}))
    return gone, (await connection.execute(text(still), bound)).scalar_one()


def _parts(kind: Kind) -> dict[str, str]:
    taken = {
        name: f"st_geomfromwkb(r.{name}, 4326)" if name == kind.shape else f'r."{name}"' for name in kind.columns
    }
    there = {name: f"st_asbinary(t.{name})" if name == kind.shape else f't."{name}"' for name in kind.columns}
    return {
        "table": kind.table,
        "names": ", ".join(f'"{name}"' for name in kind.columns),
        "set": ", ".join(f'"{name}" = {value}' for name, value in taken.items()),
        "taken": ", ".join(taken.values()),
        "there": ", ".join(there.values()),
        "read": ", ".join(f'r."{name}"' for name in kind.columns),
        "seen_by": kind.seen_by.format(box=BOX),
        "kept_while": kind.kept_while,
    }
