"""A year of incidents made up from a seed, with the cases planted at which counting goes wrong; rows for COPY."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shapely import Point

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
NOW = datetime(2026, 1, 10, 4, tzinfo=UTC)
STEPS = ("receive", "dispatch", "arrive", "handle", "verify")
WAITING = ("filed", "dispatched", "handling", "handled", "inspecting", "rework", "returned", "shelved")
UNSORTED = ("reported", "received", "verifying")
ASIDE = ("rejected", "void", "duplicate")
DISPOSITIONS = ("resolved", "mediated", "transferred", "no_action")

type Row = dict[str, Any]


def local(text: str) -> datetime:
    """Read a local time of the town."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


PLANTED: Sequence[Mapping[str, Any]] = (
    # The last microsecond of a day, and the first of the next.
    {"filed": "2025-03-03T23:59:59.999999", "closed": "2025-03-04T00:00:00"},
    {"filed": "2025-03-04T00:00:00", "closed": "2025-03-04T23:59:59.999999"},
    {"filed": "2025-03-04T00:00:00", "closed": "2025-03-05T23:59:59.999999"},
    {"filed": "2025-03-04T00:00:00", "closed": "2025-03-06T00:00:00"},
    {"filed": "2025-03-04T00:00:00", "closed": "2025-03-06T23:59:59.999999"},
    {"filed": "2025-03-04T00:00:00", "closed": "2025-03-07T00:00:00"},
    # Before the town's midnight it is still yesterday, after that of UTC it is today already.
    {"filed": "2024-12-31T23:59:59", "closed": "2025-01-01T00:30:00"},
    {"filed": "2025-12-31T23:59:59", "closed": "2026-01-01T00:30:00"},
    # Make-up Sundays of 2025, and the National Day: days of the calendar, like any other.
    {"filed": "2025-01-26T18:00:00", "closed": "2025-01-26T20:00:00"},
    {"filed": "2025-09-28T09:00:00", "closed": "2025-09-29T09:00:00"},
    {"filed": "2025-10-01T09:00:00", "closed": "2025-10-03T09:00:00"},
    # Opened again: closed once more, and not yet; sent back before; judged twice, the later judgement stands.
    {"filed": "2025-05-05T09:00:00", "closed": "2025-05-09T09:00:00", "reopenings": 2, "reworks": 1},
    {"filed": "2025-05-05T09:00:00", "status": "handling", "reopenings": 1, "stars": 1, "solved": False},
    {"filed": "2025-05-05T09:00:00", "closed": "2025-05-05T10:00:00", "stars": 2, "solved": True},
    {"filed": "2025-05-05T09:00:00", "closed": "2025-05-05T10:00:00", "stars": 3, "solved": True},
    {"filed": "2025-05-05T09:00:00", "closed": "2025-05-05T10:00:00", "stars": 5, "solved": False},
    # Disputes: at once, after rework, after a reopening, transferred.
    *(
        {"filed": "2025-06-06T09:00:00", "closed": "2025-06-06T11:00:00", "category": "dispute"} | one
        for one in (
            {"disposition": "mediated"},
            {"disposition": "mediated", "reworks": 1},
            {"disposition": "mediated", "reopenings": 1},
            {"disposition": "transferred"},
        )
    ),
    {"filed": "2025-06-06T09:00:00", "status": "handling", "category": "dispute", "reopenings": 1},
    {"filed": "2025-06-06T09:00:00", "status": "handling", "category": "dispute"},
    # Set aside, not sorted yet, never accepted, in no grid.
    *({"filed": "2025-07-07T09:00:00", "status": status} for status in (*ASIDE, *UNSORTED)),
    {"filed": "2025-07-07T09:00:00", "status": "filed", "accepted": None, "area": None},
    {"filed": "2025-07-07T09:00:00", "closed": "2025-07-07T10:00:00", "accepted": None, "handler": None},
)


def incidents(
    seed: int, count: int, areas: Sequence[str | None], workers: Mapping[str, UUID], ids: Iterator[UUID]
) -> Iterator[Row]:
    """Make up incidents by their ids: `count` by chance, among them the planted ones."""
    chance = random.Random(seed)
    first = None
    for number in range(count):
        given = PLANTED[number // 7] if number % 7 == 0 and number // 7 < len(PLANTED) else {}
        row = _incident(chance, given, areas, workers, next(ids))
        first = first or row["id"]
        yield row | {"duplicate_of": first if row["status"] == "duplicate" else None}


def _incident(
    chance: random.Random,
    given: Mapping[str, Any],
    areas: Sequence[str | None],
    workers: Mapping[str, UUID],
    id_: UUID,
) -> Row:
    begun = local("2024-12-25T00:00:00") + timedelta(seconds=chance.randrange(380 * 86_400))
    filed = local(given["filed"]) if "filed" in given else begun
    reported = filed - timedelta(seconds=chance.choice((0, 0, 60, 3600, 90_000)))
    status = given.get("status") or ("closed" if "closed" in given else _status(chance))
    closed = _closed(chance, given, filed) if status == "closed" else None
    accepted = given["accepted"] if "accepted" in given else _later(chance, reported, 3_600)
    scene = accepted and _later(chance, accepted, 7_200)
    handled = scene and _later(chance, scene, 40_000)
    person = chance.choice((*workers.values(), None)) if handled else None
    judged = chance.random() < 0.3 and status == "closed"
    lng, lat = 118.3 + chance.random() / 100, 27 + chance.random() / 100
    category = given.get("category") or chance.choice(("noise", "dispute", "fever"))
    return {
        "id": id_,
        "category": category,
        "layer": "health" if category == "fever" else "governance",
        "urgency": "urgent",
        "status": status,
        "description": "x",
        "point": Point(lng, lat),
        "cell": 1,
        "given_lng": lng,
        "given_lat": lat,
        "given_datum": "wgs84",
        "reporter": "account:1",
        "reported_at": reported,
        "filed_at": filed,
        "deadline_at": reported + timedelta(hours=2),
        "closed_at": closed,
        "disposition": given.get("disposition") or chance.choice(DISPOSITIONS) if status == "closed" else None,
        "area_path": given["area"] if "area" in given else chance.choice(areas),
        "accepted_at": accepted,
        "scene_at": scene,
        "handled_at": handled if status in ("handled", "inspecting", "closed") else None,
        "reworks": given.get("reworks", chance.choice((0, 0, 0, 0, 1, 2))),
        "reopenings": given.get("reopenings", chance.choice((0, 0, 0, 0, 0, 1))),
        "handler_id": given.get("handler", person),
        "department_id": chance.choice((None, None, None, workers["D1"], workers["D2"])) if handled else None,
        "stars": given.get("stars") or (chance.randint(1, 5) if judged else None),
        "solved": given.get("solved", chance.random() < 0.8) if judged or "stars" in given else None,
    }


def _status(chance: random.Random) -> str:
    return chance.choices(("closed", chance.choice(WAITING), chance.choice((*ASIDE, *UNSORTED))), (80, 15, 5))[0]


def _closed(chance: random.Random, given: Mapping[str, Any], filed: datetime) -> datetime:
    if "closed" in given:
        return local(given["closed"])
    return filed + timedelta(seconds=int(chance.expovariate(1 / 80_000)))


def _later(chance: random.Random, than: datetime, mean_s: float) -> datetime | None:
    """Return a later time, or none: not everything comes to that."""
    return None if chance.random() < 0.1 else than + timedelta(microseconds=int(chance.expovariate(1e-6 / mean_s)))


def clocks(seed: int, rows: Sequence[Row]) -> Iterator[Row]:
    """Make up the clocks of incidents: of most steps one round, of some two; ended in time or late, running, paused."""
    chance = random.Random(seed)
    for row in rows:
        for step in STEPS:
            for round_ in range(1, chance.choice((1, 2, 2, 2, 2, 3))):
                yield _clock(chance, row, step, round_)


def _clock(chance: random.Random, row: Row, step: str, round_: int) -> Row:
    started = row["reported_at"]
    ended = None if chance.random() < 0.15 else started + timedelta(hours=chance.randrange(1, 90))
    paused = chance.choice((None, None, "shelved")) if ended is None else None
    return {
        "incident_id": row["id"],
        "step": step,
        "round": round_,
        "amount": 2,
        "unit": "hours",
        "started_at": started,
        "running_since": started if ended is None and paused is None else None,
        "due_at": chance.choice((started + timedelta(hours=2), NOW, NOW + timedelta(microseconds=1))),
        "missing_year": chance.choice((None, None, None, 2027)) if ended is None else None,
        "paused": paused,
        "ended_at": ended,
        "late": None if ended is None else chance.choice((False, False, True, None)),
    }
