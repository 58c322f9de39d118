"""Every figure, however it is split, equals plain SQL written apart, over a year of incidents with planted cases."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from data import ledger
from data.cluster import Cluster
from data.copying import copy_rows
from data.incidents import incident
from data.person import anybody_with
from data.rights import Rights
from data.schema import new_id
from data.store import Store
from data.tokens import Actor
from dispatch.desk.figures import Asked, list_cases
from dispatch.desk.reckon import Reckoning
from dispatch.errors import (
    FiguresPeriodError,
    UnknownAreaError,
    UnknownCategoryError,
    UnknownLayerError,
    UnknownLevelError,
)
from dispatch.figures.counting import Counting
from dispatch.figures.drill import Case, Side
from dispatch.figures.groups import Known
from dispatch.figures.wanted import By, Wanted
from dispatch.ledger import moment_us
from tests.support.copies import Copies
from tests.support.place import Place
from tests.support.plain_figures import flat, statements
from tests.support.year import FIRST, LAST, NOW, ZONE, incidents
from tests.support.year_town import ALL, COUNT, EVERYTHING, Year, build_year

SPLITS = {
    "total": (None, None),
    "grid": (By.AREA, "grid"),
    "community": (By.AREA, "community"),
    "worker": (By.WORKER, None),
    "department": (By.DEPARTMENT, None),
    "category": (By.CATEGORY, None),
    "day": (By.DAY, None),
    "week": (By.WEEK, None),
    "month": (By.MONTH, None),
}


@pytest.fixture(scope="module")
async def year(cluster: Cluster, copies: Copies) -> AsyncIterator[Year]:
    with copies.lent() as name, pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger, "AT_ONCE", COUNT // 3)  # read in four parts
        store = Store(cluster.url("wangge_server", name))
        async with Place.at(cluster.url("wangge_owner", name)) as place:
            made = Year(place, store, Reckoning(store, waits_s=60))
            await build_year(made)
            yield made
        await store.close()


@pytest.fixture(autouse=True)
def at_a_known_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let figures be asked for at the year's own `NOW`: what is late depends on it."""
    asked = Counting.__init__

    def at_now(self: Counting, wanted: Wanted, known: Known, now: int, actor: Actor | None = None) -> None:
        asked(self, wanted, known, moment_us(NOW), actor)

    monkeypatch.setattr(Counting, "__init__", at_now)


def keyed(found: dict[str, Any], by: str) -> dict[str | None, dict[str, Any]]:
    """Return the groups of an answer that have anything, by their keys."""
    groups = [{"key": "all", "figures": found["total"]}] if by == "total" else found["groups"]
    told = {one["key"]: flat(one["figures"]) for one in groups}
    return {key: figures for key, figures in told.items() if any(figures.values())}


def same(told: dict[str | None, dict[str, Any]], plain: dict[str | None, dict[str, Any]]) -> None:
    """Compare; what SQL has no row for is none."""
    assert told.keys() == plain.keys()
    for key, figures in plain.items():
        for name, value in told[key].items():
            assert (value or None) == (figures.get(name) or None), (key, name)


@pytest.mark.parametrize("by", SPLITS)
async def test_every_figure_is_what_plain_sql_counts(year: Year, by: str) -> None:
    kind, level = SPLITS[by]
    found = await year.told(Wanted(FIRST, LAST, by=kind, level=level))
    same(keyed(found, by), await year.plain(by))


@pytest.mark.parametrize(
    ("narrowed", "where"),
    [
        ({"area": "C1"}, "i.area_path <@ 'S1.C1'"),
        ({"category": "dispute"}, "i.category = 'dispute'"),
        ({"layer": "health"}, "i.layer = 'health'"),
        ({"area": "C2", "layer": "governance", "category": "noise"}, "i.area_path <@ 'S1.C2' AND category = 'noise'"),
    ],
)
async def test_what_is_narrowed_is_narrowed_as_sql_does(year: Year, narrowed: dict[str, str], where: str) -> None:
    found = await year.told(Wanted(FIRST, LAST, **narrowed))
    same(keyed(found, "total"), await year.plain("total", where))


async def test_a_few_days_across_the_turn_of_the_year(year: Year) -> None:
    first, last = date(2024, 12, 31), date(2025, 1, 1)
    found = await year.told(Wanted(first, last, by=By.DAY))
    assert [one["key"] for one in found["groups"]] == ["2024-12-31", "2025-01-01"]
    same(keyed(found, "day"), await year.plain("day", first=first, last=last))


def scopes(*keys: str) -> Actor:
    """Return somebody who may count and see incidents in some places alone."""
    return anybody_with(Rights(EVERYTHING | {"figures.view": keys, "incident.view": keys}))


@pytest.mark.parametrize(
    "keys",
    [
        ("_.S1.C1", "governance.S1.C1", "health.S1.C1"),
        ("governance.S1.C2.GC2_0", "health"),
        ("health.S1.C10",),
        ("_",),
    ],
)
async def test_each_counts_what_row_security_shows_them(year: Year, keys: tuple[str, ...]) -> None:
    person = scopes(*keys)
    found = await year.told(Wanted(FIRST, LAST), person)
    async with year.store.reader(person) as reading:
        statement = statements("total", "true")[1].replace(":first", f"'{FIRST}'").replace(":last", f"'{LAST}'")
        shown = (await reading.connection.execute(text(statement), {"now": NOW})).one_or_none()
    assert found["total"]["reported"]["value"] == (shown.reported if shown else 0)
    assert found["total"]["set_aside"]["value"] == (shown.set_aside if shown else 0)


async def test_nobody_is_given_the_total_of_an_area_of_which_a_part_is_theirs(year: Year) -> None:
    person = scopes("governance.S1.C1.GC1_0")
    found = await year.told(Wanted(FIRST, LAST, by=By.AREA, level="community"), person)
    assert [one["kind"] for one in found["groups"]] == ["outside"]
    grids = await year.told(Wanted(FIRST, LAST, by=By.AREA, level="grid"), person)
    assert [one["key"] for one in grids["groups"]] == ["GC1_0"]


async def test_workers_who_are_not_one_s_own_are_counted_together_without_a_name(year: Year) -> None:
    person = anybody_with(Rights(EVERYTHING | {"worker.view": ("_.S1.C1",)}))
    found = await year.told(Wanted(FIRST, LAST, by=By.WORKER), person)
    assert [(one["key"], one["kind"]) for one in found["groups"]] == [
        ("W1", "worker"),
        (None, "none"),
        (None, "hidden"),
    ]
    assert {one["name"] for one in found["groups"]} == {"王*", None}
    whole = await year.plain("worker")
    hidden = [figures["filed"] for key, figures in whole.items() if key not in ("W1", None)]
    assert found["groups"][2]["figures"]["filed"]["value"] == sum(hidden)


async def test_a_department_counts_what_its_own_unit_handled(year: Year) -> None:
    rights = Rights({"figures.own": ("",), "ground.view": ("",), "task.answer": ("",)})
    unit = year.workers["D1"]
    person = replace(anybody_with(rights), worker_id=unit)
    found = await year.told(Wanted(FIRST, LAST), person)
    own = f"i.handler_id = '{unit}' OR i.department_id = '{unit}'"
    same(keyed(found, "total"), await year.plain("total", own))


@pytest.mark.parametrize(("figure", "side"), [("three_days", "n"), ("three_days", "rest"), ("satisfaction", "of")])
async def test_behind_a_figure_stand_as_many_cases_as_it_counts(year: Year, figure: str, side: str) -> None:
    wanted = Wanted(FIRST, LAST, by=By.MONTH)
    asked = Asked(wanted, ALL, ZONE, year.members)
    case = Case(figure, Side(side), key="2025-05-01", limit=40)
    rows: list[str] = []
    async with year.store.reader(ALL) as reading:
        while True:
            page, after = await list_cases(asked, case, reading, year.reckoning)
            rows += page
            if after is None:
                break
            case = replace(case, after=after)
    told = next(one for one in (await year.told(wanted))["groups"] if one["key"] == "2025-05-01")["figures"][figure]
    assert len(set(rows)) == len(rows) == {"of": told["of"], "n": told["n"], "rest": told["of"] - told["n"]}[side]


async def test_cases_are_shown_only_where_one_may_both_count_and_see(year: Year) -> None:
    person = anybody_with(Rights(EVERYTHING | {"incident.view": ("governance.S1.C1", "health.S1.C1", "_.S1.C1")}))
    asked = Asked(Wanted(FIRST, LAST), person, ZONE, year.members)
    async with year.store.reader(person) as reading:
        rows, after = await list_cases(asked, Case("filed", limit=COUNT), reading, year.reckoning)
        page, _ = await list_cases(asked, Case("filed", limit=50), reading, year.reckoning)
    whole = await year.plain("total", "i.area_path <@ 'S1.C1'")
    assert (len(rows), after) == (whole["all"]["filed"], None)
    assert page == rows[:50], "a page is not made shorter by what may not be seen"


@pytest.mark.parametrize(
    ("narrowed", "error"),
    [
        ({"area": "nowhere"}, UnknownAreaError),
        ({"by": By.AREA, "area": "nowhere"}, UnknownAreaError),
        ({"category": "nothing"}, UnknownCategoryError),
        ({"layer": "nothing"}, UnknownLayerError),
        ({"by": By.AREA, "level": "nothing"}, UnknownLevelError),
    ],
)
async def test_what_is_unknown_is_refused(year: Year, narrowed: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await year.told(Wanted(FIRST, LAST, **narrowed))


@pytest.mark.parametrize("last", [FIRST - timedelta(days=1), FIRST + timedelta(days=3660)])
def test_a_period_that_ends_before_it_begins_or_is_too_long_is_refused(last: date) -> None:
    with pytest.raises(FiguresPeriodError):
        Wanted(FIRST, last)


async def test_a_ledger_of_one_month_answers_for_it_as_the_whole_does(year: Year) -> None:
    period = datetime(2025, 5, 1, tzinfo=ZONE), datetime(2025, 6, 1, tzinfo=ZONE)
    wanted = Wanted(date(2025, 5, 1), date(2025, 5, 31), by=By.DAY)
    part = replace(year, reckoning=Reckoning(year.store, 60, period))
    assert (await part.told(wanted))["groups"] == (await year.told(wanted))["groups"]
    assert len((await part.reckoning.ready(ZONE))[1]) < COUNT / 6


async def test_many_who_ask_at_once_and_some_who_give_up_leave_the_ledger_as_it_is(year: Year) -> None:
    wanted = Wanted(FIRST, LAST, by=By.CATEGORY)
    ids = [row.id for row in await year.place.run("SELECT id FROM incident LIMIT 500")]
    asking = []
    for number in range(9):
        year.reckoning.note_changed(ids[number::9])
        asking.append(asyncio.create_task(year.told(wanted)))
        await asyncio.sleep(0.002 * number)
        if number % 3 == 0:
            asking[-1].cancel()
    found = await asyncio.gather(*asking, return_exceptions=True)
    answers = [one["groups"] for one in found if isinstance(one, dict)]
    assert len(answers) >= 6
    assert all(one == answers[0] for one in answers)
    same(keyed(await year.told(wanted), "category"), await year.plain("category"))
    assert len((await year.reckoning.ready(ZONE))[1]) == COUNT


async def test_what_has_changed_is_counted_as_it_now_is(year: Year) -> None:
    """Last, because it changes the year: some move to another status and area, some are new, the ledger stays."""
    held = (await year.reckoning.ready(ZONE))[1]
    chance = random.Random(3)
    ids: Sequence[UUID] = chance.sample([row.id for row in await year.place.run("SELECT id FROM incident")], 300)
    await year.place.run(
        """UPDATE incident SET status = 'handling', closed_at = NULL, disposition = NULL, duplicate_of = NULL,
        reopenings = reopenings + 1, handler_id = :worker, category = 'fever', layer = 'health', area_path = 'S1.C10'
        WHERE id = ANY(:ids)""",
        ids=ids[:250],
        worker=year.workers["W2"],
    )
    await year.place.add_area("GC1_9", "grid", parent="C1")
    fresh = list(
        incidents(
            11, 120, ["S1.C1.GC1_9"], {"W9": await year.place.add_worker("W9"), **year.workers}, iter(new_id, None)
        )
    )
    async with year.place.engine.begin() as connection:
        await copy_rows(connection, incident, reversed(fresh))
    year.reckoning.note_changed([*ids, *(row["id"] for row in fresh)])
    for by in ("total", "grid", "worker", "month"):
        kind, level = SPLITS[by]
        same(keyed(await year.told(Wanted(FIRST, LAST, by=kind, level=level)), by), await year.plain(by))
    assert (await year.reckoning.ready(ZONE))[1] is held
    assert len(held) == COUNT + 120
