"""Live: an incident that goes another way than in the record, through the desk's own steps, its people by the models."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from data.incidents import Status
from data.needs import NeedState
from data.tasks import ACTIVE, ASKED_AGAIN_AFTER, PUT_ASIDE, Task, TaskStatus
from data.timers import TimerKind
from dispatch.desk.answer import NEED_AFTER, Said, step
from dispatch.desk.case import Case
from dispatch.desk.paper import at_once
from dispatch.replay.course import Cause, Course, active, drop_open, hold, put_line, put_offer, put_step
from dispatch.replay.models import Models
from dispatch.replay.side import Asked, Side, copy_of
from dispatch.replay.world import ENDINGS, Step, StepKind

TASK_STEPS = {
    StepKind.ACCEPT: TaskStatus.ACCEPTED,
    StepKind.SCENE: TaskStatus.ON_SCENE,
}


MOST_OFFERS = 60
"""Of one incident: by then the command centre has taken it in hand, and no model says how."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a model says will become of a task; `to` None: a place is looked at again, or the incident is closed."""

    at: datetime
    kind: StepKind
    task_id: UUID | None = None
    to: TaskStatus | None = None


@dataclass(frozen=True, slots=True)
class Shifted:
    """A step of the record that comes at another time."""

    at: datetime
    step: Step

    @property
    def kind(self) -> StepKind:
        """What happens."""
        return self.step.kind


class Live:
    """Incidents on the changed side that do not follow the record any more."""

    def __init__(self, side: Side, models: Models, push: Callable[[Course, Due | Shifted], None]) -> None:
        self.side, self.models, self._push = side, models, push
        self.apart: dict[UUID, date] = {}
        """Workers who are elsewhere than the record believes, since a day: what it saw of them does not hold."""
        self._known: set[UUID] = set()

    def leave(self, course: Course, cause: Cause, answered: Asked | None, now: datetime) -> None:
        """Let an incident go its own way: what is under way at it ends as in the record, the rest as the rules say."""
        course.cause = cause
        for of in course.story.steps:
            task = of.task
            known = None if task is None else course.case.tasks.get(task.id)
            if (
                task is None
                or known is None
                or known.status not in ACTIVE
                or of.at < now
                or of.kind is StepKind.OFFER
            ):
                continue
            self._known.add(task.id)
            self._push(course, Due(of.at, of.kind, task.id, TASK_STEPS.get(of.kind, task.status)))
        if answered is not None:
            self.take_over(course, answered)

    def take_over(self, course: Course, asked: Asked) -> None:
        """Go on with what the rules said: whoever was offered a place answers it in time."""
        course.case = asked.case
        for task in asked.made:
            self.side.take(task)
            self._part(task.worker_id, task.offered_at)
            self._expect(course, task)
        for timer in asked.case.timers:
            if timer.kind is TimerKind.CLIMB:
                self._push(course, Due(timer.due_at, StepKind.LATER))

    def fill(self, course: Course, slots: Iterable[str], now: datetime) -> None:
        """Offer open places to whoever can go; what was offered very often is left waiting."""
        if len(course.case.tasks) >= MOST_OFFERS:
            return
        asked = self.side.ask(course.case, slots, now)
        self.take_over(course, asked)

    def file(self, course: Course, now: datetime) -> None:
        """Offer the places of what has just been filed."""
        course.case.incident = replace(course.case.incident, status=Status.FILED, filed_at=now)
        self.fill(course, list(course.case.needs), now)

    def meet_again(self, now: datetime) -> None:
        """Believe the record again of those who parted on an earlier day."""
        for worker_id in [id_ for id_, day in self.apart.items() if day < now.date()]:
            del self.apart[worker_id]

    def happen(self, course: Course, due: Due) -> bool:
        """Let a task take its step; return whether somebody became free."""
        if due.task_id is None or due.to is None:
            return self._close(course, due.at)
        task = course.case.tasks.get(due.task_id)
        if task is None or task.status not in ACTIVE or course.ended:
            return False
        if due.to is TaskStatus.WITHDRAWN:
            self._withdraw(course, [task], due.at)
            self.fill(course, [task.slot], due.at)
            return True
        self._step(course, task, due)
        return due.to not in ACTIVE

    def by_hand(self, course: Course, of: Step) -> None:
        """Repeat what the command centre did, where it still can be done; else it is left out and counted."""
        if of.task is None:
            self._hand_line(course, of)
            return
        self._part(of.task.worker_id, of.at)
        if not of.task.by_hand or course.ended:
            return
        need = course.case.needs.get(of.task.slot)
        unfilled = need is None or need.state in (NeedState.OPEN, NeedState.HELD)
        if not unfilled or course.case.incident.status is Status.HANDLED or not self.side.has_room(of.task):
            course.left_out += 1
            return
        self.offer(course, of.task, None)

    def offer(self, course: Course, task: Task, answered: Asked | None) -> None:
        """Offer a place to whom the record offers it; the answer comes after as long as it did."""
        self._give(course, task, answered)
        self._expect(course, course.case.tasks[task.id])

    def shifted(self, course: Course, one: Shifted) -> bool:
        """Let what came after an incident was handled come again; return whether somebody became free."""
        of, case = one.step, course.case
        if of.task is None:
            put_line(case, of, one.at)
            if of.line is not None and of.kind is StepKind.HAND and of.line.kind in ENDINGS:
                course.ended = True
                return self._withdraw(course, active(case), one.at)
            return False
        if of.kind is StepKind.OFFER:
            self._give(course, replace(of.task, worker_id=self._whose(course, of.task), offered_at=one.at))
            return False
        to = TASK_STEPS.get(of.kind, of.task.status)
        put_step(case, of.task, to, one.at)
        if to not in ACTIVE:
            self.side.let_go(case.tasks[of.task.id], one.at)
        return to not in ACTIVE

    def _give(self, course: Course, task: Task, answered: Asked | None = None) -> None:
        if task.slot not in course.case.needs and task.slot in course.story.needs:
            course.case.needs[task.slot] = replace(course.story.needs[task.slot], state=NeedState.OPEN)
        put_offer(course.case, task, None if answered is None else answered.case)
        self.side.take(task)

    def _step(self, course: Course, task: Task, due: Due) -> None:
        assert due.to is not None
        category, at = course.case.incident.category, due.at
        if due.to not in ACTIVE:
            self.side.let_go(task, at, self.side.rest_after(category, due.to))
        asked = copy_of(course.case, at)
        before = set(asked.tasks)
        if due.to in NEED_AFTER or due.to in ACTIVE:
            at_once(step(asked, task, Said(due.to), self.side.city, self.side.paper))
        made = tuple(one for id_, one in asked.tasks.items() if id_ not in before)
        self.take_over(course, Asked(asked, (), made))
        if due.to in (TaskStatus.DECLINED, TaskStatus.EXPIRED):
            self._push(course, Due(at + ASKED_AGAIN_AFTER, StepKind.LATER))
        self._go_on(course, asked.tasks[task.id], at)
        if asked.incident.status is Status.HANDLED and due.to is TaskStatus.DONE:
            self._handled(course, at)

    def _go_on(self, course: Course, task: Task, now: datetime) -> None:
        if task.status is TaskStatus.ON_SCENE:
            self.side.stand(task.worker_id, course.case.incident.point)
        if task.id in self._known:
            return
        if task.status is TaskStatus.ACCEPTED:
            way = self.models.travel(course.story, task.worker_id, task.metres)
            self._push(course, Due(now + way, StepKind.SCENE, task.id, TaskStatus.ON_SCENE))
        elif task.status is TaskStatus.ON_SCENE:
            spent = self.models.work(course.story, task.slot)
            self._push(course, Due(now + spent, StepKind.END, task.id, TaskStatus.DONE))

    def _expect(self, course: Course, task: Task) -> None:
        """Have an offer answered."""
        worker = self.side.city.crew.workers[self.side.city.crew.row_of[task.worker_id]]
        asked = sum(one.worker_id == task.worker_id for one in course.case.tasks.values())
        said, recorded = self.models.answer(course.story, worker, asked)
        course.modelled += not recorded
        if said.after is None or task.offered_at + said.after >= task.offer_expires_at:
            self._push(course, Due(task.offer_expires_at, StepKind.END, task.id, TaskStatus.EXPIRED))
            return
        kind, to = (StepKind.ACCEPT, TaskStatus.ACCEPTED) if said.accepts else (StepKind.END, TaskStatus.DECLINED)
        self._push(course, Due(task.offered_at + said.after, kind, task.id, to))

    def _handled(self, course: Course, now: datetime) -> None:
        """Let come after it what came in the record, as much later or sooner; else it is closed after the usual time."""
        story = course.story
        if story.handled_at is None:
            self._push(course, Due(now + self.models.close(story), StepKind.MARK))
            return
        course.shift = now - story.handled_at
        for of in story.steps:
            if story.after(of):
                self._push(course, Shifted(of.at + course.shift, of))

    def _close(self, course: Course, now: datetime) -> bool:
        """Close what was handled, as nobody did in the record."""
        if not course.ended and course.case.incident.status is Status.HANDLED:
            course.case.incident = replace(course.case.incident, status=Status.CLOSED, closed_at=now)
            course.ended = True
        return False

    def _hand_line(self, course: Course, of: Step) -> None:
        assert of.line is not None
        if course.ended or course.case.incident.status is Status.HANDLED:
            return
        self._withdraw(course, active(course.case) if of.line.kind != "resumed" else [], of.at)
        if of.line.kind in ENDINGS:
            course.ended = True
            drop_open(course.case)
        else:
            hold(course.case, of.at, again=of.line.kind == "resumed")
        put_line(course.case, of, of.at)
        if of.line.kind == "resumed":
            self.fill(course, waiting(course.case), of.at)

    def _withdraw(self, course: Course, tasks: Iterable[Task], now: datetime) -> bool:
        some = list(tasks)
        for task in some:
            self.side.let_go(task, now)
            put_step(course.case, replace(task, reason=PUT_ASIDE), TaskStatus.WITHDRAWN, now)
        return bool(some)

    def _whose(self, course: Course, task: Task) -> UUID:
        """Return who does again what was done: whoever did it here."""
        did = [one for one in course.case.tasks.values() if one.slot == task.slot and one.status is TaskStatus.DONE]
        first = course.story.first_done.get(task.slot)
        return did[-1].worker_id if did and first == task.worker_id else task.worker_id

    def _part(self, worker_id: UUID, now: datetime) -> None:
        self.apart[worker_id] = now.date()


def waiting(case: Case) -> list[str]:
    """Return the places that are open, the first one first."""
    return [slot for slot, need in case.needs.items() if need.state is NeedState.OPEN]
