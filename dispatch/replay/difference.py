"""Settings and in what they differ: rules, ladders, roster and grids that a town has, or would have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from data.categories import Category, Slot
from data.grids import Grid
from data.ladders import Ladder
from data.limits import LimitRow
from data.record import Record
from data.rosters import DayChange, Pattern


@dataclass(frozen=True, slots=True)
class Setting:
    """What may be changed; taken from the record as it is."""

    rules: Mapping[str, Category]
    ladders: Mapping[str, Ladder]
    grids: tuple[Grid, ...]
    patterns: tuple[Pattern, ...]
    changes: tuple[DayChange, ...]
    limits: tuple[LimitRow, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """In what a setting differs from that of the record.

    `slots` are the places of categories where they changed, `sorting` the categories that are sorted by hand or are so
    no more, `offers` those whose offers stand for another time or that suit others, `clocks` those with another deadline;
    `roster` counts people.
    """

    slots: Mapping[str, tuple[Slot, ...]] = field(default_factory=dict)
    sorting: frozenset[str] = frozenset()
    offers: frozenset[str] = frozenset()
    clocks: frozenset[str] = frozenset()
    limits: bool = False
    ground: bool = False
    ladders: frozenset[str] = frozenset()
    roster: int = 0

    @property
    def people(self) -> bool:
        """Whether it may change who goes."""
        return bool(self.slots or self.sorting or self.offers or self.ground or self.ladders or self.roster)

    def __bool__(self) -> bool:
        return self.people or bool(self.clocks) or self.limits


def as_it_is(record: Record) -> Setting:
    """Return the town's own setting."""
    kept = record.kept
    return Setting(kept.rules, kept.ladders, kept.grids, kept.patterns, kept.changes, kept.limits)


def difference(was: Setting, now: Setting) -> Difference:
    """Say in what two settings differ."""
    pairs = {code: (was.rules[code], now.rules[code]) for code in was.rules}
    offers = {code for code, (one, other) in pairs.items() if (one.offer, one.mobile) != (other.offer, other.mobile)}
    rosters = _shifts(was) ^ _shifts(now)
    return Difference(
        slots={code: new.slots for code, (old, new) in pairs.items() if old.slots != new.slots},
        sorting=frozenset(c for c, (old, new) in pairs.items() if old.sorted_by_hand != new.sorted_by_hand),
        offers=frozenset(offers),
        clocks=frozenset(c for c, (old, new) in pairs.items() if _dues(old) != _dues(new)),
        limits=was.limits != now.limits,
        ground=[(one.code, one.layer, one.shape.wkb) for one in was.grids]
        != [(one.code, one.layer, one.shape.wkb) for one in now.grids],
        ladders=frozenset(code for code in now.ladders if was.ladders.get(code) != now.ladders[code]),
        roster=len({shift[0] for shift in rosters}),
    )


def _dues(rule: Category) -> tuple[timedelta, timedelta | None]:
    return rule.deadline, rule.scene


def _shifts(setting: Setting) -> set[tuple[object, ...]]:
    """Return what is said of everybody's duty, the worker's id first."""
    weekly = {
        (one.worker_id, one.weekday, one.starts, one.ends, one.from_day, one.until_day) for one in setting.patterns
    }
    days = {(one.worker_id, one.day, one.starts, one.ends, one.reason, one.made_at) for one in setting.changes}
    return {*weekly, *days}
