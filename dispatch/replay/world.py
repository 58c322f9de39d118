"""What the record says: of each incident its steps in order, and what people did at it, to be asked of again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from data.incidents import Incident, Status
from data.needs import Need, NeedState
from data.record import Filed, Line, Record
from data.tasks import Task, TaskStatus
from dispatch.facts import LOOKING

ENDINGS = {"closed", "void", "duplicate", "rejected"}
HANDS = ENDINGS | {"returned", "shelved", "resumed"}
"""What is done by hand and moves an incident as a whole."""


class StepKind(IntEnum):
    """What happens, in the order in which it does at one moment."""

    FREE = 0
    END = 1
    DUTY = 2
    SWEEP = 3
    BUSY = 4
    OPEN = 5
    HAND = 6
    OFFER = 7
    ACCEPT = 8
    SCENE = 9
    DONE = 10
    MARK = 11
    LATER = 12
    LOOK = 13


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of the record: what became of a task, or a line of history. `sights` are candidates as they were seen."""

    at: datetime
    kind: StepKind
    task: Task | None = None
    line: Line | None = None
    sights: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker said to an offer: accepted after so long, declined after so long, or, `after` None, nothing."""

    after: timedelta | None
    accepts: bool


@dataclass(frozen=True, slots=True)
class Story:
    """An incident as it went. `opened_at`: its places were opened; `handled_at`: it was handled for the first time.

    `answers` and `travels` by worker, `work` by place are what people did at it; `first_done` who did each place first,
    `closing` how long it lay handled.
    """

    incident: Incident
    needs: Mapping[str, Need]
    steps: tuple[Step, ...]
    opened_at: datetime | None
    handled_at: datetime | None = None
    answers: Mapping[UUID, Answer] = field(default_factory=dict)
    travels: Mapping[UUID, timedelta] = field(default_factory=dict)
    work: Mapping[str, timedelta] = field(default_factory=dict)
    closing: timedelta | None = None
    first_done: Mapping[str, UUID] = field(default_factory=dict)

    def after(self, step: Step) -> bool:
        """Say whether a step came when all of it had been done once: what is not decided anew."""
        return self.handled_at is not None and step.at > self.handled_at


def stories_of(record: Record) -> list[Story]:
    """Tell every incident of a record."""
    return [_story(filed) for filed in record.filed]


def _story(filed: Filed) -> Story:
    opened = next((line.at for line in filed.lines if line.status_to is Status.FILED), None)
    was_handled = [line.at for line in filed.lines if line.status_to is Status.HANDLED]
    first, last = (was_handled[0], was_handled[-1]) if was_handled else (None, None)
    closed = filed.incident.closed_at
    done = {task.slot: task for task in reversed(filed.tasks) if task.status is TaskStatus.DONE}
    steps = sorted([*_of_tasks(filed), *_of_lines(filed)], key=lambda step: (step.at, step.kind))
    return Story(
        incident=filed.incident,
        needs=filed.needs,
        steps=tuple(steps),
        opened_at=opened,
        handled_at=first,
        answers={task.worker_id: said for task in filed.tasks if (said := _answer(task)) is not None},
        travels={
            task.worker_id: task.on_scene_at - task.accepted_at
            for task in filed.tasks
            if task.on_scene_at is not None and task.accepted_at is not None
        },
        work={slot: spent for slot, task in done.items() if (spent := worked(task)) is not None},
        first_done={slot: task.worker_id for slot, task in done.items()},
        closing=closed - last if closed is not None and last is not None else None,
    )


def worked(task: Task) -> timedelta | None:
    """Return how long somebody was at it, from the arrival, or from accepting where nobody said that one was there."""
    since = task.on_scene_at or task.accepted_at
    return None if since is None or task.ended_at is None else task.ended_at - since


def _answer(task: Task) -> Answer | None:
    if task.accepted_at is not None:
        return Answer(task.accepted_at - task.offered_at, accepts=True)
    if task.status is TaskStatus.DECLINED and task.ended_at is not None:
        return Answer(task.ended_at - task.offered_at, accepts=False)
    return Answer(None, accepts=False) if task.status is TaskStatus.EXPIRED else None


def _of_tasks(filed: Filed) -> Iterator[Step]:
    sights = {line.task_id: (line,) for line in filed.lines if line.task_id is not None and line.candidates}
    for task in filed.tasks:
        yield Step(task.offered_at, StepKind.OFFER, task, sights=sights.get(task.id, ()))
        if task.accepted_at is not None:
            yield Step(task.accepted_at, StepKind.ACCEPT, task)
        if task.on_scene_at is not None:
            yield Step(task.on_scene_at, StepKind.SCENE, task)
        if task.ended_at is not None:
            latest = task.on_scene_at or task.accepted_at or task.offered_at
            yield Step(task.ended_at, StepKind.END if task.ended_at > latest else StepKind.DONE, task)


def _of_lines(filed: Filed) -> Iterator[Step]:
    opened = False
    for line in filed.lines:
        if line.status_to is Status.FILED and not opened:
            opened = True
            yield Step(line.at, StepKind.OPEN, line=line)
        elif line.kind in HANDS:
            yield Step(line.at, StepKind.HAND, line=line)
        yield Step(line.at, StepKind.MARK, line=line)
        if line.kind == "waiting":
            yield Step(line.at, StepKind.LOOK, line=line, sights=(line,) if line.candidates else ())


def load_of(tasks: Iterable[Task]) -> Iterator[Step]:
    """Tell who was busy with incidents that are not of the period."""
    for task in tasks:
        yield Step(task.offered_at, StepKind.BUSY, task)
        if task.ended_at is not None:
            yield Step(task.ended_at, StepKind.FREE, task)


def at_the_foot(needs: Mapping[str, Need], now: datetime) -> dict[str, Need]:
    """Return the places of an incident as they are when they are opened; those that came later by hand come later."""
    return {
        slot: replace(need, state=NeedState.OPEN, rung=0, tries=0, rung_since=now)
        for slot, need in needs.items()
        if need.worker_id is None and slot != LOOKING and not slot.startswith("added_")
    }
