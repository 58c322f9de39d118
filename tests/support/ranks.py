"""Who goes, one worker at a time in plain Python: the glossary's words, sharing no code with the ranking."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from data.categories import Category, RankBy
from data.ladders import Whom
from data.rosters import Reservation
from data.workers import Worker
from dispatch.city import City
from dispatch.ranking import Ranking, rank
from dispatch.roster import reserved_of
from tests.support.city import block, city, matter, named, need
from tests.support.place import SOUTH, STEP, WEST

COLUMNS, ROWS = 4, 3
RINGS = ("own_grid", "neighbour_grid", "same_area", "elsewhere")
FARTHEST_RING = {Whom.BUILDING_HEAD: 0, Whom.HUB_HOUSEHOLD: 0, Whom.GRID_LEADER: 2, Whom.DUTY_CHIEF: 3}
Shift = tuple[time, time]


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Measure along the great circle by the angle between two vectors; PostGIS's sphere."""
    a, b = (
        (
            math.cos(math.radians(y)) * math.cos(math.radians(x)),
            math.cos(math.radians(y)) * math.sin(math.radians(x)),
            math.sin(math.radians(y)),
        )
        for x, y in (one, other)
    )
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return 6_371_008.771415 * math.atan2(math.hypot(*cross), sum(p * q for p, q in zip(a, b, strict=True)))


@cache
def minutes_of(starts: time, ends: time) -> frozenset[int]:
    """Walk round the clock from the start of a shift to its end; a shift that ends where it starts lasts all day."""
    minute, last = starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute
    walked = {minute}
    while (minute := (minute + 1) % 1440) != last and minute not in walked:
        walked.add(minute)
    return frozenset(walked)


def at_home(path: str | None) -> dict[str, Any]:
    """Return what a worker at home at a place in the tree is given."""
    return {"home_area_id": path and named("area", path.rpartition(".")[2]), "area_path": path}


@dataclass(frozen=True)
class Oracle:
    """One question: which incident, by which rule, on which rung, and what else is going on.

    `tried` are codes; `shifts` by code, the same every day, None is off, who is not named is on round the clock;
    `reserved` by code: from, until, and whether it is for this incident.
    """

    at: tuple[float, float]
    rule: Category
    now: datetime
    whom: Whom = Whom.RANKED
    tried: frozenset[str] = frozenset()
    shifts: Mapping[str, Shift | None] = field(default_factory=lambda: MappingProxyType({}))
    reserved: Mapping[str, tuple[datetime, datetime, bool]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def in_charge(self) -> bool:
        return self.whom not in (Whom.RANKED, Whom.CENTRE)

    @property
    def by_ring(self) -> bool:
        return self.in_charge or self.rule.ranking is RankBy.OWN_GRID_FIRST

    def grid(self) -> tuple[int, int] | None:
        column, row = int((self.at[0] - WEST) // STEP), int((self.at[1] - SOUTH) // STEP)
        return (column, row) if 0 <= column < COLUMNS and 0 <= row < ROWS else None

    def shortfall(self, who: Worker) -> str | None:
        if self.in_charge:
            return "not_asked" if who.role != self.whom else self._elsewhere(who)
        if who.kind != self.rule.responder or who.role == "duty_chief":
            return "not_asked"
        if self.rule.skill is not None and self.rule.skill not in who.skills:
            return "no_skill"
        if who.employment == "mobile" and not self.rule.mobile:
            return "not_suited"
        return self._elsewhere(who)

    def _elsewhere(self, who: Worker) -> str | None:
        if not self._on_duty(who):
            return "off_shift"
        unknown = None if self.in_charge else self._unknown(who)
        if unknown:
            return unknown
        starts, ends, for_this = self.reserved.get(who.code, (self.now, self.now, False))
        if starts <= self.now < ends and not for_this:
            return "reserved"
        return "declined_before" if who.code in self.tried else None

    def _unknown(self, who: Worker) -> str | None:
        if who.seen_at is None:
            return None if who.kind == "department" else "no_position"
        ago = self.now - who.seen_at if who.kind == "person" else timedelta(0)
        if ago > timedelta(minutes=30):
            return "lost_fix"
        return "stale_fix" if ago > timedelta(minutes=5) else None

    def _on_duty(self, who: Worker) -> bool:
        shift = self.shifts.get(who.code, (time(0), time(0)))
        local = self.now + timedelta(hours=8)
        return shift is not None and local.hour * 60 + local.minute in minutes_of(*shift)

    def ring(self, who: Worker) -> int:
        """Own grid or below it 0, a grid that shares a side 1, the column (community) and all of it 2, elsewhere 3."""
        grid = self.grid()
        if grid is None or who.area_path is None:
            return 3
        steps = who.area_path.split(".")
        if f"G{grid[0]}{grid[1]}" in steps:
            return 0
        if not steps[-1].startswith("G"):
            return 2 if steps[-1] == f"C{grid[0]}" else 3
        column, row = int(steps[-1][1]), int(steps[-1][2])
        away = abs(column - grid[0]) + abs(row - grid[1])
        return 1 if away == 1 else 2 if column == grid[0] else 3

    def away(self, who: Worker) -> float:
        return math.inf if who.lng is None or who.lat is None else metres_between(self.at, (who.lng, who.lat))

    def rests(self, who: Worker) -> bool:
        return who.rest_until is not None and who.rest_until > self.now

    def by_way(self, who: Worker) -> tuple[float, str]:
        return round(self.away(who), 4), who.code

    def order(self, crew: list[Worker]) -> list[Worker]:
        able = [who for who in crew if self.shortfall(who) is None]
        if self.by_ring and self.grid() is None and self.whom is not Whom.DUTY_CHIEF:
            return []
        if self.in_charge:
            able = [who for who in able if self.ring(who) <= FARTHEST_RING.get(self.whom, -1)]
        return sorted(able, key=lambda who: (self.rests(who), self.ring(who) * self.by_ring, *self.by_way(who)))

    def free(self, who: Worker) -> bool:
        most = 1 if self.rule.exclusive else who.capacity
        return who.active_tasks < most and not who.holds_exclusive

    def shown(self, crew: list[Worker], goes: Worker | None, order: list[Worker], most: int) -> list[Worker]:
        """Return whoever goes, then by distance: half of `most` from the head of the order, half the nearest of any kind."""
        seen = sorted((who for who in crew if who.lng is not None), key=self.by_way)
        others = {who.code: who for who in [*order[: most // 2], *seen[: most // 2]] if goes is None or who != goes}
        return [*([goes] if goes else []), *sorted(others.values(), key=self.by_way)][:most]

    def told(self, who: Worker, goes: Worker | None, order: list[Worker]) -> str:
        """Return the reason of whoever goes, the shortfall of another."""
        if who == goes:
            return RINGS[self.ring(who)] if self.by_ring else "nearest"
        lacking = self.shortfall(who) or ("other_grid" if who not in order else None)
        if lacking is not None:
            return lacking
        if goes is None or order.index(who) < order.index(goes) or not self.free(who):
            return "exclusive" if who.holds_exclusive or self.rule.exclusive else "full"
        if self.rests(who) and not self.rests(goes):
            return "resting"
        sooner = self.ring(who) > self.ring(goes) or self.away(who) < self.away(goes)
        return "other_grid" if self.by_ring and sooner else "farther"

    def town(self, crew: list[Worker]) -> City:
        """Return the city in which the question is put."""
        rows = [
            Reservation(named("r", code), named("worker", code), starts, ends, named("incident", for_), "演练")
            for code, (starts, ends, for_this) in self.reserved.items()
            for for_ in ["1" if for_this else "2"]
        ]
        return replace(city(block(COLUMNS, ROWS), crew, [self.rule], shifts=self.shifts), reserved=reserved_of(rows))

    def ranked(self, crew: list[Worker]) -> Ranking:
        """Put the question to the ranking."""
        town = self.town(crew)
        tried = tuple(who.id for who in crew if who.code in self.tried)
        return rank(town.place(matter(self.at, tried=tried)), need(self.rule), self.whom, town, self.now)
