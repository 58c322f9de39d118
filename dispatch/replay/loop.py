"""The loop: events in the order of a clock of its own, and at every decision the rules of both settings side by side.

The record is gone through step by step. Wherever it offers a place, the rules are asked twice: as they were, knowing who
was busy in the record, and as they would be, knowing who is busy here. Where both say the same, what happened then happens
again, whatever the reasons were. Where they differ, the second answer holds, and the incident goes on by the models.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from data.categories import Urgency
from data.needs import NeedState, need_of
from data.tasks import Task
from dispatch.replay.course import Cause, Course, begin, keep_time, tell_clocks
from dispatch.replay.follow import Follow
from dispatch.replay.live import Due, Live, Shifted, waiting
from dispatch.replay.models import Models
from dispatch.replay.setting import placed
from dispatch.replay.side import Side
from dispatch.replay.world import Step, StepKind, Story, load_of

URGENCIES = list(Urgency)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """What happens at a moment; of the same moment by kind, then in the order in which it was foreseen."""

    at: datetime
    kind: StepKind
    number: int
    course: Course | None = field(compare=False)
    what: Step | Due | Shifted | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a replay. `rules` counts what the rules of the record say of its offers: same, another, nobody."""

    courses: tuple[Course, ...]
    rules: Counter[str]
    events: int


class Loop:
    """One replay. `then` None: nothing is followed, every incident goes by the rules and the models alone.

    `asks` False: the record is gone through without a question to the rules, and by its own clocks.
    """

    def __init__(self, here: Side, then: Side | None, models: Models, until: datetime, *, asks: bool = True) -> None:
        self._here, self._models, self._until = here, models, until
        self._sides = (here,) if then is None else (then, here)
        self._live = Live(here, models, self._foresee)
        self._follow = None if then is None else Follow(then, here, self._live, self._foresee)
        self._keeps_time = asks
        if self._follow is not None:
            self._follow.asks = asks
        self._heap: list[Event] = []
        self._number = 0
        self._courses: list[Course] = []
        self._waiting: dict[int, Course] = {}
        self._looked_at: datetime | None = None

    def run(self, stories: Iterable[Story], others: Iterable[Task] = ()) -> Told:
        """Go through it all, from the first event to the last, or to the end of what is known."""
        for step in load_of(others):
            self._put(step.at, step.kind, None, step)
        for story in stories:
            self._begin(story)
        if self._heap:
            self._next_duty(self._heap[0].at)
        done = 0
        while self._heap and self._heap[0].at <= self._until:
            self._happen(heappop(self._heap))
            done += 1
        return Told(tuple(self._courses), Counter() if self._follow is None else self._follow.rules, done)

    def _begin(self, story: Story) -> None:
        incident = story.incident
        case = begin(story, incident.reported_at)
        case.incident = placed(self._here, case.incident)
        then = None if self._follow is None else begin(story, incident.reported_at)
        course = Course(story, case, then, number=len(self._courses))
        self._courses.append(course)
        for step in story.steps:
            self._put(step.at, step.kind, course, step)
        if then is None:
            course.cause = Cause.MADE_UP
        if then is None or incident.category in self._here.differs.sorting:
            rule = self._here.city.rules[incident.category]
            opens = self._models.opens(story, sorted_by_hand=rule.sorted_by_hand)
            self._put(opens, StepKind.OPEN, course, Due(opens, StepKind.OPEN))

    def _put(self, at: datetime, kind: StepKind, course: Course | None, what: Step | Due | Shifted | None) -> None:
        self._number += 1
        heappush(self._heap, Event(at, kind, self._number, course, what))

    def _foresee(self, course: Course, what: Due | Shifted) -> None:
        self._put(what.at, what.kind, course, what)

    def _happen(self, event: Event) -> None:
        course = event.course
        if course is None:
            self._of_all(event)
            return
        self._freed(self._goes(course, event), event.at)
        self._note(course)
        if self._keeps_time and (course.timed is not None or event.kind in (StepKind.MARK, StepKind.OPEN)):
            keep_time(course, self._here, event.at)
            line = event.what.line if isinstance(event.what, Step) and course.follows else None
            if line is not None and event.kind is StepKind.MARK:
                tell_clocks(course, line, self._here, event.at)

    def _goes(self, course: Course, event: Event) -> bool:
        """Let an incident go a step further; return whether somebody became free."""
        what = event.what
        if isinstance(what, Shifted):
            return self._live.shifted(course, what)
        if isinstance(what, Step):
            return self._follow is not None and self._follow.step(course, what)
        if event.kind is StepKind.OPEN:
            self._open(course, event.at)
        elif event.kind is StepKind.LATER:
            self._look(course, event.at, climbs=True)
        elif isinstance(what, Due):
            return self._live.happen(course, what)
        return False

    def _open(self, course: Course, now: datetime) -> None:
        """Open the places of what does not follow, or does so no more from here on."""
        course.opened, course.cause = True, course.cause or Cause.PLACES
        rule = self._here.city.rules[course.story.incident.category]
        course.case.needs = {slot.code: need_of(slot, now) for slot in rule.slots}
        self._live.file(course, now)

    def _of_all(self, event: Event) -> None:
        """Let a shift begin or end, somebody do other work, or all that waits be looked at."""
        if event.kind is StepKind.DUTY:
            self._next_duty(event.at)
            self._freed(True, event.at)
        elif event.kind is StepKind.SWEEP:
            self._sweep(event.at)
        elif isinstance(event.what, Step) and event.what.task is not None:
            for side in self._sides:
                if event.kind is StepKind.BUSY:
                    side.take(event.what.task)
                else:
                    side.let_go(event.what.task, event.at)
            self._freed(event.kind is StepKind.FREE, event.at)

    def _next_duty(self, now: datetime) -> None:
        cities = [side.city for side in self._sides]
        bounds = [kept.next_boundary(now) for city in cities for kept in (city.duty, city.reserved)]
        known = [bound for bound in bounds if bound is not None]
        if known:
            self._put(min(known), StepKind.DUTY, None, None)

    def _freed(self, freed: bool, now: datetime) -> None:
        """Have all that waits looked at before anything new of this moment is offered: who waits longest comes first."""
        if freed and self._waiting and self._looked_at != now:
            self._looked_at = now
            self._put(now, StepKind.SWEEP, None, None)

    def _note(self, course: Course) -> None:
        """Keep whether something of an incident waits."""
        waits = not course.ended and any(need.state is NeedState.OPEN for need in course.case.needs.values())
        if waits:
            self._waiting[course.number] = course
        else:
            self._waiting.pop(course.number, None)

    def _sweep(self, now: datetime) -> None:
        for course in sorted(self._waiting.values(), key=_turn):
            self._look(course, now, climbs=False)
            self._note(course)

    def _look(self, course: Course, now: datetime, *, climbs: bool) -> None:
        if course.ended or not course.opened:
            return
        if course.follows and self._follow is not None:
            self._follow.look(course, now, climbs=climbs)
            return
        slots = waiting(course.case)
        hopeful = slots if climbs else [slot for slot in slots if self._here.hopes(course.case, slot, now)]
        if hopeful:
            self._live.fill(course, hopeful, now)


def _turn(course: Course) -> tuple[int, datetime, int]:
    """Return in which order places that wait are looked at, as the sweep does."""
    incident = course.case.incident
    return URGENCIES.index(incident.urgency), incident.filed_at, course.number
