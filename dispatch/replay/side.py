"""A side: the town under one setting, with who carries how much and where everybody seems to be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import asin, atan2, cos, degrees, radians, sin
from uuid import UUID

from data.ladders import Whom
from data.positions import Moved
from data.record import Line
from data.tasks import Task, TaskStatus, asked_lately
from data.workers import Kind, Worker
from dispatch.city import City
from dispatch.desk.case import RULES, Case
from dispatch.desk.offer import fill
from dispatch.desk.paper import PaperBook, at_once
from dispatch.ladder import rung_of
from dispatch.ranking import rank
from dispatch.replay.difference import Difference
from geo.nearest import EARTH_RADIUS_M
from geo.point import Point

HEARD = datetime(9000, 1, 1, tzinfo=UTC)
"""Seen for as long as a replay lasts: that a phone fell silent is known only where the record says so."""
SILENT = {"stale_fix": timedelta(minutes=10), "lost_fix": timedelta(minutes=40)}

type Offer = tuple[UUID, Whom, timedelta]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules said: the case as it is after their answer, and the offers they would make."""

    case: Case
    offers: tuple[Offer, ...]
    made: tuple[Task, ...]


class Side:
    """A city with a book on paper. Of each worker it knows a place, by the record or as an estimate.

    `differs` says in what its setting is not the record's.
    """

    def __init__(self, city: City, differs: Difference) -> None:
        self.city, self.differs = city, differs
        self.paper = PaperBook(city)

    def ask(self, case: Case, slots: Iterable[str], now: datetime) -> Asked:
        """Ask the desk whom it would offer open places of a case to; the case itself stays as it is."""
        asked = copy_of(case, now)
        before = set(asked.tasks)
        for slot in slots:
            at_once(fill(asked, slot, self.city, self.paper))
        made = tuple(task for id_, task in asked.tasks.items() if id_ not in before)
        offers = tuple((task.worker_id, task.whom, task.offer_expires_at - task.offered_at) for task in made)
        return Asked(asked, offers, made)

    def hopes(self, case: Case, slot: str, now: datetime) -> bool:
        """Say whether somebody on a place's rung seems able and free."""
        need = case.needs[slot]
        whom = rung_of(need, self.city.ladder(need.ladder)).whom
        return rank(tried_by(case, now).asked(), need, whom, self.city, now).anybody_free()

    def lacks(self, case: Case, slot: str, worker_id: UUID, now: datetime) -> bool:
        """Say whether the rules have anything against a worker for a place, load apart."""
        if worker_id not in self.city.crew.row_of or slot not in case.needs:
            return True
        need = case.needs[slot]
        whom = rung_of(need, self.city.ladder(need.ladder)).whom
        return rank(tried_by(case, now).asked(), need, whom, self.city, now).shortfall_of(worker_id) is not None

    def could_take(self, case: Case, task: Task, now: datetime) -> bool:
        """Say whether somebody could have been offered a place: able by the rules, and free."""
        return self.has_room(task) and not self.lacks(case, task.slot, task.worker_id, now)

    def has_room(self, task: Task) -> bool:
        """Say whether a worker could carry a task more."""
        row = self.city.crew.row_of.get(task.worker_id)
        return row is not None and bool(self.city.crew.free(exclusive=task.exclusive, rows=row))

    def take(self, task: Task) -> None:
        """Count a task that somebody has from now on."""
        worker = self._worker(task.worker_id)
        if worker is not None:
            held = worker.holds_exclusive or task.exclusive
            self.city.renew([replace(worker, active_tasks=worker.active_tasks + 1, holds_exclusive=held)])

    def let_go(self, task: Task, now: datetime, rest: timedelta = timedelta(0)) -> None:
        """Count a task that somebody has no more."""
        worker = self._worker(task.worker_id)
        if worker is not None:
            rested = now + rest if rest else worker.rest_until
            left = max(0, worker.active_tasks - 1)
            self.city.renew([replace(worker, active_tasks=left, holds_exclusive=False, rest_until=rested)])

    def rest_after(self, category: str, to: TaskStatus) -> timedelta:
        """Return how long whoever has done a matter of this kind comes after all others."""
        rule = self.city.rules.get(category)
        return rule.rest if rule is not None and to is TaskStatus.DONE else timedelta(0)

    def stand(self, worker_id: UUID, at: Point) -> None:
        """Take over that somebody is at a place."""
        self._move([(worker_id, at, HEARD)])

    def see(self, line: Line, of: Point, but: Iterable[UUID]) -> None:
        """Take over how far from an incident the candidates of a line were, but for those of whom more is known here.

        A distance is a circle: of its points the one nearest to where the worker was believed to be is taken.
        """
        known = set(but)
        seen = []
        for one in line.candidates:
            worker, metres = self._worker(UUID(one["worker"]["id"])), one.get("metres")
            if worker is None or worker.id in known or worker.kind is not Kind.PERSON or metres is None:
                continue
            was = None if worker.lng is None or worker.lat is None else Point(worker.lng, worker.lat)
            silent = SILENT.get(one.get("shortfall", ""))
            seen.append((worker.id, at_metres(of, was, float(metres)), line.at - silent if silent else HEARD))
        self._move(seen)

    def _move(self, seen: list[tuple[UUID, Point, datetime]]) -> None:
        persons = [one for one in seen if self._is_person(one[0])]
        if persons:
            ids, places, times = zip(*persons, strict=True)
            lng, lat = [place.lng for place in places], [place.lat for place in places]
            self.city.crew.move(Moved(ids, lng, lat, times, [None] * len(ids), times))

    def _is_person(self, worker_id: UUID) -> bool:
        worker = self._worker(worker_id)
        return worker is not None and worker.kind is Kind.PERSON

    def _worker(self, worker_id: UUID) -> Worker | None:
        row = self.city.crew.row_of.get(worker_id)
        return None if row is None else self.city.crew.workers[row]


def copy_of(case: Case, now: datetime) -> Case:
    """Return a case that can be gone on with beside the other, at a moment, with whom it was offered to lately."""
    fresh = Case(case.incident, dict(case.needs), dict(case.tasks), now, RULES, case.incident, clocks=case.clocks)
    return tried_by(fresh, now)


def tried_by(case: Case, now: datetime) -> Case:
    """Note on an incident who has it or had it lately, who are not asked again for a while."""
    tried = asked_lately(case.tasks.values(), now)
    if tried != case.incident.tried:
        case.incident = replace(case.incident, tried=tried)
    return case


def at_metres(of: Point, towards: Point | None, metres: float) -> Point:
    """Return the point so many great-circle metres away, in the direction of another; northwards where there is none."""
    lat, lng, arc = radians(of.lat), radians(of.lng), metres / EARTH_RADIUS_M
    east = 0.0 if towards is None else radians(towards.lng) - lng
    north = lat + 1.0 if towards is None else radians(towards.lat)
    bearing = atan2(sin(east) * cos(north), cos(lat) * sin(north) - sin(lat) * cos(north) * cos(east))
    there = asin(sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(bearing))
    along = lng + atan2(sin(bearing) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sin(there))
    return Point(round((degrees(along) + 540) % 360 - 180, 9), round(degrees(there), 9))
