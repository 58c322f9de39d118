"""Up the ladder: rung by rung in plain Python beside the rules, and beside the desk that offers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ladders import Ladder, Rung, Whom
from data.needs import Need, NeedState
from data.timers import TimerKind
from dispatch.city import STRAIGHT, City
from dispatch.desk.case import Case
from dispatch.desk.offer import fill
from dispatch.ladder import at_top, climb, from_the_foot, may_offer, offered, patient_until, rung_of
from tests.support.city import NOON, block, city, matter, need, rule, somebody
from tests.support.place import middle
from tests.support.ranks import at_home

MINUTE = timedelta(minutes=1)
RUNGS = st.builds(
    Rung,
    st.sampled_from(Whom),
    st.integers(1, 3),
    st.sampled_from([None, 3 * MINUTE]),
    st.sampled_from([0 * MINUTE, MINUTE, 5 * MINUTE]),
)
LADDERS = st.lists(RUNGS, min_size=1, max_size=5).map(lambda rungs: Ladder(tuple(rungs)))
FIRE = rule(skill="fire")
NEEDS = st.builds(need, st.just(FIRE), rung=st.integers(0, 7), tries=st.integers(0, 4))
IN_CHARGE = ("building_head", "hub_household", "grid_leader", "duty_chief")


@given(NEEDS, LADDERS)
def test_a_need_stands_on_its_rung_and_on_the_last_where_the_ladder_became_shorter(one: Need, ladder: Ladder) -> None:
    rungs = list(ladder.rungs)
    on_last = one.rung + 1 >= len(rungs)
    assert rung_of(one, ladder) is (rungs[-1] if on_last else rungs[one.rung])
    assert at_top(one, ladder) == on_last
    assert may_offer(one, ladder) == (on_last or one.tries + 1 <= rungs[one.rung].tries)
    waits = not on_last and rungs[one.rung].wait > 0 * MINUTE and one.tries < rungs[one.rung].tries
    assert patient_until(one, ladder) == (NOON + rungs[one.rung].wait if waits else None)


@given(NEEDS, st.integers(-60, 60))
def test_climbing_offering_and_beginning_anew_change_only_what_they_say(one: Need, minutes: int) -> None:
    now = NOON + minutes * MINUTE
    up, asked, anew = climb(one, now), offered(one), from_the_foot(replace(one, state=NeedState.HELD), now)
    assert (up.rung, up.tries, up.rung_since, up.state) == (one.rung + 1, 0, now, one.state)
    assert (asked.rung, asked.tries, asked.rung_since, asked.state) == (one.rung, one.tries + 1, NOON, "taken")
    assert (anew.rung, anew.tries, anew.rung_since, anew.state) == (0, 0, now, "open")
    back = {"rung": one.rung, "tries": one.tries, "rung_since": NOON, "state": one.state}
    assert [replace(changed, **back) for changed in (up, asked, anew)] == [one] * 3


@dataclass
class Walk:
    """A need on its way up, in plain Python."""

    ladder: Ladder
    rung: int = 0
    used: int = 0
    since: datetime = NOON
    met: list[str] = field(default_factory=list)

    def go(self, now: datetime, free: frozenset[str]) -> tuple[str, datetime | None]:
        """Go up until somebody is found or there is reason to wait; say what happened, and until when it waits."""
        rungs = self.ladder.rungs
        while self.rung < len(rungs):
            here, last = rungs[self.rung], self.rung == len(rungs) - 1
            more = last or self.used < here.tries
            who = "ranked" if here.whom in ("ranked", "centre") else here.whom
            if more and who in free and who != "departments":
                self.used += 1
                return here.whom, None
            until = self.since + here.wait
            if last:
                return "waits", None
            if more and here.wait and now < until:
                return "waits", until
            self.rung, self.used, self.since = self.rung + 1, 0, now
        raise AssertionError("nobody leaves the last rung")


class Claims:
    """The workers' rows: whoever is free is claimed, first come first."""

    def __init__(self, town: City) -> None:
        self._role = {worker.id: worker.role for worker in town.crew.workers}
        self.free: frozenset[str] = frozenset()

    async def claim(self, ranked: Sequence[UUID], *, exclusive: bool) -> UUID | None:
        assert not exclusive
        free = {"grid_worker" if who == "ranked" else who for who in self.free}
        return next((id_ for id_ in ranked if self._role[id_] in free), None)


def town_with(ladder: Ladder) -> City:
    """Return a city with two who handle fire and two of every sort in charge, who do not."""
    home = at_home("C0.G00")
    crew = [somebody(f"W{n}", middle(0, 0), NOON + 90 * MINUTE, skills=("fire",), **home) for n in range(2)]
    crew += [somebody(f"{role}{n}", middle(0, 0), role=role, **home) for role in IN_CHARGE for n in range(2)]
    return replace(city(block(1, 1), crew, [FIRE]), ladders={"urgent": ladder})


SOME = st.frozensets(st.sampled_from(["ranked", *IN_CHARGE]), max_size=2)
DAY = st.lists(st.tuples(st.sampled_from([0, 1, 2, 4, 6]), SOME), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(LADDERS, DAY)
def test_the_desk_asks_rung_by_rung_as_the_ladder_says(ladder: Ladder, day: list[tuple[int, frozenset[str]]]) -> None:
    town, walk, one, now = town_with(ladder), Walk(ladder), need(FIRE), NOON
    claims = Claims(town)
    book: Any = SimpleNamespace(workers=claims)
    incident = town.place(matter(middle(0, 0)))
    for minutes, free in day:
        now += minutes * MINUTE
        claims.free, before = free, one.rung
        case = Case(incident, {"lead": one}, {}, now, "rules", found=incident)
        wanted, until = walk.go(now, free)

        asyncio.run(fill(case, "lead", town, book))

        found = case.needs["lead"]
        assert (found.rung, found.tries, found.rung_since) == (walk.rung, walk.used, walk.since)
        assert [(timer.kind, timer.due_at) for timer in case.timers] == ([(TimerKind.CLIMB, until)] if until else [])
        assert [line.kind == "climbed" for line in case.lines].count(True) == (walk.rung > before)
        if wanted == "waits":
            assert found.state is NeedState.OPEN and not case.active()
        else:
            (task,) = case.active()
            assert (found.state, task.whom, case.lines[-1].kind) == (NeedState.TAKEN, wanted, "offered")
            assert task.offer_expires_at == now + (ladder.rungs[walk.rung].offer or FIRE.offer)
        one = replace(found, state=NeedState.OPEN)


def test_a_town_without_ladders_asks_three_times_and_then_the_centre() -> None:
    assert [(rung.whom, rung.tries) for rung in STRAIGHT.rungs] == [("ranked", 3), ("centre", 1)]
    one = need(FIRE)
    for tries in range(3):
        assert may_offer(one, STRAIGHT) and one.tries == tries
        one = offered(one)
    assert not may_offer(one, STRAIGHT)
    one = climb(one, NOON)
    assert at_top(one, STRAIGHT) and may_offer(replace(one, tries=99), STRAIGHT)


@pytest.mark.parametrize("wait", [0, 5])
def test_a_rung_whose_offers_are_used_up_is_not_waited_on(wait: int) -> None:
    ladder = Ladder((Rung(Whom.RANKED, 1, None, wait * MINUTE), Rung(Whom.CENTRE, 1, None, 0 * MINUTE)))
    one = need(FIRE)
    assert patient_until(one, ladder) == (NOON + 5 * MINUTE if wait else None)
    assert patient_until(offered(one), ladder) is None
