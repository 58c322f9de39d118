"""Receive: a report comes in and leaves as an incident in its grid, offered to the first who can go."""

from dataclasses import dataclass, replace

from data.areas import Area
from data.book import Book
from data.grids import Grid
from data.incidents import Event, Incident
from data.tasks import Task
from dispatch.city import City, likely_datum
from dispatch.desk.offer import offer
from dispatch.ranking import Candidate, rank
from dispatch.triage import Report, open_incident


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a report. `likely_datum` is set when it lies in no grid but would in that datum."""

    incident: Incident
    grid: Grid | None
    nearest_grid: Grid | None
    areas: tuple[Area, ...]
    task: Task | None
    candidates: tuple[Candidate, ...]
    likely_datum: str | None


async def receive(report: Report, city: City, book: Book) -> Received:
    """File a report, find its grid and offer it to the first able worker who is still free.

    Raises
    ------
    UnknownCategoryError, TimeInFutureError, TimeTooOldError, FarFromTownError, NoGroundError, GeoError
        If the report cannot be taken; nothing is written.
    """
    now = await book.now()
    incident = city.place(open_incident(report, city.rules, now))
    ranking, layer = rank(incident, city, now), city.layer(incident.layer)
    filed = Event(incident.id, now, "filed", incident.reporter, None, incident.status)
    offered = await offer(incident, ranking, book, now, before=filed)

    grid = layer.grid(incident.grid_id) if incident.grid_id else None
    nearest = layer.grid(incident.nearest_grid_id) if incident.nearest_grid_id else None
    return Received(
        incident=replace(incident, status=offered.status),
        grid=grid,
        nearest_grid=nearest,
        areas=city.areas_of(grid),
        task=offered.task,
        candidates=offered.candidates,
        likely_datum=None if grid else likely_datum(incident.given, layer),
    )
