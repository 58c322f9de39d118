"""Week: who is on duty when, for who may see it. Read under the person's own rights, reckoned by the same rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from data.rights import Permission
from data.rosters import DayChange, Pattern, People, Reason, Reservation
from data.store import Reader
from data.tokens import Actor
from dispatch.city import City
from dispatch.errors import UnknownWorkerError
from dispatch.shifts import shifts_of_day, usual_of

DAY = timedelta(days=1)
AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WeekWanted:
    """Which days of whom; `first` None is today, `area` a code."""

    first: date | None
    days: int
    area: str | None = None
    search: str | None = None
    after: str | None = None
    limit: int = 200


async def week(wanted: WeekWanted, actor: Actor, reader: Reader, city: City) -> dict[str, Any]:
    """Return a page of people with their days, and how many are on duty now in each grid; an unknown area has nobody."""
    known = None if wanted.area is None else await reader.areas.of_code(wanted.area)
    now = await reader.board.now()
    if wanted.area is not None and known is None:
        return _told(wanted, now, city.zone) | {"items": [], "grids": [], "next": None}
    path = known and known[1]
    people, onward = await reader.rosters.people(People(None, path, wanted.search, wanted.after, wanted.limit))
    layer = actor.rights.first_layer(Permission.GROUND_VIEW)
    grids = await reader.rosters.counts(layer, city.duty.on(now), path)
    items = await _planned(people, wanted, now, reader, city)
    return _told(wanted, now, city.zone) | {"items": items, "grids": grids, "next": onward}


async def own_days(days: int, actor: Actor, reader: Reader, city: City) -> dict[str, Any]:
    """Return the coming days of the actor's own worker and of the units it belongs to."""
    wanted, now = WeekWanted(None, days), await reader.board.now()
    people, _ = await reader.rosters.people(People(actor.responders))
    return _told(wanted, now, city.zone) | {"items": await _planned(people, wanted, now, reader, city)}


async def roster_of(worker_id: UUID, reader: Reader, city: City) -> dict[str, Any]:
    """Return one worker's weekly pattern, and what is said of the time from yesterday to three months ahead.

    Raises
    ------
    UnknownWorkerError
        If there is no such worker, or it is not the actor's to see.
    """
    people, _ = await reader.rosters.people(People([worker_id]))
    if not people:
        raise UnknownWorkerError(id=worker_id)
    now = await reader.board.now()
    today = now.astimezone(city.zone).date()
    changes = await reader.rosters.changes(today - DAY, today + AHEAD, [worker_id])
    reserved = await reader.rosters.reservations(now, now + AHEAD, [worker_id])
    return people[0] | {
        "patterns": [_pattern(one) for one in await reader.rosters.patterns(date.min, date.max, [worker_id])],
        "changes": [_change(one) for one in changes],
        "reservations": [_reservation(one) for one in reserved],
    }


def _told(wanted: WeekWanted, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    today = now.astimezone(zone).date()
    return {"from": wanted.first or today, "days": wanted.days, "today": today}


async def _planned(
    people: Sequence[dict[str, Any]], wanted: WeekWanted, now: datetime, reader: Reader, city: City
) -> list[dict[str, Any]]:
    """Put the wanted days, duty now and reservations beside each of the people."""
    first, ids = wanted.first or now.astimezone(city.zone).date(), [one["id"] for one in people]
    days = [first + n * DAY for n in range(wanted.days)]
    patterns = _by_worker(await reader.rosters.patterns(days[0], days[-1], ids))
    changes = _by_worker(await reader.rosters.changes(days[0], days[-1], ids))
    midnight = datetime.combine(first, datetime.min.time(), city.zone)
    reserved = _by_worker(await reader.rosters.reservations(midnight, midnight + (wanted.days + 1) * DAY, ids))
    return [
        one
        | {
            "on_duty_until": city.duty.holds_until(one["id"], now),
            "days": [_day(day, patterns.get(one["id"], ()), changes.get(one["id"], ())) for day in days],
            "reservations": [_reservation(row) for row in reserved.get(one["id"], ())],
        }
        for one in people
    ]


def _by_worker[Row: (Pattern, DayChange, Reservation)](rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row.worker_id, []).append(row)
    return found


def _day(day: date, patterns: Iterable[Pattern], changes: Iterable[DayChange]) -> dict[str, Any]:
    """Shape a day: its shifts, and of what is said of it the last reason and all swaps."""
    said = sorted((one for one in changes if one.day == day), key=lambda one: one.made_at)
    shifts = shifts_of_day(usual_of(patterns, day), said)
    swaps = [one.swap_id for one in said if one.reason is Reason.SWAP]
    return {
        "day": day,
        "shifts": [_times(*shift) for shift in shifts],
        "changed": said[-1].reason if said else None,
        "swap": swaps[-1] if swaps else None,
    }


def _times(starts: Any, ends: Any) -> dict[str, str] | None:
    return None if starts is None else {"starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}


def _pattern(one: Pattern) -> dict[str, Any]:
    times = _times(one.starts, one.ends) or {}
    return {"weekday": one.weekday, **times, "from_day": one.from_day, "until_day": one.until_day}


def _change(one: DayChange) -> dict[str, Any]:
    return {"day": one.day, "shift": _times(one.starts, one.ends), "reason": one.reason, "swap": one.swap_id}


def _reservation(one: Reservation) -> dict[str, Any]:
    return {
        "id": one.id,
        "from": one.starts,
        "until": one.ends,
        "incident": one.incident_id,
        "purpose": one.purpose,
    }
