"""Offer: fill a need with the first of its ladder who is still free, as far up as the ladder says; or leave it waiting."""

from dataclasses import replace
from datetime import timedelta
from itertools import batched, islice
from uuid import UUID

from data.book import Book
from data.ladders import Whom
from data.needs import Need, NeedState
from data.timers import Timer, TimerKind
from dispatch.city import City
from dispatch.desk.call_in import call_in, departments_of
from dispatch.desk.case import RULES, Case
from dispatch.ladder import at_top, climb, may_offer, offered, patient_until, rung_of
from dispatch.ranking import Candidate, Ranking, rank

ASKED_AT_ONCE = 32
USUAL_OFFER = timedelta(minutes=2)
"""For a category this process does not know yet."""
Candidates = tuple[Candidate, ...]


async def fill(case: Case, slot: str, city: City, book: Book, led_by: UUID | None = None) -> Candidates:
    """Offer a need that is open to the next who can go, `led_by` first; return the candidates it was decided among.

    A rung is left when its offers are used up, or when nobody on it is free and it does not wait. At the top the need
    stays open, in sight of the command centre. A need that waited and still waits where it did leaves no line. What
    only one department may do is left to the command centre's hand: the ladder has nobody else for it.
    """
    started = case.needs[slot]
    if started.worker_id is not None:
        case.put(replace(started, state=NeedState.HELD))
        _note_waiting(case, slot, ())
        return ()
    ladder = city.ladder(started.ladder)
    while True:
        need, whom = case.needs[slot], rung_of(case.needs[slot], ladder).whom
        ranking = rank(case.asked(), need, whom, city, case.now).led(led_by)
        if whom is Whom.DEPARTMENTS:
            if await _called(case, need, started, city, book):
                return ()
        elif may_offer(need, ladder):
            chosen = await _claim(ranking, book)
            if chosen is not None:
                return _offered(case, started, chosen, ranking, city)
        if at_top(need, ladder) or _waits(case, need, city):
            break
        case.put(climb(need, case.now))
    _note_climb(case, started, city)
    candidates = tuple(ranking.candidates(None))
    _note_waiting(case, slot, candidates)
    return candidates


async def _claim(ranking: Ranking, book: Book) -> UUID | None:
    """Claim the first who is free: of the first few whatever is believed of them, then of those who seem free.

    Who has become free meanwhile comes with the next change: the sweep tries again.
    """
    exclusive, first = ranking.need.exclusive, list(islice(ranking.ids(), ASKED_AT_ONCE))
    chosen = await book.workers.claim(first, exclusive=exclusive) if first else None
    if chosen is not None or len(first) < ASKED_AT_ONCE:
        return chosen
    for few in batched(ranking.ids_seeming_free(), ASKED_AT_ONCE):
        chosen = await book.workers.claim(few, exclusive=exclusive)
        if chosen is not None:
            return chosen
    return None


async def _called(case: Case, need: Need, started: Need, city: City, book: Book) -> bool:
    """Hand a place that nobody filled over to the departments, where the category names any."""
    called = departments_of(case, city)
    if not called:
        return False
    _note_climb(case, started, city)
    case.put(replace(need, state=NeedState.DROPPED))
    await call_in(case, called, city, book, None)
    return True


def _waits(case: Case, need: Need, city: City) -> bool:
    """Say whether a need waits where it stands, and have it looked at again when it has waited long enough."""
    until = patient_until(need, city.ladder(need.ladder))
    if until is None or until <= case.now:
        return False
    case.timers.append(Timer(TimerKind.CLIMB, case.incident.id, need.slot, None, until))
    return True


def _offered(case: Case, started: Need, chosen: UUID, ranking: Ranking, city: City) -> Candidates:
    need, candidates = ranking.need, tuple(ranking.candidates(chosen))
    rung = rung_of(need, city.ladder(need.ladder))
    _note_climb(case, started, city)
    case.put(offered(need))
    task = case.offered_to(chosen, need, ranking.metres_to(chosen), rung.offer or usual_offer(case, city))
    task = replace(task, whom=rung.whom)
    case.offer(task)
    case.line("offered", case.leads_to(), task, by=RULES, candidates=[one.as_json() for one in candidates])
    return candidates


def usual_offer(case: Case, city: City) -> timedelta:
    """Return how long an offer of this category stands."""
    rule = city.rules.get(case.incident.category)
    return rule.offer if rule else USUAL_OFFER


def _note_climb(case: Case, started: Need, city: City) -> None:
    """Say how far up a need went just now; of many rungs with nobody on them only the last is told."""
    need, ladder = case.needs[started.slot], city.ladder(started.ladder)
    if need.rung != started.rung:
        left, reached = rung_of(started, ladder).whom, rung_of(need, ladder).whom
        case.line("climbed", None, None, by=RULES, slot=need.slot, left=left, reached=reached)


def _note_waiting(case: Case, slot: str, candidates: Candidates) -> None:
    stands = case.leads_to()
    if case.found is None or stands is not case.incident.status or case.lines:
        shown = [one.as_json() for one in candidates]
        case.line("waiting", stands, None, by=RULES, slot=slot, candidates=shown)
