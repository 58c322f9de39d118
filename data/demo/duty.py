"""When the workers of a demo town are on duty: shifts that come back every week, by the clock on the wall."""

from collections.abc import Iterable
from datetime import time

type Duty = tuple[tuple[int, time, time], ...]

EVERY_DAY = range(1, 8)
DAY = tuple((time(h, m), time(h + 12, m)) for h, m in ((8, 0), (9, 0), (7, 30), (8, 30)))
NIGHT = ((time(20), time(8)), (time(19), time(8)), (time(21), time(9)))
ROUND = ((time(8), time(8)), (time(0), time(0)))
SHIFTS = {"d": DAY, "n": NIGHT, "r": ROUND}
PART_TIME = (
    ((1, 3, 5), time(8), time(12)),
    ((2, 4, 6), time(14), time(18)),
    ((6, 7), time(9), time(17)),
    ((1, 2, 3, 4, 5), time(17), time(21)),
)


def weekly(starts: time, ends: time, weekdays: Iterable[int] = EVERY_DAY) -> Duty:
    """Return the same shift on some days of the week."""
    return tuple((weekday, starts, ends) for weekday in weekdays)


def usual(letter: str, turn: int) -> Duty:
    """Return a shift of every day: by day, by night or round the clock, the stock of each in turn."""
    shifts = SHIFTS[letter]
    return weekly(*shifts[turn // 3 % len(shifts)])


def part_time(turn: int) -> Duty:
    """Return a shift of a few hours on some weekdays."""
    weekdays, starts, ends = PART_TIME[turn % len(PART_TIME)]
    return weekly(starts, ends, weekdays)


def around_the_clock(duty: Duty) -> bool:
    """Say whether somebody is on duty at every hour of every day."""
    return len(duty) == len(EVERY_DAY) and all(starts == ends for _, starts, ends in duty)


STATION_HOURS = weekly(time(8), time(21))  # docs/sources.md#quwo: one station's duty roster
ALWAYS = weekly(time(8), time(8))
