"""A changed roster, out of a file: who is on duty when, for those whom it names; everybody else keeps the roster there is.

CSV with the columns `worker, day, starts, ends`, or TOML with `[[shift]]` of the same names. `day` is a weekday from 1,
Monday, to 7, a date, or `all`; `starts` and `ends` are times of the town, or both empty: off on that date.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time
from io import StringIO
from typing import Any
from uuid import UUID, uuid5

from data.changed_rules import ChangedFileError, parsed
from data.rosters import DayChange, Pattern, Reason
from data.workers import Worker

COLUMNS = ("worker", "day", "starts", "ends")
WEEK = range(1, 8)
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""All of a file is said in one act."""
IDS = UUID("6f3c9d7e-1f0b-5b0e-8a37-0d6a4d1c2e90")
"""Of rows that are nowhere but in a file: made from what they say."""


def changed_roster(
    words: str,
    is_toml: bool,
    workers: Iterable[Worker],
    was: tuple[Collection[Pattern], Collection[DayChange]],
) -> tuple[tuple[Pattern, ...], tuple[DayChange, ...]]:
    """Read a file over the roster there is: what it says of a worker stands for all that was said of that worker.

    Raises
    ------
    ChangedFileError
        If it cannot be read, or names a worker there is not, or a day or a time that is none.
    """
    ids = {worker.code: worker.id for worker in workers}
    rows = list(_toml(words) if is_toml else _csv(words))
    if not rows:
        raise ChangedFileError("roster", "there is nothing in it")
    patterns: list[Pattern] = []
    changes: list[DayChange] = []
    named = set()
    for where, row in rows:
        if row["worker"] not in ids:
            raise ChangedFileError(where, f"there is no worker {row['worker']}")
        worker_id = ids[row["worker"]]
        named.add(worker_id)
        _add(where, row, worker_id, (patterns, changes))
    kept = [one for one in was[0] if one.worker_id not in named]
    kept_days = [one for one in was[1] if one.worker_id not in named]
    return (*kept, *patterns), (*kept_days, *changes)


def _add(where: str, row: Mapping[str, str], worker_id: UUID, to: tuple[list[Pattern], list[DayChange]]) -> None:
    starts, ends = _time(where, row["starts"]), _time(where, row["ends"])
    day, weekdays = row["day"], _weekdays(row["day"])
    if (starts is None) != (ends is None):
        raise ChangedFileError(where, "starts and ends are both given or both empty")
    if weekdays and starts is not None and ends is not None:
        said = f"{worker_id} {{}} {starts} {ends}"
        to[0].extend(Pattern(uuid5(IDS, said.format(n)), worker_id, n, starts, ends) for n in weekdays)
        return
    if weekdays:
        return
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise ChangedFileError(where, f"{day!r} is no day: 1 to 7, all, or YYYY-MM-DD") from None
    id_ = uuid5(IDS, f"{worker_id} {on} {starts} {ends}")
    to[1].append(DayChange(id_, worker_id, on, starts, ends, Reason.CHANGED, MADE_AT))


def _weekdays(day: str) -> tuple[int, ...]:
    if day == "all":
        return tuple(WEEK)
    return (int(day),) if day in map(str, WEEK) else ()


def _time(where: str, given: str) -> time | None:
    try:
        found = time.fromisoformat(given) if given else None
    except ValueError:
        raise ChangedFileError(where, f"{given!r} is no time of the day") from None
    if found is not None and found.tzinfo is not None:
        raise ChangedFileError(where, f"{given!r} names a zone: times are the town's")
    return found


def _csv(words: str) -> Iterable[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(StringIO(words.removeprefix("\ufeff")))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ChangedFileError("line 1", f"the columns are {','.join(COLUMNS)}")
    for row in reader:
        if None in row or None in row.values():
            raise ChangedFileError(f"line {reader.line_num}", f"has not {len(COLUMNS)} columns")
        yield f"line {reader.line_num}", {name: str(value).strip() for name, value in row.items()}


def _toml(words: str) -> Iterable[tuple[str, dict[str, str]]]:
    shifts: Any = parsed(words, frozenset({"shift"})).get("shift", [])
    if not isinstance(shifts, list):
        raise ChangedFileError("shift", "is written as [[shift]]")
    for number, one in enumerate(shifts, 1):
        if not isinstance(one, dict) or one.keys() - set(COLUMNS) or not {"worker", "day"} <= one.keys():
            raise ChangedFileError(f"shift {number}", f"has {', '.join(COLUMNS)}")
        yield f"shift {number}", {name: str(one.get(name, "")) for name in COLUMNS}
