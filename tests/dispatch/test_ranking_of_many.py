"""Far more workers than are sorted at once: the whole order is exact, ties at the borders of the chunks too."""

from itertools import chain, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.categories import RankBy
from data.ladders import Whom
from data.workers import Worker
from dispatch.ranking import SORTED_AT_ONCE, by_distance
from tests.support.city import NOON, rule, somebody
from tests.support.place import middle
from tests.support.ranks import Oracle, at_home

AT = middle(1, 1)


def many(n: int, spots: int, seed: int = 1) -> list[Worker]:
    """Return `n` workers who stand on a few spots each farther than the last, in no order."""
    rng = np.random.default_rng([n, spots, seed])
    where, home = rng.integers(spots, size=n), rng.integers(4, size=n)
    return [
        somebody(f"W{number:04}", middle(1 + where[number] / 100, 1), **at_home(f"C1.G1{home[number]}"))
        for number in rng.permutation(n)
    ]


@pytest.mark.parametrize("n", [1, 256, 257, 258, 513, 700])
@pytest.mark.parametrize("spots", [1, 3, 1000])
@pytest.mark.parametrize("ranking", RankBy)
def test_the_whole_order_is_that_of_sorting_everybody(n: int, spots: int, ranking: RankBy) -> None:
    crew, oracle = many(n, spots), Oracle(AT, rule(ranking=ranking), NOON)
    assert list(oracle.ranked(crew).ids()) == [who.id for who in oracle.order(crew)]


def test_hundreds_of_chiefs_who_were_never_seen_are_asked_in_the_order_of_their_codes() -> None:
    crew = [somebody(f"W{number:04}", role="duty_chief") for number in range(3 * SORTED_AT_ONCE)]
    found = Oracle(AT, rule(), NOON, Whom.DUTY_CHIEF).ranked(crew[::-1])
    assert list(found.ids()) == [who.id for who in crew]


def test_two_who_read_the_order_at_once_read_the_same() -> None:
    """The offer goes on through the ids after the candidates were looked at, as it does when a claim fails."""
    crew, oracle = many(700, 3), Oracle(AT, rule(), NOON)
    wanted, found = [who.id for who in oracle.order(crew)], oracle.ranked(crew)
    under_way = found.ids()
    head = list(islice(under_way, 300))
    candidates = found.candidates(head[299])
    ahead = list(found.ids())
    assert (head + list(under_way), ahead) == (wanted, wanted)
    assert candidates[0].worker_id == head[299]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, float("inf")]), max_size=400),
    st.integers(1, 300),
)
def test_sorted_in_chunks_is_sorted(away: list[float], at_once: int) -> None:
    rows = np.flatnonzero(np.random.default_rng(len(away)).random(len(away)) < 0.7)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("dispatch.ranking.SORTED_AT_ONCE", at_once)
        chunks = list(by_distance(rows, np.array(away)))
    assert list(chain.from_iterable(chunks)) == sorted(rows.tolist(), key=lambda row: (away[row], row))
    assert all(chunks)
