"""Rosters: who is on duty when; weekly patterns, changed days, swaps, reservations."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.deps import Reading, TheCity, permitted
from api.once import Command, commanding
from api.plain import json_of
from api.routes.answers import PROBLEMS
from api.schemas.rosters import Day, DayIn, OwnDaysIn, ReservationIn, RosterIn, SwapIn, WeekIn
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.reserve import EITHER, release, reserve
from dispatch.desk.roster import change_day, restore_day, set_week
from dispatch.desk.swap import swap, take_back
from dispatch.desk.week import own_days, roster_of, week
from dispatch.shifts import Shift

router = APIRouter(prefix="/api", tags=["rosters"], responses=PROBLEMS)
Onlooker = Annotated[Actor, permitted(Permission.WORKER_VIEW, Permission.ROSTER_MANAGE)]
Oneself = Annotated[Actor, permitted(Permission.TASK_ANSWER)]
Managing = Annotated[Command, commanding(Permission.ROSTER_MANAGE)]
Reserving = Annotated[Command, commanding(*EITHER)]
OfDay = Annotated[Day, Path()]


@router.get("/roster")
async def listed(wanted: Annotated[RosterIn, Query()], actor: Onlooker, city: TheCity, reading: Reading) -> Response:
    """List who is on duty when, by home area and code, and how many are on duty now in each grid."""
    return _json(await week(wanted.wanted(), actor, reading, city))


@router.get("/roster/mine")
async def mine(wanted: Annotated[OwnDaysIn, Query()], actor: Oneself, city: TheCity, reading: Reading) -> Response:
    """List the own coming days, and those of one's units."""
    return _json(await own_days(wanted.days, actor, reading, city))


@router.get("/workers/{worker_id}/roster")
async def one(worker_id: UUID, actor: Onlooker, city: TheCity, reading: Reading) -> Response:
    """Show a worker's weekly pattern, changed days and reservations."""
    return _json(await roster_of(worker_id, reading, city))


@router.put("/workers/{worker_id}/roster")
async def replaced(worker_id: UUID, body: WeekIn, by: Managing) -> Response:
    """Put a weekly pattern in the place of the one a worker has."""

    async def work() -> object:
        return {"shifts": await set_week(worker_id, body.wanted(), by.actor, by.book)}

    return await by.once(work)


@router.post("/workers/{worker_id}/days")
async def changed(worker_id: UUID, body: DayIn, by: Managing) -> Response:
    """Say what a worker's day is instead of the pattern; an `extra` shift is added to it."""

    async def work() -> object:
        shifts = await change_day(worker_id, body.day, body.wanted(), body.why(), by.actor, by.book)
        return _day(body.day, shifts)

    return await by.once(work)


@router.delete("/workers/{worker_id}/days/{day}")
async def restored(worker_id: UUID, day: OfDay, by: Managing) -> Response:
    """Take back what was said of a worker's day, but for a swap."""

    async def work() -> object:
        return _day(day, await restore_day(worker_id, day, by.actor, by.book))

    return await by.once(work)


@router.post("/roster/swaps", status_code=201)
async def swapped(body: SwapIn, by: Managing) -> Response:
    """Let two workers trade their shifts; told is which skills are missing on a day because of it."""

    async def work() -> object:
        made = await swap(body.wanted(), by.actor, by.book)
        lacking = [{"day": row.day, "worker": row.worker_id, "skills": row.skills} for row in made.lacking]
        return {"id": made.id, "lacking": lacking}

    return await by.once(work, 201)


@router.delete("/roster/swaps/{swap_id}")
async def taken_back(swap_id: UUID, by: Managing) -> Response:
    """Take a swap back, for both."""

    async def work() -> object:
        await take_back(swap_id, by.actor, by.book)
        return {"taken_back": True}

    return await by.once(work)


@router.post("/workers/{worker_id}/reservations", status_code=201)
async def reserved(worker_id: UUID, body: ReservationIn, by: Reserving) -> Response:
    """Let a worker be spoken for, perhaps for an incident."""

    async def work() -> object:
        made = await reserve(worker_id, body.wanted(), by.actor, by.book)
        told = {"id": made.id, "worker": worker_id, "from": made.starts, "until": made.ends}
        return told | {"purpose": made.purpose, "incident": made.incident_id}

    return await by.once(work, 201)


@router.delete("/reservations/{reservation_id}")
async def released(reservation_id: UUID, by: Reserving) -> Response:
    """Let nobody be spoken for by a reservation any more."""

    async def work() -> object:
        await release(reservation_id, by.actor, by.book)
        return {"released": True}

    return await by.once(work)


def _day(day: date, shifts: list[Shift]) -> dict[str, Any]:
    return {"day": day, "shifts": [{"starts": f"{a:%H:%M}", "ends": f"{b:%H:%M}"} for a, b in shifts]}


def _json(told: dict[str, Any]) -> Response:
    return Response(json_of(told), media_type="application/json")
