"""A case on the desk: one incident, held under its row's lock, with its needs and tasks, while something is done to it.

The lock on the incident is the lock on all of it. Order of locks: timer, incident, then workers — those who are let go
first, in the order of their ids, then those who are claimed, who are passed over when somebody holds them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from data.book import Book
from data.clocks import Clock
from data.history import Event
from data.incidents import Incident, Status
from data.needs import Need, NeedState
from data.receipts import Receipt
from data.schema import new_id
from data.tasks import ACTIVE, Task, TaskStatus, asked_lately
from data.timers import Timer
from data.tokens import Actor
from dispatch.city import City
from dispatch.clockwork import Moved, follow, moves_clocks, timers_of, with_dues
from dispatch.errors import ChangedMeanwhileError, UnknownIncidentError
from dispatch.facts import with_facts
from dispatch.workflow import MOVES, Act, check, leads_to, move_task, standing

RULES = "rules"
NO_REST = timedelta(0)


@dataclass(slots=True)
class Case:
    """What is known of the incident, and what will be written when the case is put down. `by` is who is acting."""

    incident: Incident
    needs: dict[str, Need]
    tasks: dict[UUID, Task]
    now: datetime
    by: str
    found: Incident | None = None
    """As it was picked up; None: it is new."""
    before: Mapping[str, str] = field(default_factory=dict)
    """The state of each place as it was picked up: what an undo brings back."""
    lines: list[Event] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    receipt: Receipt | None = None
    """What its reporter is given; a new one has it."""
    clocks: tuple[Clock, ...] = ()
    """As they are to be; those that differ from `found_clocks` are written."""
    found_clocks: tuple[Clock, ...] = ()
    stood: Status | None = None
    """Where it stood as its clocks take it, after an undo; None: where it was found."""
    _touched: dict[str, bool] = field(default_factory=dict)
    _offers: list[Task] = field(default_factory=list)

    def line(self, kind: str, to: Status | None = None, task: Task | None = None, **facts: Any) -> None:
        """Note a line of history; with `to` the incident moves there. The fact `by` names another than who is acting."""
        first = self.found is None and not self.lines
        status_from = None if first else self.incident.status
        if to is not None:
            self.incident = replace(self.incident, status=to)
        if not first:
            self.incident = with_facts(self.incident, kind, status_from, self.tasks.values(), self.now)
        by = str(facts.pop("by", self.by))
        said = {name: value for name, value in facts.items() if value is not None}
        task_id = None if task is None else task.id
        self.lines.append(
            Event(self.incident.id, self.now, kind, by, status_from, self.incident.status, task_id, said)
        )

    def say_aside(self, kind: str, **facts: str | None) -> None:
        """Note a line without a word of where the incident stands: who may not hold it cannot know."""
        said = {name: value for name, value in facts.items() if value is not None}
        self.lines.append(Event(self.incident.id, self.now, kind, self.by, None, None, None, said))

    def put(self, need: Need) -> None:
        """Take over a need as it now is."""
        self._touched[need.slot] = self._touched.get(need.slot, need.slot not in self.needs)
        self.needs[need.slot] = need

    def offer(self, task: Task) -> None:
        """Take over a task that is offered."""
        self.tasks[task.id] = task
        self._offers.append(task)

    def offered_to(self, worker_id: UUID, need: Need, metres: float | None, stands: timedelta) -> Task:
        """Return a new offer of a place, open for so long."""
        return Task(
            id=new_id(),
            incident_id=self.incident.id,
            worker_id=worker_id,
            status=TaskStatus.OFFERED,
            attempt_no=max((task.attempt_no for task in self.tasks.values()), default=0) + 1,
            exclusive=need.exclusive,
            metres=metres,
            offered_at=self.now,
            offer_expires_at=self.now + stands,
            slot=need.slot,
        )

    def leads_to(self) -> Status:
        """Say where needs and tasks leave the incident."""
        return leads_to(self.incident.status, self.needs.values(), self.tasks.values())

    def active(self) -> list[Task]:
        """Return the tasks somebody has."""
        return [task for task in self.tasks.values() if task.status in ACTIVE]

    def asked(self) -> Incident:
        """Return the incident with all who were asked: those of before, and those who have been offered a place just now."""
        fresh = tuple(task.worker_id for task in self._offers)
        return replace(self.incident, tried=(*self.incident.tried, *fresh)) if fresh else self.incident

    def active_in(self, slot: str) -> Task | None:
        """Return the task by which a place is filled."""
        return next((task for task in self.active() if task.slot == slot), None)

    def waiting(self) -> list[str]:
        """Return the places that are open, the first one first."""
        return [slot for slot, need in self.needs.items() if need.state is NeedState.OPEN]

    def unfilled(self) -> list[str]:
        """Return the places that are open or held, the first one first."""
        return [slot for slot, need in self.needs.items() if need.state in (NeedState.OPEN, NeedState.HELD)]

    def standing(self) -> Status:
        """Say where needs and tasks alone leave the incident."""
        return standing(self.needs.values(), self.tasks.values())

    def said_of(self, other: Incident, kind: str, **facts: str) -> Event:
        """Return a line for the history of another incident."""
        return Event(other.id, self.now, kind, self.by, other.status, other.status, None, dict(facts))

    async def end(
        self,
        ended: Collection[Task],
        to: TaskStatus,
        book: Book,
        reason: str | None = None,
        rest: timedelta = NO_REST,
    ) -> list[Task]:
        """End tasks that somebody has, and let their workers go."""
        await book.workers.release([task.worker_id for task in ended], rest)
        done = [replace(move_task(task, to, self.now), reason=reason) for task in ended]
        for task in done:
            self.tasks[task.id] = task
            await book.tasks.save(task)
        return done

    def set_clock(self, one: Clock) -> None:
        """Take over a clock as it now is."""
        self.clocks = tuple(one if (old.step, old.round) == (one.step, one.round) else old for old in self.clocks)

    def _keep_time(self, city: City) -> list[Timer | Clock]:
        """Let the clocks follow the incident; return those that changed, with the timers they set."""
        was = self.found and replace(self.found, status=self.stood or self.found.status)
        rule = city.rules.get(self.incident.category)
        moved = Moved(was, self.incident, self.tasks.values(), rule, self.now)
        self.clocks = follow(self.clocks, moved, city.clockwork)
        self.incident = with_dues(self.incident, self.clocks)
        changed = [one for one in self.clocks if one not in self.found_clocks]
        id_, calendar = self.incident.id, city.clockwork.calendar
        return [*changed, *(timer for one in changed for timer in timers_of(one, id_, self.now, calendar))]

    async def put_down(self, book: Book, city: City | None = None) -> None:
        """Write the incident, its needs, offers, clocks and timers, and the lines of history.

        Without a city nothing was done that a clock follows.
        """
        assert city is not None or not moves_clocks(self.found, self.incident), "its clocks must follow"
        timed = self.timers if city is None else [*self.timers, *self._keep_time(city)]
        if self.found is None:
            assert self.receipt is not None, "whoever reports is given a receipt"
            await book.incidents.insert(self.incident, self.receipt)
        elif self.found != self.incident:
            await book.incidents.save(self.incident)
        needs = {
            "new": [self.needs[slot] for slot, is_new in self._touched.items() if is_new],
            "moved": [self.needs[slot] for slot, is_new in self._touched.items() if not is_new],
        }
        if self.lines or timed or self._touched or self._offers:
            await book.history.write(self.incident.id, self.lines, self._offers, needs, timed)


async def pick_up(incident_id: UUID, by: str, book: Book) -> Case:
    """Hold an incident and read all of it.

    Raises
    ------
    UnknownIncidentError
        If there is no such incident.
    """
    incident = await book.incidents.lock(incident_id)
    if incident is None:
        raise UnknownIncidentError(id=incident_id)
    return await lay_open(incident, by, book)


async def lay_open(incident: Incident, by: str, book: Book) -> Case:
    """Read all of an incident that is held."""
    needs = await book.needs.of([incident.id])
    tasks: Iterable[Task] = await book.tasks.of(incident.id)
    now, clocks = await book.clocks.of(incident.id)
    before = {slot: need.state.value for slot, need in needs[incident.id].items()}
    mine = {task.id: task for task in tasks}
    incident = replace(incident, tried=asked_lately(mine.values(), now))
    return Case(incident, needs[incident.id], mine, now, by, incident, before, clocks=clocks, found_clocks=clocks)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts on an incident, and the last line of its history the person had seen; None: does not say."""

    actor: Actor
    seen: int | None = None


async def pick_up_for(act: Act, incident_id: UUID, by: By, book: Book) -> Case:
    """Hold an incident on which a person wants to act.

    Raises
    ------
    UnknownIncidentError
        If there is no such incident or it does not lie where the person holds the permission that the act needs.
    ChangedMeanwhileError
        If somebody else went on with it since the person looked.
    MoveNotAllowedError
        If this cannot be done from where it stands.
    """
    case = await pick_up(incident_id, str(by.actor), book)
    if not by.actor.rights.covers(MOVES[act].permission, case.incident.layer, case.incident.area_path):
        raise UnknownIncidentError(id=incident_id)
    if by.seen is not None:
        since = await book.history.since(incident_id, by.seen, str(by.actor))
        if any(not line.mine for line in since):
            changed = [
                {"kind": one.kind, "at": one.at.isoformat(), "actor": one.actor, "worker": one.worker, "to": one.to}
                for one in since
            ]
            raise ChangedMeanwhileError(changed=changed)
    check(act, case.incident.status)
    return case
