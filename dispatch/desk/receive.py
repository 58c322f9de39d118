"""Receive: a report comes in and leaves as an incident in its grid, each of its places offered to the first who can go."""

from dataclasses import dataclass, field

from data.areas import Area
from data.book import Book
from data.grids import Grid
from data.incidents import Incident, Status
from data.needs import need_of
from data.receipts import ReceiptKind, new_receipt
from data.tasks import Task
from dispatch.city import City, likely_datum
from dispatch.desk.case import Case
from dispatch.desk.offer import fill
from dispatch.ranking import Candidate
from dispatch.triage import Report, open_incident


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a report. `likely_datum` is set when it lies in no grid but would in that datum."""

    incident: Incident
    grid: Grid | None
    nearest_grid: Grid | None
    areas: tuple[Area, ...]
    tasks: tuple[Task, ...]
    candidates: tuple[Candidate, ...]
    likely_datum: str | None
    receipt: str = field(repr=False)
    """The code of the reporter's receipt: it cannot be read again."""


async def receive(report: Report, city: City, book: Book) -> Received:
    """File a report, find its grid and offer each of its places to the first able worker who is still free.

    What the command centre sorts by hand is taken in as `reported` and waits for it.

    Raises
    ------
    UnknownCategoryError, TimeInFutureError, TimeTooOldError, FarFromTownError, NoGroundError, GeoError
        If the report cannot be taken; nothing is written.
    """
    now = book.opened_at or await book.now()
    incident = city.place(open_incident(report, city.rules, now))
    receipt = new_receipt(ReceiptKind.REPORT, report.holder)
    case = Case(incident, {}, {}, now, incident.reporter, receipt=receipt)
    case.line("filed" if incident.status is Status.FILED else "reported")
    candidates = await send_out(case, city, book) if incident.status is Status.FILED else ()
    await case.put_down(book, city)

    layer = city.layer(incident.layer)
    grid = layer.grid(incident.grid_id) if incident.grid_id else None
    nearest = layer.grid(incident.nearest_grid_id) if incident.nearest_grid_id else None
    return Received(
        incident=case.incident,
        grid=grid,
        nearest_grid=nearest,
        areas=city.areas_of(grid),
        tasks=tuple(case.tasks.values()),
        candidates=candidates,
        likely_datum=None if grid else likely_datum(incident.given, layer),
        receipt=receipt.code,
    )


async def send_out(case: Case, city: City, book: Book) -> tuple[Candidate, ...]:
    """Open the needs of a filed incident's category and fill each; return the candidates of the first."""
    found: list[tuple[Candidate, ...]] = []
    for slot in city.rules[case.incident.category].slots:
        case.put(need_of(slot, case.now))
        found.append(await fill(case, slot.code, city, book))
    return found[0]
