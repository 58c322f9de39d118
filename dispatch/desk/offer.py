"""Offer: claim the first of a ranking who is still free and write the task; or leave the incident waiting."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from uuid import UUID

from data.book import Book
from data.incidents import Event, Incident, Status
from data.schema import new_id
from data.tasks import Task, TaskStatus
from dispatch.ranking import Candidate, Ranking

RULES = "rules"
ASKED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Offered:
    """Where an incident stands after it was offered: `task` None means that it waits."""

    status: Status
    task: Task | None
    candidates: tuple[Candidate, ...]


async def offer(
    incident: Incident, ranking: Ranking, book: Book, now: datetime, before: Event | None = None
) -> Offered:
    """Offer an incident to the first of the ranking who is still free.

    `before` is the line that opens the history of an incident not yet written; it is inserted here, after the claim,
    with the status it ends in. An incident that waited and still waits gets no new line.
    """
    chosen = await _claim(ranking, book)
    status = Status.FILED if chosen is None else Status.DISPATCHED
    candidates = tuple(ranking.candidates(chosen))
    placed = replace(incident, status=status)
    if before is not None:
        await book.incidents.insert(placed)
    elif status is not incident.status:
        await book.incidents.set_status(incident.id, status)
    task = None if chosen is None else _task(placed, chosen, ranking, now)
    if task is not None:
        await book.tasks.insert(task)
    lines = [line for line in (before, _line(incident, task, candidates, now)) if line is not None]
    if before is not None or task is not None or incident.status is not status:
        await book.incidents.append(*lines)
    return Offered(status, task, candidates)


async def _claim(ranking: Ranking, book: Book) -> UUID | None:
    for few in batched(ranking.ids(), ASKED_AT_ONCE):
        chosen = await book.workers.claim(few, exclusive=ranking.rule.exclusive)
        if chosen is not None:
            return chosen
    return None


def _task(incident: Incident, chosen: UUID, ranking: Ranking, now: datetime) -> Task:
    return Task(
        id=new_id(),
        incident_id=incident.id,
        worker_id=chosen,
        status=TaskStatus.OFFERED,
        attempt_no=len(incident.tried) + 1,
        exclusive=ranking.rule.exclusive,
        metres=ranking.metres_to(chosen),
        offered_at=now,
        offer_expires_at=now + ranking.rule.offer,
    )


def _line(incident: Incident, task: Task | None, candidates: tuple[Candidate, ...], now: datetime) -> Event:
    facts = {"candidates": [candidate.as_json() for candidate in candidates]}
    if task is None:
        return Event(incident.id, now, "waiting", RULES, incident.status, Status.FILED, facts=facts)
    return Event(incident.id, now, "offered", RULES, incident.status, Status.DISPATCHED, task.id, facts)
