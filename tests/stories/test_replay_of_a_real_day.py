"""A replay of matters that went through the real desk: nothing changed, it is the day as it was, figure by figure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from data.book import Book
from data.incidents import Disposition, Given
from data.proposals import ProposalKind
from data.record import Record, read_proposal, read_record
from data.rights import EVERYWHERE, Permission, Rights
from data.schema import new_id
from data.store import Store
from data.tasks import TaskStatus
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.answer import DeclineReason, Said, answer
from dispatch.desk.case import By
from dispatch.desk.close import close, rework
from dispatch.desk.keep import load_city
from dispatch.desk.receive import Received, receive
from dispatch.desk.send import Chosen, dispatch
from dispatch.desk.sweep import sweep
from dispatch.figures.counting import Counting
from dispatch.figures.groups import Known
from dispatch.figures.telling import told
from dispatch.figures.wanted import Wanted
from dispatch.ledger import Ledger, moment_us
from dispatch.replay.difference import as_it_is
from dispatch.replay.replaying import replay
from dispatch.triage import Report
from tests.support.place import Place, middle, square

EVERYTHING = Rights({permission.value: (EVERYWHERE,) for permission in Permission})
CENTRE = By(Actor(UUID(int=7), None, None, EVERYTHING))


class Day:
    """A place with three workers who carry one task each, and its desk."""

    def __init__(self, store: Store) -> None:
        self.store, self.city = store, City(kernels=False)

    async def known(self, book: Book) -> City:
        await load_city(self.city, book)
        return self.city

    async def report(self, at: tuple[float, float], category: str = "hazard") -> Received:
        async with self.store.books.open() as book:
            told = Report(Given(*at, "wgs84"), category, "account:1", "x")
            return await receive(told, await self.known(book), book)

    async def says(self, received: Received, *steps: Said) -> None:
        """Let whoever has the place take steps, one after another."""
        for said in steps:
            async with self.store.books.open() as book:
                tasks = await book.tasks.of(received.incident.id)
                last = tasks[-1]
                actor = Actor(new_id(), None, last.worker_id, EVERYTHING)
                await answer(last.id, said, actor, await self.known(book), book)

    async def swept(self) -> None:
        async with self.store.books.open() as book:
            await self.known(book)
        await sweep(self.city, self.store.books)


ACCEPTS, THERE, DONE = Said(TaskStatus.ACCEPTED), Said(TaskStatus.ON_SCENE), Said(TaskStatus.DONE)
NO = Said(TaskStatus.DECLINED, DeclineReason.BUSY)


async def lived(place: Place, day: Day) -> None:
    """Let six matters go six ways."""
    await place.add_block(2, 1)
    await place.add_category("hazard", offer_seconds=300)
    ids = [await place.add_worker(f"W{n}", middle(at, 0)) for n, at in enumerate((-0.1, 0.2, 1))]
    straight, declined = await day.report(middle(0, 0)), await day.report(middle(0.9, 0))
    await day.says(straight, ACCEPTS, THERE)
    await day.says(declined, NO, ACCEPTS)
    third = await day.report(middle(0.1, 0))
    waits = await day.report(middle(0, 0))
    assert waits.tasks == ()
    await day.says(straight, DONE)
    await day.swept()
    await day.says(waits, ACCEPTS, THERE, DONE)
    async with day.store.books.open() as book:
        await dispatch(third.incident.id, Chosen(ids[0], "知道路"), CENTRE, await day.known(book), book)
    await day.says(third, ACCEPTS, THERE, DONE)
    async with day.store.books.open() as book:
        await rework(straight.incident.id, "没有修好", CENTRE, await day.known(book), book)
    await day.says(straight, ACCEPTS, DONE)
    for one in (straight, third):
        async with day.store.books.open() as book:
            await close(one.incident.id, Disposition.RESOLVED, CENTRE, await day.known(book), book)
    await day.report(middle(1.1, 0))


def counted(record: Record) -> dict[str, object]:
    """Count the figures of the day over the town's own ledger."""
    zone = ZoneInfo("Asia/Shanghai")
    days = record.since.astimezone(zone).date(), (record.until - timedelta(seconds=1)).astimezone(zone).date()
    known = Known(categories={code: {"skill": rule.skill} for code, rule in record.kept.rules.items()})
    counting = Counting(Wanted(*days), known, moment_us(record.as_of))
    figures: dict[str, object] = told(counting.count(Ledger(zone, [record.entries])))["total"]
    return figures


async def test_the_day_as_it_was_and_without_the_one_who_did_most(
    place: Place, store: Store, server_url: str
) -> None:
    day = Day(store)
    await lived(place, day)
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    record = await read_record(server_url, today - timedelta(days=1), today)
    same = replay(record, as_it_is(record))
    assert same["record"]["as_recorded"] == same["record"]["incidents"] == 5
    real, replayed = counted(record), same["settings"]["changed"]["figures"]
    assert {code: real[code] for code in replayed} == replayed
    assert replayed["closed"]["value"] == 2
    rules = same["record"]["rules_on_the_record"]
    assert rules == {"same_with_candidates": sum(rules.values())}, (
        "by what the history keeps, the rules choose as they did"
    )
    assert same["record"]["acts_by_hand_left_out"] == 0

    most = record.filed[0].tasks[0].worker_id
    without = tuple(one for one in record.kept.patterns if one.worker_id != most)
    fewer = replay(record, replace(as_it_is(record), patterns=without))
    code = next(worker.code for worker in record.workers if worker.id == most)
    assert code in same["settings"]["as_it_is"]["workers"]
    assert fewer["record"]["as_recorded"] < 5
    assert fewer["settings"]["as_it_is"] == same["settings"]["as_it_is"]
    again = await read_record(server_url, today - timedelta(days=1), today)
    assert [one.incident for one in again.filed] == [one.incident for one in record.filed], "nothing is written"


async def test_a_proposal_is_read_by_its_id(place: Place, store: Store, server_url: str) -> None:
    await place.add_block(2, 1)
    shape = {
        "code": "G00",
        "name": "一",
        "parent_id": None,
        "shape": square(1, 0),
        "was": square(0, 0),
        "moved_m2": 1.0,
    }
    async with store.books.open() as book:
        id_ = await book.proposals.begin(ProposalKind.REPAIR, "governance", None, timedelta(hours=1))
        assert id_ is not None
        await book.proposals.put(id_, [shape | {"households": 0}], {})
    found = await read_proposal(server_url, id_)
    assert found is not None
    assert (found[0], [(one.code, one.shape) for one in found[1]]) == ("governance", [("G00", square(1, 0))])
    assert await read_proposal(server_url, new_id()) is None
