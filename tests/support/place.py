"""A small place, row by row: grids as boxes on a lattice of hundredths of a degree."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from shapely import MultiPolygon, Point, Polygon, box
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from data.areas import area
from data.bulk import insert_many
from data.categories import category, category_department, category_slot
from data.grids import grid
from data.ladders import ladder, ladder_rung
from data.rights import Permission
from data.rosters import duty_pattern
from data.schema import new_id
from data.tokens import TokenKind, Tokens
from data.units import membership
from data.workers import worker, worker_position
from geo.cells import cell_of
from geo.point import Point as GeoPoint

ROUND_THE_CLOCK = (time(0), time(0))
EVERY_DAY = range(1, 8)
VALID = "[2020-01-01,)"
WEST, SOUTH, STEP = 118.30, 27.00, 0.01


def square(column: int, row: int) -> MultiPolygon:
    """Return the square in a column and row of the lattice, WGS 84."""
    west, south = round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)
    return MultiPolygon([box(west, south, round(west + STEP, 7), round(south + STEP, 7))])


def middle(column: float, row: float) -> tuple[float, float]:
    """Return the longitude and latitude of the middle of a square."""
    return WEST + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP


class Place:
    """A builder that writes as the owner; every call commits."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._each = engine.execution_options(isolation_level="AUTOCOMMIT")  # nothing around a single statement
        self.areas: dict[str, UUID] = {}
        self.paths: dict[str, str] = {}
        self.grids: dict[tuple[str, str], UUID] = {}

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator["Place"]:
        engine = create_async_engine(url, pool_pre_ping=True)
        yield cls(engine)
        await engine.dispose()

    async def run(self, statement: str, **bound: Any) -> list[Any]:
        """Run a statement of the test's own and return its rows."""
        async with self._each.connect() as connection:
            done = await connection.execute(text(statement), bound)
            return list(done) if done.returns_rows else []

    async def insert(self, table: Any, row: dict[str, Any]) -> None:
        """Insert a row; shapes are shapely geometries in WGS 84."""
        async with self._each.connect() as connection:
            await insert_many(connection, table, [row])

    async def add_town(self, time_zone: str = "Asia/Shanghai", demo: bool = False) -> None:
        """Add the town's row."""
        await self.run(
            "INSERT INTO town (id, code, name, name_en, time_zone, demo) VALUES (1, '350783', '试城', 'Test', :z, :d)",
            z=time_zone,
            d=demo,
        )

    async def add_area(
        self, code: str, level: str = "community", parent: str | None = None, shape: Any = None
    ) -> UUID:
        """Add an area under a parent."""
        await self.insert(area, self._area(code, level, parent, shape))
        return self.areas[code]

    def _area(self, code: str, level: str, parent: str | None, shape: Any) -> dict[str, Any]:
        self.areas[code] = new_id()
        self.paths[code] = path = code if parent is None else f"{self.paths[parent]}.{code}"
        return {
            "id": self.areas[code],
            "level": level,
            "code": code,
            "name": f"{code}区",
            "parent_id": self.areas[parent] if parent else None,
            "path": path,
            "shape": shape,
        }

    async def add_grid(
        self,
        code: str,
        shape: Polygon | MultiPolygon,
        parent: str | None = None,
        layer: str = "governance",
        valid: str = VALID,
    ) -> UUID:
        """Add a grid and, the first time, its area."""
        await self._add_grids({code: shape}, parent, layer, valid)
        return self.grids[layer, code]

    async def _add_grids(
        self, shapes: Mapping[str, Polygon | MultiPolygon], parent: str | None, layer: str, valid: str
    ) -> None:
        """Add grids by their codes, with the areas that are not there yet, at once."""
        whole = {code: one if isinstance(one, MultiPolygon) else MultiPolygon([one]) for code, one in shapes.items()}
        areas = [self._area(code, "grid", parent, one) for code, one in whole.items() if code not in self.areas]
        grids = [self._grid(code, one, layer) for code, one in whole.items()]
        async with self.engine.begin() as connection:
            await insert_many(connection, area, areas)
            await insert_many(connection, grid, grids)
            await connection.execute(
                text("UPDATE grid SET valid = CAST(CAST(:valid AS text) AS tstzrange) WHERE id = ANY(:ids)"),
                {"valid": valid, "ids": [one["id"] for one in grids]},
            )

    def _grid(self, code: str, shape: MultiPolygon, layer: str) -> dict[str, Any]:
        self.grids[layer, code] = id_ = new_id()
        return {
            "id": id_,
            "layer": layer,
            "area_id": self.areas[code],
            "area_path": self.paths[code],
            "code": code,
            "name": f"{code}网格",
            "shape": shape,
        }

    async def add_block(self, columns: int, rows: int, parent: str = "C1") -> None:
        """Add a town of columns × rows square grids, named by column and row as `G00`."""
        await self.add_town()
        if parent not in self.areas:
            await self.add_area(parent)
        each = [(column, row) for column in range(columns) for row in range(rows)]
        block = {f"G{column}{row}": square(column, row) for column, row in each}
        await self._add_grids(block, parent, "governance", VALID)

    async def add_category(self, code: str, **rule: Any) -> None:
        """Add a category; by default urgent, nearest, for anybody."""
        row = {
            "code": code,
            "standard_ref": "test",
            "kind": "matter",
            "standard_code": code,
            "name": code,
            "name_en": code,
            "layer": "governance",
            "skill": None,
            "urgency": "urgent",
            "ranking": "nearest",
            "exclusive": False,
            "deadline_minutes": 60,
            "offer_seconds": 120,
        }
        await self.insert(category, row | rule)

    async def add_slot(self, category_code: str, slot: str, **rule: Any) -> None:
        """Let a category need one more responder; by default a person, whoever is nearest."""
        row = {"category": category_code, "slot": slot, "responder": "person", "skill": None, "ranking": "nearest"}
        await self.insert(category_slot, row | {"exclusive": False, "ladder": None} | rule)

    async def add_ladder(self, code: str, *rungs: tuple[str, int, int | None, int]) -> None:
        """Add a ladder; each rung is whom, how many tries, seconds an offer stands, seconds to wait for somebody."""
        await self.insert(ladder, {"code": code, "name": code, "name_en": code})
        for at, (whom, tries, offer, wait) in enumerate(rungs):
            row = {"ladder": code, "rung": at, "whom": whom, "tries": tries}
            await self.insert(ladder_rung, row | {"offer_seconds": offer, "wait_seconds": wait})

    async def add_unit(
        self,
        code: str,
        at: tuple[float, float] | None = None,
        kind: str = "team",
        members: Sequence[UUID] = (),
        **given: Any,
    ) -> UUID:
        """Add a team, station or department that stands at a place, and who belongs to it."""
        usual: dict[str, Any] = {"name": f"{code}队", "role": kind, "capacity": 9}
        id_ = await self.add_worker(code, at, kind=kind, **usual | given)
        for one in members:
            await self.insert(membership, {"unit_id": id_, "worker_id": one, "part": None})
        return id_

    async def add_department(self, code: str, *categories: str, minutes: int = 30, **given: Any) -> UUID:
        """Add a department that a whistle for these categories calls in."""
        id_ = await self.add_unit(code, kind="department", **given)
        for one in categories:
            row = {"category": one, "department_id": id_, "report_in_minutes": minutes}
            await self.insert(category_department, row)
        return id_

    async def add_worker(
        self, code: str, at: tuple[float, float] | None = None, age: timedelta = timedelta(0), **given: Any
    ) -> UUID:
        """Add a worker, seen `age` ago at a place, on duty round the clock unless `shift` is another, or None."""
        id_, home, shift = new_id(), given.pop("home", None), given.pop("shift", ROUND_THE_CLOCK)
        row = {
            "id": id_,
            "code": code,
            "name": "王小明",
            "role": "grid_worker",
            "skills": (),
            "home_area_id": self.areas[home] if home else None,
            "area_path": self.paths[home] if home else None,
            "capacity": 1,
            "active_tasks": 0,
        }
        await self.insert(worker, row | given)
        await self.roster(id_, shift)
        if at is not None:
            await self.put(id_, at, age)
        return id_

    async def roster(
        self, worker_id: UUID, shift: tuple[time, time] | None, weekdays: Sequence[int] = EVERY_DAY
    ) -> None:
        """Put one shift, on some weekdays, in the place of a worker's weekly pattern; None: never on duty."""
        await self.run("DELETE FROM duty_pattern WHERE worker_id = :id", id=worker_id)
        week = [] if shift is None else [(weekday, *shift) for weekday in weekdays]
        names = ("weekday", "starts", "ends")
        async with self.engine.begin() as connection:
            rows = [dict(zip(names, one, strict=True)) | {"id": new_id(), "worker_id": worker_id} for one in week]
            await insert_many(connection, duty_pattern, rows)
            await connection.execute(text("INSERT INTO outbox (kind, at) VALUES ('roster', now())"))

    async def put(self, worker_id: UUID, at: tuple[float, float], age: timedelta = timedelta(0)) -> None:
        """Set where a worker was last seen."""
        await self.run("DELETE FROM worker_position WHERE worker_id = :id", id=worker_id)
        seen = {
            "worker_id": worker_id,
            "point": Point(at),
            "cell": cell_of(GeoPoint(*at)),
            "accuracy_m": 8.0,
            "fixed_at": datetime.now(UTC) - age,
            "given_datum": "wgs84",
        }
        await self.insert(worker_position, seen)

    async def add_account(
        self, *roles: tuple[str, str | None] | tuple[str, str | None, str | None], worker_id: UUID | None = None
    ) -> UUID:
        """Add an account that holds roles, each for an area's code (None: the whole town) and perhaps a layer."""
        id_ = new_id()
        await self.run(
            "INSERT INTO account (id, login, name, worker_id, created_at) VALUES (:id, :login, '某人', :worker, now())",
            id=id_,
            login=f"a{id_.hex}",
            worker=worker_id,
        )
        for role, area_code, *layer in roles:
            await self.run(
                """INSERT INTO account_role (id, account_id, role, administrator, area_id, layer, given_at)
                SELECT :id, :account, code, administrator, :area, :layer, now() FROM role WHERE code = :role""",
                id=new_id(),
                account=id_,
                role=role,
                area=self.areas[area_code] if area_code else None,
                layer=layer[0] if layer else None,
            )
        return id_

    async def token_of(
        self, account_id: UUID, kind: TokenKind = TokenKind.PROGRAM, only: Sequence[Permission] | None = None
    ) -> str:
        """Issue a token for an account, narrowed to some permissions where they are named."""
        async with self.engine.begin() as connection:
            return (await Tokens(connection).issue(account_id, kind, 1, permissions=only))[0]

    async def token(self, role: str, worker_id: UUID | None = None, area_code: str | None = None) -> str:
        """Issue a token for a new account with one role, for the whole town unless an area is named."""
        return await self.token_of(await self.add_account((role, area_code), worker_id=worker_id))
