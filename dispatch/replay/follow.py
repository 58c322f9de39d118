"""Follow: the steps of the record, in what was then for sure, and here as long as both settings say the same."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from data.ladders import Whom
from data.needs import NeedState, need_of
from data.record import Line
from data.tasks import ACTIVE, Task
from data.timers import TimerKind
from dispatch.desk.case import Case
from dispatch.facts import LOOKING
from dispatch.replay.course import Cause, Course, drop_open, hold, open_places, put_line, put_offer, put_step
from dispatch.replay.live import TASK_STEPS, Due, Live, waiting
from dispatch.replay.side import Asked, Side
from dispatch.replay.world import ENDINGS, Step, StepKind


class Follow:
    """What the record says happened, step by step. `rules` counts what its own rules say of its offers."""

    def __init__(self, then: Side, here: Side, live: Live, push: Callable[[Course, Due], None]) -> None:
        self._then, self._here, self._live, self._push = then, here, live, push
        self.rules: Counter[str] = Counter()
        self.asks = True
        """Whether the rules are asked at all: between two equal settings their answers change nothing."""

    def step(self, course: Course, step: Step) -> bool:
        """Let a step of the record happen; return whether somebody became free."""
        if step.kind is StepKind.OPEN:
            self._open(course, step)
        elif step.kind is StepKind.LOOK:
            self._see(course, step.sights)
            self.look(course, step.at, climbs=True)
        elif step.kind is StepKind.OFFER and step.task is not None:
            self._offer(course, step, step.task)
        elif step.task is not None:
            return self._task(course, step, step.task)
        else:
            self._line(course, step)
        return False

    def look(self, course: Course, now: datetime, *, climbs: bool) -> None:
        """See whether somebody could go to what waits: here, and not then. Where it waits, it may climb."""
        assert course.then is not None
        for slot in waiting(course.case) if self.asks else ():
            hopes = self._here.hopes(course.case, slot, now)
            if slot not in course.then.needs or not (climbs or hopes):
                continue
            if hopes and self._then.hopes(course.then, slot, now):
                continue
            here, then = self._here.ask(course.case, [slot], now), self._then.ask(course.then, [slot], now)
            if here.offers and not then.offers:
                self._live.leave(course, Cause.SOONER, here, now)
                return
            for case, said in ((course.then, then), (course.case, here)):
                if not said.offers:
                    self._wait(course, case, said)

    def _wait(self, course: Course, case: Case, said: Asked) -> None:
        """Let a place stay open on the rung it has come to."""
        case.needs = said.case.needs
        for timer in said.case.timers:
            if timer.kind is TimerKind.CLIMB:
                self._push(course, Due(timer.due_at, StepKind.LATER))

    def _open(self, course: Course, step: Step) -> None:
        assert course.then is not None
        open_places(course.then, course.story, step.at)
        if not course.follows or course.opened:
            return
        course.opened = True
        open_places(course.case, course.story, step.at)
        slots = self._here.differs.slots.get(course.story.incident.category)
        if slots is not None:
            course.case.needs = {slot.code: need_of(slot, step.at) for slot in slots}
        if course.case.needs.keys() != course.then.needs.keys():
            answered = self._here.ask(course.case, list(course.case.needs), step.at)
            self._live.leave(course, Cause.PLACES, answered, step.at)
        else:
            self._push(course, Due(step.at, StepKind.LATER))

    def _offer(self, course: Course, step: Step, task: Task) -> None:
        assert course.then is not None
        self._see(course, step.sights)
        _called(course, task)
        then = here = None
        if self._is_decided(course, step, task):
            then = self._then.ask(course.then, [task.slot], step.at)
            self._judge(then, task, bool(step.sights))
            here = self._here.ask(course.case, [task.slot], step.at) if course.follows else None
        cause = self._cause(course, step, task, (then, here)) if course.follows else None
        _give(course.then, course, task, then)
        self._then.take(task)
        if cause is Cause.OFFER and here is not None:
            self._live.leave(course, cause, None, step.at)
            self._live.offer(course, replace(task, offer_expires_at=task.offered_at + here.offers[0][2]), here)
        elif cause is not None:
            self._live.leave(course, cause, here or self._instead(course, task, step.at), step.at)
        elif course.follows:
            _give(course.case, course, task, here)
            self._here.take(task)
        elif not course.story.after(step):
            self._live.by_hand(course, step)

    def _is_decided(self, course: Course, step: Step, task: Task) -> bool:
        """Say whether the rules chose: neither a hand, nor a whistle, nor whoever had done it before."""
        by_rules = (
            self.asks and not task.by_hand and task.whom is not Whom.DEPARTMENTS and not course.story.after(step)
        )
        return by_rules and all(task.slot in case.needs for case in course.cases)

    def _cause(self, course: Course, step: Step, task: Task, said: tuple[Asked | None, Asked | None]) -> Cause | None:
        """Say why the record's offer is not made here; None when it is."""
        then, here = said
        if course.story.after(step) or task.slot == LOOKING:
            return None
        if then is not None and here is not None:
            same_people = [one[0] for one in here.offers] == [one[0] for one in then.offers]
            if same_people and here.offers != then.offers:
                return Cause.OFFER
            passed_over = same_people or self._passed_over(course, task, (then, here), step.at)
            if not passed_over or self._speaks_against(course, task, step.at):
                return Cause.CHOICE
        return Cause.BUSY if self._then.has_room(task) and not self._here.has_room(task) else None

    def _passed_over(self, course: Course, task: Task, said: tuple[Asked, Asked], now: datetime) -> bool:
        """Say whether here the rules only name another whom the record passed over as well, for reasons of its own.

        So it is where the rules cannot tell why the record chose as it did, nothing of them has changed for this
        matter, and whoever they name here could have gone then.
        """
        then, here = said
        incident, differs = course.case.incident, self._here.differs
        changed = differs.ground or differs.ladders or incident.category in differs.slots
        if changed or course.then is None or task.worker_id in {one[0] for one in then.offers}:
            return False
        return all(self._then.could_take(course.then, one, now) for one in here.made)

    def _speaks_against(self, course: Course, task: Task, now: datetime) -> bool:
        """Say whether something speaks against the record's choice here that did not then."""
        if not self._here.differs or course.then is None:
            return False
        if not self._here.lacks(course.case, task.slot, task.worker_id, now):
            return False
        return not self._then.lacks(course.then, task.slot, task.worker_id, now)

    def _instead(self, course: Course, task: Task, now: datetime) -> Asked | None:
        """Ask the rules whom they would send, where a hand's choice cannot go."""
        if task.slot not in course.case.needs:
            return None
        return self._here.ask(course.case, [task.slot], now)

    def _judge(self, said: Asked, task: Task, has_candidates: bool) -> None:
        whom = [offer[0] for offer in said.offers]
        found = "same" if whom == [task.worker_id] else "another" if whom else "nobody"
        self.rules[f"{found}_{'with' if has_candidates else 'without'}_candidates"] += 1

    def _task(self, course: Course, step: Step, task: Task) -> bool:
        """Let a worker accept, arrive or end."""
        assert course.then is not None
        to = TASK_STEPS.get(step.kind, task.status)
        follows = course.follows and task.id in course.case.tasks
        for side, case in ((self._then, course.then), (self._here, course.case)):
            if case is course.case and not follows:
                continue
            if to not in ACTIVE:
                side.let_go(task, step.at, side.rest_after(case.incident.category, to))
            elif step.kind is StepKind.SCENE:
                side.stand(task.worker_id, case.incident.point)
            put_step(case, task, to, step.at)
        if follows and step.kind is StepKind.SCENE:
            self._live.apart.pop(task.worker_id, None)
        return to not in ACTIVE

    def _line(self, course: Course, step: Step) -> None:
        """Take over what a line of history says of the whole incident."""
        assert step.line is not None
        for case in course.cases:
            if case is course.case and not course.follows:
                continue
            if step.kind is StepKind.MARK:
                put_line(case, step, step.at)
            elif step.line.kind in ENDINGS:
                drop_open(case)
            else:
                hold(case, step.at, again=step.line.kind == "resumed")
        ends = step.kind is StepKind.HAND and step.line.kind in ENDINGS
        if course.follows:
            course.ended = course.ended or ends
        elif step.kind is StepKind.HAND and not course.story.after(step):
            self._live.by_hand(course, step)

    def _see(self, course: Course, lines: Iterable[Line]) -> None:
        for line in lines:
            self._live.meet_again(line.at)
            self._then.see(line, course.story.incident.point, ())
            self._here.see(line, course.story.incident.point, self._live.apart)


def _called(course: Course, task: Task) -> None:
    """Drop the place for which departments were called because nobody else was left."""
    if task.whom is not Whom.DEPARTMENTS or task.by_hand:
        return
    for case in course.cases:
        for slot in waiting(case):
            if course.story.needs[slot].state is NeedState.DROPPED:
                del case.needs[slot]


def _give(case: Case, course: Course, task: Task, said: Asked | None) -> None:
    """Give a place to whom the record gave it, one that came later by hand as well."""
    put_offer(case, task, None if said is None else said.case)
    if task.slot not in case.needs and task.slot in course.story.needs and task.slot != LOOKING:
        case.needs[task.slot] = course.story.needs[task.slot]
