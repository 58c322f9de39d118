"""Who is able to fill a need, and what speaks against the others: asked of a few, or of all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from data.incidents import Incident
from data.ladders import Whom
from data.needs import Need
from data.workers import Kind
from dispatch.city import City
from dispatch.crew import Bools, Crew

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=30)
SHOWN_AT_MOST = 64
Turns = NDArray[np.int8]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64] | list[int] | slice
Mask = Callable[[Rows], Bools]
ALL = slice(None)


class Shortfall(StrEnum):
    """Why another does not go. Of several the first in this order is named."""

    NOT_ASKED = "not_asked"
    NO_SKILL = "no_skill"
    NOT_SUITED = "not_suited"
    OFF_SHIFT = "off_shift"
    NO_POSITION = "no_position"
    LOST_FIX = "lost_fix"
    STALE_FIX = "stale_fix"
    RESERVED = "reserved"
    DECLINED_BEFORE = "declined_before"
    EXCLUSIVE = "exclusive"
    FULL = "full"
    RESTING = "resting"
    NEEDED_ELSEWHERE = "needed_elsewhere"
    OTHER_GRID = "other_grid"
    FARTHER = "farther"


@dataclass(frozen=True, slots=True)
class Judged:
    """A row: what speaks against it first, its turn, its squared chord, infinite where never seen."""

    row: int
    lack: Shortfall | None
    turn: int
    away2: float

    @property
    def place(self) -> tuple[int, float, int]:
        """Where it stands in the order."""
        return self.turn, self.away2, self.row


@dataclass(eq=False)
class View:
    """What a ranking sees of a crew: reckoned for those who are looked at, and for all before the crew changes.

    `lacks` are the shortfalls and with whom of some rows each holds; `turn_of` says of rows their index into `TIERS`, 0
    where ground does not count, `RESTING` more for whoever rests; `away2_of` squared chords, infinite where never seen;
    `near` the rows of the nearest of any kind, `near_able` of those who may be able, nearest first.
    """

    lacks: tuple[tuple[Shortfall, Mask], ...]
    turn_of: Callable[[Rows], Turns]
    away2_of: Callable[[Rows], Floats]
    near: Callable[[int], NDArray[np.int64]]
    near_able: Callable[[], NDArray[np.int64]]

    def judged(self, rows: list[int]) -> list[Judged]:
        """Say of each of some rows what speaks against it first, and where it stands."""
        found = np.array([whom(rows) for _, whom in self.lacks])  # (shortfalls, rows)
        names = [shortfall for shortfall, _ in self.lacks]
        lacking = [
            names[at] if any_ else None for at, any_ in zip(found.argmax(axis=0), found.any(axis=0), strict=True)
        ]
        columns = zip(rows, lacking, self.turn_of(rows).tolist(), self.away2_of(rows).tolist(), strict=True)
        return [Judged(*one) for one in columns]

    def able(self, rows: Rows) -> Bools:
        """Say against which of some rows nothing speaks, load apart."""
        found = ~self.lacks[0][1](rows)
        for _, whom in self.lacks[1:]:
            found &= ~whom(rows)
        return found

    def keep(self) -> None:
        """Keep what is seen now."""
        self.lacks = tuple((shortfall, _of(whom(ALL).copy())) for shortfall, whom in self.lacks)
        turn, away2, near, near_able = (
            self.turn_of(ALL),
            self.away2_of(ALL),
            self.near(SHOWN_AT_MOST),
            self.near_able(),
        )
        self.turn_of, self.away2_of = (lambda rows: turn[rows]), (lambda rows: away2[rows])
        self.near, self.near_able = (lambda most: near[:most]), (lambda: near_able)


def suits_mobile(incident: Incident, city: City) -> bool:
    """Say whether couriers and riders get matters of this kind."""
    rule = city.rules.get(incident.category)
    return rule is not None and rule.mobile


def _of(column: Bools) -> Mask:
    return lambda rows: column[rows]


def _not_of(column: Bools) -> Mask:
    return lambda rows: ~column[rows]


def lacks(incident: Incident, need: Need, city: City, now: datetime) -> tuple[tuple[Shortfall, Mask], ...]:
    """Return what may speak against anybody on the rungs where distance or home counts, in order."""
    crew, moment = city.crew, now.timestamp()
    suited = suits_mobile(incident, city)
    of_kind, chiefs, departments = (
        crew.of_kind(need.responder),
        crew.of_role(Whom.DUTY_CHIEF),
        crew.of_kind(Kind.DEPARTMENT),
    )
    mobile = crew.mobile()
    return (
        (Shortfall.NOT_ASKED, lambda rows: ~of_kind[rows] | chiefs[rows]),
        (Shortfall.NO_SKILL, _not_of(crew.has(need.skill))),
        (Shortfall.NOT_SUITED, lambda rows: mobile[rows] & (not suited)),
        (Shortfall.OFF_SHIFT, _not_of(city.on_duty(now))),
        (Shortfall.NO_POSITION, lambda rows: np.isnan(crew.seen_at[rows]) & ~departments[rows]),
        (Shortfall.LOST_FIX, lambda rows: moment - crew.seen_at[rows] > STALE.total_seconds()),
        (Shortfall.STALE_FIX, lambda rows: moment - crew.seen_at[rows] > FRESH.total_seconds()),
        (Shortfall.RESERVED, _of(city.spoken_for(now, incident.id))),
        (Shortfall.DECLINED_BEFORE, _tried(incident, crew)),
    )


def lacks_in_charge(incident: Incident, whom: Whom, city: City, now: datetime) -> tuple[tuple[Shortfall, Mask], ...]:
    """Return what may speak against anybody on the rungs of those in charge, in order."""
    crew = city.crew
    return (
        (Shortfall.NOT_ASKED, _not_of(crew.of_role(whom))),
        (Shortfall.OFF_SHIFT, _not_of(city.on_duty(now))),
        (Shortfall.RESERVED, _of(city.spoken_for(now, incident.id))),
        (Shortfall.DECLINED_BEFORE, _tried(incident, crew)),
    )


def _tried(incident: Incident, crew: Crew) -> Mask:
    tried = np.zeros(len(crew), np.bool_)
    tried[[crew.row_of[id_] for id_ in incident.tried if id_ in crew.row_of]] = True
    return _of(tried)
