"""Figures: what somebody may have counted, named as far as that person may know, and the cases behind a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from data.areas import lies_in
from data.rights import EVERYWHERE, Permission, Rights
from data.store import Reader
from data.tokens import Actor
from dispatch.desk.reckon import Reckoning
from dispatch.errors import UnknownAreaError, UnknownCategoryError, UnknownLayerError, UnknownLevelError
from dispatch.figures.counting import Counting
from dispatch.figures.drill import Case, ids_behind
from dispatch.figures.groups import Known, Place
from dispatch.figures.telling import told
from dispatch.figures.wanted import By, Wanted
from dispatch.ledger import moment_us

GRID = "grid"
MANY = 1_000_000
BY_PEOPLE = (By.WORKER, By.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants what, in which time zone; `members` are those of each unit."""

    wanted: Wanted
    actor: Actor
    zone: ZoneInfo
    members: Mapping[UUID, frozenset[UUID]]


async def look_at_figures(asked: Asked, reading: Reader, reckoning: Reckoning) -> dict[str, Any]:
    """Return all figures of what is wanted, with when they were so.

    Raises
    ------
    UnknownAreaError, UnknownLayerError, UnknownLevelError, UnknownCategoryError
        If there is no such thing, or it is not the person's to see.
    FiguresLoadingError
        If the ledger is still being read.
    """
    counting, now = await _prepared(asked, reading)
    found = await reckoning.ask(lambda ledger: told(counting.count(ledger)), asked.zone)
    wanted = counting.wanted
    filters = {"area": wanted.area, "layer": wanted.layer, "category": wanted.category}
    return {
        "period": {"from": wanted.first, "to": wanted.last, "zone": asked.zone.key},
        "filters": {**filters, "by": wanted.by, "level": wanted.level},
        **found,
        "as_of": now,
        "loading": False,
    }


async def list_cases(
    asked: Asked, case: Case, reading: Reader, reckoning: Reckoning
) -> tuple[list[str], UUID | None]:
    """Return the rows of the incidents behind a figure, the newest first, and after which id the next page starts.

    Only of those that the person may see as well as have counted.

    Raises
    ------
    UnknownAreaError, UnknownLayerError, UnknownLevelError, UnknownCategoryError, FiguresLoadingError
        As for the figures themselves.
    """
    both = asked.actor.rights.within_both(Permission.FIGURES_VIEW, Permission.INCIDENT_VIEW)
    held = {code: keys for code, keys in asked.actor.rights.held.items() if code != Permission.FIGURES_OWN}
    actor = replace(asked.actor, rights=Rights(held | {Permission.FIGURES_VIEW: both}))
    counting, _ = await _prepared(replace(asked, actor=actor), reading)
    ids: Sequence[UUID] = await reckoning.ask(lambda ledger: ids_behind(counting, case, ledger), asked.zone)
    page = ids[: case.limit]
    return await reading.board.incidents(page), page[-1] if len(ids) > len(page) else None


async def _prepared(asked: Asked, reading: Reader) -> tuple[Counting, datetime]:
    """Check what is wanted and read the names for it."""
    wanted, actor = asked.wanted, asked.actor
    areas = await _areas(reading) if wanted.by is By.AREA or wanted.area or wanted.level else []
    categories = {one["code"]: one for one in await reading.board.categories()}
    layers = {one["code"] for one in await reading.grids.layers()} if wanted.layer else set()
    if wanted.category is not None and wanted.category not in categories:
        raise UnknownCategoryError
    if wanted.layer is not None and wanted.layer not in layers:
        raise UnknownLayerError
    if wanted.by is By.AREA or wanted.level:
        wanted = replace(wanted, level=_level(wanted, areas))
    if wanted.area is not None and wanted.area not in {area.code for area in areas}:
        raise UnknownAreaError
    workers = await reading.board.worker_names() if wanted.by in BY_PEOPLE else {}
    known = Known(_counted(areas, actor, wanted.area), categories, workers, asked.members)
    now = await reading.board.now()
    return Counting(wanted, known, moment_us(now), actor), now


async def _areas(reading: Reader) -> list[Place]:
    rows = await reading.areas.page(None, MANY)
    return [Place(row["code"], row["name"], row["level"], row["path"]) for row in rows]


def _level(wanted: Wanted, areas: Sequence[Place]) -> str:
    """Return the level that was asked for; else the one right below the area, or the area's own when none is."""
    if wanted.level is not None:
        if wanted.level not in {area.level for area in areas}:
            raise UnknownLevelError
        return wanted.level
    if wanted.area is None:
        return GRID
    here = next((area for area in areas if area.code == wanted.area), None)
    if here is None:
        raise UnknownAreaError
    below = (area.level for area in areas if area.path.rpartition(".")[0] == here.path)
    return next(below, here.level)


def _counted(areas: Sequence[Place], actor: Actor, chosen: str | None) -> list[Place]:
    """Leave out areas of which the person may not have the whole counted, in one layer at least; not the one chosen."""
    keys = actor.rights.held.get(Permission.FIGURES_VIEW, ())
    roots = [EVERYWHERE if key == EVERYWHERE else key.partition(".")[2] for key in keys]
    if EVERYWHERE in roots or actor.may(Permission.FIGURES_OWN):
        return list(areas)
    return [area for area in areas if area.code == chosen or any(lies_in(area.path, root) for root in roots)]
