"""The ledger: every incident as columns, in memory, from which figures are counted. Pure: whoever holds it keeps it true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.incidents import Disposition, Status
from data.ledger import CODED, DISPOSITIONS, MOMENTS, NONE, STATUSES, STEPS, Entries

type Days = NDArray[np.int32]

NO_DAY = np.iinfo(np.int32).max
"""Of a moment that has not come; later than every day."""
DAYS = {"reported_day": "reported_at", "filed_day": "filed_at", "closed_day": "closed_at"}
KINDS: Mapping[str, type[np.generic]] = (
    dict.fromkeys(("category", "layer", "reworks", "reopenings"), np.int16)
    | dict.fromkeys(("area", "handler", "department"), np.int32)
    | dict.fromkeys(("status", "disposition", "stars", "solved", *(f"late_{step}" for step in STEPS)), np.int8)
    | dict.fromkeys(("reported_at", "filed_at", "closed_at", "accepted_at", "scene_at", "handled_at"), np.int64)
    | dict.fromkeys((f"due_{step}" for step in STEPS), np.int64)
    | dict.fromkeys(DAYS, np.int32)
)
"""About 145 bytes for each incident, with its id."""
ORIGIN = date(1970, 1, 1)
ROOM = 4096
A_DAY = timedelta(days=1)
US = timedelta(microseconds=1)
START = datetime(1970, 1, 1, tzinfo=UTC)


def day_number(day: date) -> int:
    """Return a day as the ledger counts it: days since 1970."""
    return (day - ORIGIN).days


def moment_us(moment: datetime) -> int:
    """Return a moment as the ledger keeps it: microseconds since 1970."""
    return (moment - START) // US


def days_of(moments: NDArray[np.int64], zone: ZoneInfo) -> Days:
    """Return the zone's calendar day of each moment, int32 (n,), `NO_DAY` for none.

    A day begins at its first midnight, or where that was skipped, when the clock was put forward.
    """
    days = np.full(len(moments), NO_DAY, np.int32)
    come = moments != NONE
    if come.any():
        first = (START + int(moments[come].min()) * US).date() - A_DAY
        last = (START + int(moments[come].max()) * US).date() + A_DAY
        count = (last - first).days + 1
        begins = [datetime.combine(first + n * A_DAY, datetime.min.time(), zone) for n in range(count)]
        midnights = np.array([moment_us(begin.astimezone(UTC)) for begin in begins])
        days[come] = day_number(first) - 1 + np.searchsorted(midnights, moments[come], side="right")
    return days


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident as the ledger knows it; `area` is the path of its area. Of clocks by their step: ended late, due when."""

    id: UUID
    category: str
    layer: str
    area: str | None
    status: Status
    reported_at: datetime
    filed_at: datetime
    closed_at: datetime | None = None
    accepted_at: datetime | None = None
    scene_at: datetime | None = None
    handled_at: datetime | None = None
    disposition: Disposition | None = None
    reworks: int = 0
    reopenings: int = 0
    handler: UUID | None = None
    department: UUID | None = None
    stars: int = 0
    solved: bool | None = None
    late: Mapping[str, bool] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)


def entered(given: Sequence[Entry]) -> Entries:
    """Return incidents as columns."""
    names: dict[str, dict[Any, int]] = {kind: {} for kind in CODED.values()}
    columns: dict[str, NDArray[Any]] = {
        "id": np.array([one.id.bytes for one in given], "S16"),
        "status": np.array([STATUSES.index(one.status) for one in given], np.int8),
        "disposition": np.array([_place(one.disposition, DISPOSITIONS) for one in given], np.int8),
        "solved": np.array([-1 if one.solved is None else int(one.solved) for one in given], np.int8),
    }
    for name, kind in CODED.items():
        values = [getattr(one, name) for one in given]
        codes = [-1 if value is None else names[kind].setdefault(value, len(names[kind])) for value in values]
        columns[name] = np.array(codes, np.int64)
    for name in ("reworks", "reopenings", "stars"):
        columns[name] = np.array([getattr(one, name) for one in given], np.int16)
    for name in MOMENTS:
        columns[name] = _moments([getattr(one, name) for one in given])
    for step in STEPS:
        columns[f"late_{step}"] = np.array([int(one.late.get(step, -1)) for one in given], np.int8)
        columns[f"due_{step}"] = _moments([one.due.get(step) for one in given])
    return Entries(columns, {kind: list(known) for kind, known in names.items()})


def _place(value: Disposition | None, values: Sequence[Disposition]) -> int:
    return -1 if value is None else values.index(value)


def _moments(given: Sequence[datetime | None]) -> NDArray[np.int64]:
    return np.array([NONE if moment is None else moment_us(moment) for moment in given], np.int64)


class Ledger:
    """Incidents as columns, each (n,), by the names of `KINDS`; rows stay where they are, new ones are put behind."""

    def __init__(self, zone: ZoneInfo, given: Iterable[Entries] = ()) -> None:
        self.zone = zone
        self._places: dict[str, dict[Any, int]] = {kind: {} for kind in CODED.values()}
        self._ids = np.zeros(0, "S16")
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(0, kind) for name, kind in KINDS.items()}
        self._size = 0
        self._order: NDArray[np.bytes_] = self._ids
        self._behind: dict[bytes, int] = {}
        for entries in given:
            self.put(entries)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name][: self._size]

    @property
    def ids(self) -> NDArray[np.bytes_]:
        """The incidents' ids, 16 bytes each (n,)."""
        return self._ids[: self._size]

    @property
    def nbytes(self) -> int:
        """How much memory the columns take."""
        return self._ids.nbytes + sum(column.nbytes for column in self._columns.values())

    def names(self, kind: str) -> Sequence[Any]:
        """Return what the codes of a kind stand for: 'category', 'layer', 'area' (its path), 'worker' (its id)."""
        return list(self._places[kind])

    def put(self, entries: Entries) -> None:
        """Take over incidents as they now are: those that are known stay in their row."""
        columns = {name: self._recoded(name, column, entries) for name, column in entries.columns.items()}
        columns |= {day: days_of(columns[moment], self.zone) for day, moment in DAYS.items()}
        rows = self._rows_of(columns["id"])
        self._ids[rows] = columns["id"]
        for name in KINDS:
            self._columns[name][rows] = columns[name]

    def _recoded(self, name: str, column: NDArray[Any], entries: Entries) -> NDArray[Any]:
        """Return a column with the ledger's own codes in place of the entries'."""
        kind = CODED.get(name)
        if kind is None:
            return column
        places = self._places[kind]
        used = np.unique(column[column >= 0])
        ours = np.full(len(entries.names[kind]) + 1, -1, np.int64)  # the last is that of -1
        for code in used.tolist():
            ours[code] = places.setdefault(entries.names[kind][code], len(places))
        return np.asarray(ours[column])

    def _rows_of(self, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Return the row of each id, with room made for those that are new."""
        found = np.searchsorted(self._order, ids)
        known = np.zeros(len(ids), bool)
        inside = found < len(self._order)
        known[inside] = self._order[found[inside]] == ids[inside]
        rows = found.astype(np.int64)
        if not self._behind and not known.any() and self._follow(ids):
            rows = self._size + np.arange(len(ids))
            self._grow(len(ids))
            self._ids[rows] = ids
            self._order = self._ids[: self._size]
            return rows
        for at in np.flatnonzero(~known).tolist():
            rows[at] = self._behind.setdefault(ids[at].ljust(16, b"\0"), len(self._order) + len(self._behind))
        self._grow(len(self._order) + len(self._behind) - self._size)
        return rows

    def _follow(self, ids: NDArray[np.bytes_]) -> bool:
        """Say whether ids rise and come after all that are known."""
        rising = bool((ids[1:] > ids[:-1]).all())
        return rising and (not self._size or len(ids) == 0 or bool(ids[0] > self._order[-1]))

    def _grow(self, more: int) -> None:
        self._size += more
        if self._size > len(self._ids):
            room = self._size + max(self._size // 16, ROOM)
            self._ids = _longer(self._ids, room)
            self._columns = {name: _longer(column, room) for name, column in self._columns.items()}
            self._order = self._ids[: len(self._order)]


def _longer(column: NDArray[Any], room: int) -> NDArray[Any]:
    longer = np.zeros(room, column.dtype)
    longer[: len(column)] = column
    return longer
