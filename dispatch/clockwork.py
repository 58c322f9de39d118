"""Clockwork: which limit a step has, and what an incident's clocks do as the incident moves."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from data.areas import lies_in
from data.categories import Category
from data.clocks import Clock, Paused
from data.incidents import ENDED, Incident, Status
from data.limits import Limit, LimitRow, Step, Unit
from data.tasks import Task
from data.timers import Timer, TimerKind
from dispatch.calendar import Calendar
from dispatch.deadlines import end, extend, go_on, pause, recompute, remind_at, start, supervise_at
from dispatch.errors import CalendarYearUnknownError

UNSORTED = frozenset({Status.REPORTED, Status.RECEIVED, Status.VERIFYING})
SETTLED = frozenset({Status.HANDLED, Status.INSPECTING})
NOT_AT_WORK = UNSORTED | SETTLED | ENDED
DUE: Mapping[Step, tuple[TimerKind, str | None]] = {
    Step.ARRIVE: (TimerKind.SCENE, None),
    Step.HANDLE: (TimerKind.DEADLINE, None),
}
"""The timers of these two are older than clocks; those of other steps carry the step in place of a slot."""
NO_LIMITS: Mapping[tuple[str | None, Step], tuple[LimitRow, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Limits and the calendar they are counted by, as a process knows them."""

    calendar: Calendar = field(default_factory=lambda: Calendar(ZoneInfo("UTC"), (), {}))
    rows: Mapping[tuple[str | None, Step], tuple[LimitRow, ...]] = NO_LIMITS
    """By category and step, the deepest area first."""

    @classmethod
    def of(cls, calendar: Calendar, rows: Iterable[LimitRow]) -> "Clockwork":
        """Arrange limits by what they are for."""
        found: dict[tuple[str | None, Step], list[LimitRow]] = {}
        for row in sorted(rows, key=lambda row: -len((row.area_path or "").split(".")) * (row.area_path is not None)):
            found.setdefault((row.category, row.limit.step), []).append(row)
        return cls(calendar, {key: tuple(some) for key, some in found.items()})

    def limit(self, step: Step, category: Category | None, area_path: str | None) -> Limit | None:
        """Return the limit of a step: of the category before that of all, of the deepest area that holds it before others.

        Where no row says anything, the category's own minutes to the scene and until it is handled. None: no limit.
        """
        code = None if category is None else category.code
        for key in ((code, step), (None, step)):
            for row in self.rows.get(key, ()):
                if row.area_path is None or lies_in(area_path, row.area_path):
                    return row.limit
        own = None if category is None else {Step.ARRIVE: category.scene, Step.HANDLE: category.deadline}.get(step)
        return None if own is None else Limit(step, own // timedelta(minutes=1), Unit.MINUTES)


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident that moved: as it was (None: it is new), as it is, whose tasks it has, and when."""

    was: Incident | None
    now_is: Incident
    tasks: Collection[Task]
    category: Category | None
    now: datetime

    def enters(self, statuses: Collection[Status]) -> bool:
        """Say whether it came to one of these and was at none of them."""
        return self.now_is.status in statuses and (self.was is None or self.was.status not in statuses)

    def leaves(self, statuses: Collection[Status]) -> bool:
        """Say whether it was at one of these and is at none of them."""
        return self.was is not None and self.was.status in statuses and self.now_is.status not in statuses


def latest(clocks: Sequence[Clock], step: Step) -> Clock | None:
    """Return a step's clock of the last round."""
    return max((one for one in clocks if one.step is step), key=lambda one: one.round, default=None)


def follow(clocks: Sequence[Clock], moved: Moved, clockwork: Clockwork) -> tuple[Clock, ...]:
    """Return all clocks of an incident after it moved: begun, resting, gone on, ended."""
    hands = _Hands(clocks, moved, clockwork)
    if moved.was is not None and _filed_as(moved.was) != _filed_as(moved.now_is):
        hands.refile()
    for step, runs in RUNS.items():
        runs(hands, step)
    if moved.enters({Status.SHELVED}):
        hands.rest(Paused.SHELVED)
    if moved.leaves({Status.SHELVED}):
        hands.go_on(Paused.SHELVED)
    return hands.all()


def _filed_as(incident: Incident) -> tuple[str, str | None]:
    return incident.category, incident.area_path


class _Hands:
    """The clocks of one incident while they are set."""

    def __init__(self, clocks: Sequence[Clock], moved: Moved, clockwork: Clockwork) -> None:
        self.moved, self._clockwork = moved, clockwork
        self._clocks = {(one.step, one.round): one for one in clocks}

    def all(self) -> tuple[Clock, ...]:
        return tuple(self._clocks.values())

    def latest(self, step: Step) -> Clock | None:
        return latest(tuple(self._clocks.values()), step)

    def open(self, step: Step) -> Clock | None:
        one = self.latest(step)
        return one if one is not None and one.ended_at is None else None

    def put(self, one: Clock) -> None:
        self._clocks[one.step, one.round] = one

    def start(self, step: Step, at: datetime) -> Clock | None:
        limit = self._clockwork.limit(step, self.moved.category, self.moved.now_is.area_path)
        before = self.latest(step)
        if limit is None or (before is not None and before.ended_at is None):
            return None
        fresh = start(limit, 1 if before is None else before.round + 1, at, self._clockwork.calendar)
        self.put(fresh)
        return fresh

    def end(self, step: Step, *, called_off: bool = False, at: datetime | None = None) -> None:
        one = self.open(step)
        if one is not None:
            self.put(end(one, at or self.moved.now, self._clockwork.calendar, called_off=called_off))

    def again(self, step: Step) -> None:
        one = self.latest(step)
        if one is not None and one.ended_at is not None:
            self.put(go_on(one, self.moved.now, self._clockwork.calendar))

    def reopen(self) -> None:
        before = self.latest(Step.HANDLE)
        fresh = self.start(Step.HANDLE, self.moved.now)
        if before is None or fresh is None or before.due_at <= fresh.due_at:
            return
        try:
            self.put(extend(fresh, before.due_at, self.moved.now, self._clockwork.calendar))
        except CalendarYearUnknownError:
            return

    def rest(self, why: Paused) -> None:
        for one in [one for one in self._clocks.values() if one.running_since is not None]:
            self.put(pause(one, self.moved.now, why, self._clockwork.calendar))

    def go_on(self, why: Paused) -> None:
        for one in [one for one in self._clocks.values() if one.paused is why and one.ended_at is None]:
            self.put(go_on(one, self.moved.now, self._clockwork.calendar))

    def refile(self) -> None:
        for step in (Step.ARRIVE, Step.HANDLE):
            one, path = self.open(step), self.moved.now_is.area_path
            limit = self._clockwork.limit(step, self.moved.category, path)
            if one is not None and limit is not None:
                self.put(recompute(one, limit, self.moved.now, self._clockwork.calendar))
            elif one is not None:
                self.end(step, called_off=True)
            elif limit is not None:
                self.start(step, self.moved.now_is.reported_at)


def _receive(hands: _Hands, step: Step) -> None:
    if hands.moved.was is None and hands.moved.now_is.status is Status.REPORTED:
        hands.start(step, hands.moved.now_is.reported_at)
    elif hands.moved.now_is.status is not Status.REPORTED:
        hands.end(step, called_off=hands.moved.now_is.status in ENDED)


def _dispatch(hands: _Hands, step: Step) -> None:
    moved, before = hands.moved, hands.latest(step)
    begins = moved.was is None or moved.leaves(UNSORTED) or moved.leaves(ENDED)
    if begins and moved.now_is.status not in NOT_AT_WORK:
        hands.start(step, moved.now)
    elif before is not None:
        accepted = any(one.accepted_at is not None and one.accepted_at >= before.started_at for one in moved.tasks)
        if accepted or moved.now_is.status in SETTLED | ENDED:
            hands.end(step, called_off=not accepted)


def _arrive(hands: _Hands, step: Step) -> None:
    moved = hands.moved
    been = any(task.on_scene_at is not None for task in moved.tasks)
    if moved.was is None:
        hands.start(step, moved.now_is.reported_at)
    elif been or moved.now_is.status in SETTLED:
        hands.end(step)
    elif moved.now_is.status in ENDED:
        hands.end(step, called_off=True)


def _handle(hands: _Hands, step: Step) -> None:
    moved = hands.moved
    if moved.was is None:
        hands.start(step, moved.now_is.reported_at)
    elif moved.now_is.status in SETTLED | ENDED:
        hands.end(step, called_off=moved.now_is.status in ENDED - {Status.CLOSED})
    elif moved.leaves(ENDED):
        hands.reopen()
    elif moved.leaves(SETTLED):
        hands.again(step)


def _verify(hands: _Hands, step: Step) -> None:
    moved = hands.moved
    if moved.enters(SETTLED):
        hands.start(step, moved.now)
    elif moved.now_is.status not in SETTLED:
        hands.end(step, called_off=moved.now_is.status in ENDED - {Status.CLOSED})


RUNS: Mapping[Step, Callable[[_Hands, Step], None]] = {
    Step.RECEIVE: _receive,
    Step.DISPATCH: _dispatch,
    Step.ARRIVE: _arrive,
    Step.HANDLE: _handle,
    Step.VERIFY: _verify,
}


def moves_clocks(was: Incident | None, now_is: Incident) -> bool:
    """Say whether clocks follow a change of an incident: it is new, is filed as something else, or changes its phase."""
    return was is None or _filed_as(was) != _filed_as(now_is) or _phase(was.status) != _phase(now_is.status)


def _phase(status: Status) -> tuple[bool, ...]:
    ours = (UNSORTED, SETTLED, ENDED, {Status.REPORTED}, {Status.SHELVED})
    return tuple(status in some for some in ours)


def with_dues(incident: Incident, clocks: Sequence[Clock]) -> Incident:
    """Return an incident with when it must be done and when somebody must be there, by its clocks."""
    handle, arrive = latest(clocks, Step.HANDLE), latest(clocks, Step.ARRIVE)
    scene = incident.scene_due_at
    if arrive is None:
        scene = None
    elif arrive.ended_at is None or arrive.late is not None:
        scene = arrive.due_at
    return replace(
        incident, deadline_at=incident.deadline_at if handle is None else handle.due_at, scene_due_at=scene
    )


def timers_of(clock: Clock, incident_id: UUID, now: datetime, calendar: Calendar) -> list[Timer]:
    """Return the timers of a clock that runs: to remind, when it is due, and after that to supervise."""
    if clock.running_since is None:
        return []
    kind, slot = DUE.get(clock.step, (TimerKind.DEADLINE, clock.step.value))
    if clock.overdue_at is not None:
        at = None if clock.supervised_at is not None else supervise_at(clock, calendar)
        return [] if at is None else [Timer(TimerKind.SUPERVISE, incident_id, clock.step.value, None, at)]
    remind = None if clock.reminded_at is not None else remind_at(clock, calendar)
    soon = (
        []
        if remind is None or remind <= now
        else [Timer(TimerKind.REMIND, incident_id, clock.step.value, None, remind)]
    )
    return [*soon, Timer(kind, incident_id, slot, None, clock.due_at)]
