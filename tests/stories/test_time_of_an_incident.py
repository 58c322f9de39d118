"""The clocks of an incident: they rest, go on, are extended, begin anew; told of before, when and long after they are due."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from data.calendars import Calendars, Year, shipped
from data.limits_file import LimitFiles, read_limits
from data.outbox import Outbox
from data.store import Store, transaction
from dispatch.city import City
from dispatch.desk.fire import fire
from dispatch.desk.keep import load_city
from dispatch.desk.recount import recount
from tests.support.client import bearing, until
from tests.support.hand import WHY, Hand, pass_time

HOUR = timedelta(hours=1)
CLOCKS = "SELECT * FROM clock WHERE incident_id = :id ORDER BY step, round"
WAITING = """[[limit]]
step = "receive"
amount = 20
unit = "minutes"
[[limit]]
step = "dispatch"
amount = 30
unit = "minutes"
[[limit]]
category = "noise"
area = "C1"
step = "verify"
amount = 2
unit = "hours"
"""


async def clocks(hand: Hand, incident: str) -> dict[tuple[str, int], Any]:
    return {(row.step, row.round): row for row in await hand.place.run(CLOCKS, id=UUID(incident))}


async def overdue(hand: Hand) -> int:
    return int((await hand.client.get("/api/board")).json()["figures"]["overdue"])


def minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))


async def test_while_the_reporter_must_answer_no_time_is_used_and_a_reopening_begins_a_new_round(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    was = (await clocks(hand, incident))["handle", 1].due_at
    await pass_time(hand.place, timedelta(minutes=20))
    waits = bearing(hand.staff.tokens["W1"])
    answer = await hand.client.post(f"/api/incidents/{incident}/await", json={"note": "家里没人"}, headers=waits)
    assert answer.status_code == 200, answer.text
    assert (await hand.act(incident, "await")).json()["code"] == "already_waiting"
    before = await overdue(hand)
    await pass_time(hand.place, 3 * HOUR)
    [row] = [one for one in (await hand.staff.row(incident))["clocks"] if one["step"] == "handle"]
    assert (row["resting"], round(row["consumed_s"] / 60), row["since"]) == ("waiting", 20, None)
    assert (await overdue(hand), "overdue" in await hand.lines(incident)) == (before, False)
    await hand.does(incident, "go-on", who="dispatcher")
    assert (await hand.act(incident, "go-on")).json()["code"] == "not_waiting"
    again = (await clocks(hand, incident))["handle", 1]
    assert minutes(again.due_at - (was - timedelta(minutes=20) - 3 * HOUR)) == 180, "later by as long as it waited"
    later = again.due_at + 2 * HOUR
    await hand.does(incident, "extend", **WHY, until=later.isoformat())
    extended = (await clocks(hand, incident))["handle", 1]
    assert (extended.due_at, minutes(timedelta(seconds=extended.extra_seconds))) == (later, 120)
    await hand.step(incident, "!finish")
    done = (await clocks(hand, incident))["handle", 1]
    assert (done.late, done.running_since, minutes(timedelta(seconds=done.consumed_seconds))) == (False, None, 20)
    await pass_time(hand.place, 5 * HOUR)
    await hand.does(incident, "rework", **WHY)
    reworked = (await clocks(hand, incident))["handle", 1]
    assert (reworked.ended_at, minutes(reworked.due_at - datetime.now(UTC))) == (None, 160), (
        "looking at it is not theirs"
    )
    for step in ("!accept", "!finish", "close", "reopen"):
        await hand.step(incident, step)
    rounds = await clocks(hand, incident)
    assert (rounds["handle", 1].late, rounds["handle", 2].ended_at) == (False, None)
    assert (await hand.staff.row(incident))["deadline"] == rounds["handle", 2].due_at.isoformat()


async def test_it_is_told_before_at_and_after_once_however_many_processes_look(hand: Hand, server_url: str) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    await hand.step(incident, "!accept")
    others = [Store(server_url, pool_size=2) for _ in range(2)]
    city = City()
    async with others[0].books.open() as book:
        await load_city(city, book)
    for passed, told in (
        (47, []),
        (2, ["due_soon"]),
        (12, ["due_soon", "overdue"]),
        (30, ["due_soon", "overdue", "supervised"]),
    ):
        await pass_time(hand.place, timedelta(minutes=passed))
        await asyncio.gather(*(fire(city, other.books) for other in others for _ in range(2)))
        kinds = ("due_soon", "overdue", "supervised")
        await until(lambda kinds=kinds, told=told: _told(hand, incident, kinds, told))
    for other in others:
        await other.close()
    handle = (await clocks(hand, incident))["handle", 1]
    assert minutes(handle.reminded_at - handle.started_at) == 49
    assert handle.supervised_at > handle.overdue_at > handle.reminded_at
    await hand.step(incident, "!finish")
    assert (await clocks(hand, incident))["handle", 1].late is True


async def _told(hand: Hand, incident: str, kinds: tuple[str, ...], told: list[str]) -> bool:
    return [kind for kind in await hand.lines(incident) if kind in kinds] == told


async def test_each_step_has_its_own_clock_by_category_and_area(hand: Hand, owner_url: str) -> None:
    await hand.open()
    await _load(owner_url, WAITING)
    await until(lambda: _knows(hand, 3))
    incident = await hand.bring("reported")
    await pass_time(hand.place, timedelta(minutes=21))
    await hand.until_lines(incident, "overdue")
    assert (await hand.history(incident))[-1]["facts"] == {"step": "receive"}
    await hand.does(incident, "file", category="noise")
    taken = await clocks(hand, incident)
    assert (taken["receive", 1].late, taken["dispatch", 1].ended_at) == (True, None)
    await hand.step(incident, "!accept")
    await hand.step(incident, "!finish")
    await hand.does(incident, "rework", **WHY)
    await hand.step(incident, "!accept")
    await hand.step(incident, "!finish")
    found = await clocks(hand, incident)
    assert (found["dispatch", 1].late, found["verify", 1].late, found["verify", 2].ended_at) == (False, False, None)
    shown = (await hand.client.get("/api/limits")).json()["limits"]
    assert [(one["category"], one["area"], one["step"]) for one in shown] == [
        ("noise", "C1", "verify"), (None, None, "dispatch"), (None, None, "receive"),
    ]  # fmt: skip


async def test_a_year_without_a_calendar_loses_no_report_and_is_made_up_for(hand: Hand, owner_url: str) -> None:
    await hand.open()
    last = max(shipped())
    left = datetime(last + 1, 1, 1, tzinfo=UTC) - datetime.now(UTC)
    amount = (
        max(0, left // HOUR) + 10
    )  # more hours than there can be working hours in what is left of the known years
    await _load(
        owner_url, f'[[limit]]\ncategory = "noise"\nstep = "handle"\namount = {amount}\nunit = "working_hours"\n'
    )
    await until(lambda: _knows(hand, 1))
    incident = await hand.bring("dispatched")
    missing = (await clocks(hand, incident))["handle", 1]
    assert missing.missing_year == last + 1
    assert missing.due_at >= missing.started_at + amount * HOUR
    late = (missing.due_at + HOUR).isoformat()
    if missing.due_at + HOUR < datetime.now(UTC) + timedelta(days=365):
        assert (await hand.act(incident, "extend", **WHY, until=late)).json()["code"] == "calendar_year_unknown"
    async with transaction(owner_url) as connection:
        for year in range(last + 1, last + 9):
            one = {"name": "x", "rest": [f"{year}-01-01"], "work": []}
            await Calendars(connection).keep(Year(year, "x", (one,), {}))
        await Outbox(connection).put("rules")
    store = hand.staff.client.app.state.process.store
    assert await recount(store.books, working=True) == 1
    known = (await clocks(hand, incident))["handle", 1]
    assert (known.missing_year, known.due_at > missing.due_at) == (None, True)
    assert (await hand.lines(incident))[-1] == "recounted"
    assert await recount(store.books, working=True) == 0, "nothing is left to count"


async def _load(owner_url: str, words: str) -> None:
    async with transaction(owner_url) as connection:
        await LimitFiles(connection).replace(read_limits(words))
        await Outbox(connection).put("rules")


async def _knows(hand: Hand, count: int) -> bool:
    rows = hand.staff.client.app.state.process.city.clockwork.rows
    return sum(map(len, rows.values())) == count
