"""Places that want the same people: what is gathered of each, and whom each asks first."""

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from data.categories import RankBy
from data.ladders import Whom
from data.workers import Worker
from dispatch.city import City
from dispatch.competing import Waiting, Wish, pairs, wishes_of
from dispatch.ranking import rank
from tests.support.city import NOON, block, city, matter, named, need, rule, somebody
from tests.support.place import middle

HERE = middle(1, 1)


def wish(number: int, *listed: tuple[int, float], room: int = 1) -> Wish:
    rows, ways = np.array([row for row, _ in listed]), np.array([way for _, way in listed])
    return Wish((named("incident", str(number)), "lead"), rows, np.full(len(rows), room), ways)


def asked(*wishes: Wish, step: float = 0.0) -> dict[int, int] | None:
    """Return the row that each wish asks first, by the wish's number."""
    found = pairs(wishes, itertools.count(0.0, step).__next__, 1.0)
    numbers = {named("incident", str(number)): number for number in range(9)}
    return None if found is None else {numbers[id_]: row for (id_, _), row in found.items()}


def town(*crew: Worker, **of_rule: Any) -> City:
    return city(block(4, 3), crew, [rule(**of_rule)])


def gathered(held: City, most: int = 9, **of_need: Any) -> list[tuple[list[str], list[int]]]:
    [only] = held.rules.values()
    waiting = Waiting(held.place(matter(HERE)), (need(only, **of_need),), NOON)
    codes = [worker.code for worker in held.crew.workers]
    return [([codes[row] for row in one.rows], one.room.tolist()) for one in wishes_of(waiting, held, most)]


def test_who_came_first_yields_the_nearest_where_that_spares_way() -> None:
    assert asked(wish(1, (1, 200), (2, 1500)), wish(2, (1, 800), (2, 2500))) == {1: 2, 2: 1}


def test_nobody_is_named_where_no_two_want_the_same() -> None:
    assert asked(wish(1, (1, 200), (2, 1500)), wish(2, (2, 800), (1, 900))) == {}
    assert pairs([], itertools.count().__next__, 1.0) == {}


def test_who_has_room_for_two_goes_to_both() -> None:
    near = ((1, 100.0), (2, 900.0))
    assert asked(wish(1, *near, room=2), wish(2, *near, room=2)) == {1: 1, 2: 1}
    assert asked(wish(1, *near), wish(2, *near)) in ({1: 1, 2: 2}, {1: 2, 2: 1})


def test_with_too_few_people_the_oldest_are_served_though_the_newer_are_nearer() -> None:
    assert asked(wish(1, (1, 900)), wish(2, (1, 5)), wish(3, (1, 1))) == {1: 1}


def test_when_time_is_over_nobody_is_named() -> None:
    both = wish(1, (1, 200), (2, 1500)), wish(2, (1, 800), (2, 2500))
    assert asked(*both, step=2.0) is None


def test_all_who_are_able_and_free_are_gathered_nearest_first_and_who_rests_last() -> None:
    crew = (
        somebody("W1", middle(1.3, 1)),
        somebody("W2", middle(1.1, 1), rest_until=NOON + timedelta(minutes=5)),
        somebody("W3", middle(1.2, 1), active_tasks=1),
        somebody("W4", middle(1.0, 1), skills=("fire",), capacity=3, active_tasks=1),
        somebody("W5", middle(1.4, 1), seen=NOON - timedelta(hours=1)),
    )
    assert gathered(town(*crew)) == [(["W4", "W1", "W2"], [2, 1, 1])]
    assert gathered(town(*crew), most=2) == [(["W4", "W1"], [2, 1])]
    assert gathered(town(*crew, skill="fire"), skill="fire") == [(["W4"], [2])]


def test_an_exclusive_place_takes_all_of_whoever_goes() -> None:
    crew = somebody("W1", middle(1.3, 1), capacity=3), somebody("W2", middle(1, 1), capacity=3, active_tasks=1)
    assert gathered(town(*crew, exclusive=True)) == [(["W1"], [1])]


def test_places_that_go_by_ground_or_want_one_person_are_not_gathered() -> None:
    crew = somebody("W1", HERE)
    assert gathered(town(crew, ranking=RankBy.OWN_GRID_FIRST)) == []
    assert gathered(town(crew), worker_id=crew.id) == []
    assert gathered(town(somebody("W1", HERE, active_tasks=1))) == []


@pytest.mark.parametrize("led_by", ["W1", "W2", "W3", None])
def test_who_is_led_is_asked_first_if_able_and_is_told_why(led_by: str | None) -> None:
    held = town(somebody("W1", middle(1.1, 1)), somebody("W2", middle(1.3, 1)), somebody("W3", HERE, seen=None))
    asks = rank(held.place(matter(HERE)), need(rule()), Whom.RANKED, held, NOON)
    ranking = asks.led(led_by and named("worker", led_by))
    goes, *others = ranking.candidates(next(ranking.ids()))
    found = [(one.code, one.reason or one.shortfall) for one in (goes, *others) if one.code != "W3"]
    if led_by == "W2":
        assert found == [("W2", "least_way"), ("W1", "needed_elsewhere")]
        assert [held.crew.workers[row].code for row in ranking.in_order()] == ["W2", "W1"]
    else:
        assert found == [("W1", "nearest"), ("W2", "farther")]
