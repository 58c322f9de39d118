"""Call in: departments are whistled for; each is offered its part and must report in before its own clock."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from data.book import Book
from data.categories import RankBy
from data.ladders import Whom
from data.needs import Need, NeedState
from data.tasks import Task
from data.workers import Kind
from dispatch.city import City
from dispatch.desk.case import RULES, Case

REPORT_IN = timedelta(minutes=30)
"""For a department whose clock no category names."""
CALLED_AT_MOST = 3


def departments_of(case: Case, city: City, chosen: Iterable[UUID] = ()) -> dict[UUID, timedelta]:
    """Return whom to call and how long each has: the chosen, or all that the category names."""
    rule = city.rules.get(case.incident.category)
    named: Mapping[UUID, timedelta] = rule.departments if rule else {}
    return {id_: named.get(id_, REPORT_IN) for id_ in chosen} or dict(named)


async def call_in(case: Case, called: Mapping[UUID, timedelta], city: City, book: Book, reason: str | None) -> bool:
    """Offer each department its part of the incident; return False when all of them have one already."""
    at_it = {task.worker_id for task in case.active()}
    fresh = {city.crew.workers[city.crew.row_of[id_]].code: id_ for id_ in called if id_ not in at_it}
    for code, id_ in sorted(fresh.items()):
        await _offer(case, replace(_need(case, id_, code), tries=0), called[id_], book)
    if fresh:
        case.line("whistled", case.leads_to(), departments=sorted(fresh), reason=reason)
    return bool(fresh)


async def call_again(case: Case, late: Task, city: City, book: Book) -> None:
    """Call a department anew that did not report in: first it is reminded, then supervised, then left to the centre."""
    need = case.needs[late.slot]
    if need.tries >= CALLED_AT_MOST:
        case.put(replace(need, state=NeedState.HELD))
        case.line("waiting", case.leads_to(), by=RULES, slot=need.slot)
        return
    await _offer(case, need, late.offer_expires_at - late.offered_at, book)
    kind = "reminded" if need.tries == 1 else "supervised"
    code = city.crew.workers[city.crew.row_of[late.worker_id]].code
    case.line(kind, case.leads_to(), by=RULES, department=code)


def _need(case: Case, department_id: UUID, code: str) -> Need:
    """Return the place of a department: the one it had, or a new one, named by its code where that makes a name."""
    had = next((need for need in case.needs.values() if need.worker_id == department_id), None)
    if had is not None:
        return had
    named = (
        "dept_" + "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in code.lower())[:50]
    )
    slot = named if named not in case.needs and code.isascii() else f"dept_{department_id.hex}"
    rule = (slot, Kind.DEPARTMENT, None, RankBy.NEAREST, False, Whom.DEPARTMENTS.value, department_id)
    return Need(*rule, NeedState.HELD, 0, 0, case.now)


async def _offer(case: Case, need: Need, within: timedelta, book: Book) -> None:
    """Offer a department its place; one that carries all it may is left to the centre's hand."""
    assert need.worker_id is not None
    if await book.workers.claim([need.worker_id], exclusive=False) is None:
        case.put(replace(need, state=NeedState.HELD))
        return
    case.put(replace(need, state=NeedState.TAKEN, tries=need.tries + 1))
    task = case.offered_to(need.worker_id, need, None, within)
    case.offer(replace(task, whom=Whom.DEPARTMENTS, exclusive=False))
