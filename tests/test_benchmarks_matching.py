"""The benchmark of matching: every solver finds the same, and one that does not makes it fail."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks import matching, matching_peers, run
from tests.test_benchmarks import PROMISED


def test_every_solver_finds_the_same_and_what_is_saved_is_shown() -> None:
    quick = asyncio.run(matching.measure(True))
    assert all(row.as_json().keys() >= PROMISED and not row.differing for row in quick.rows)
    peers = {row.peer.name for row in quick.rows if row.peer is not None}
    assert peers >= {matching_peers.DENSE, matching_peers.SPARSE}
    assert any(row.figure == "way saved against first come" for row in quick.rows)
    assert run.BENCHMARKS["matching"] == matching.__name__


def test_an_instance_is_the_same_each_time_and_crowded_where_it_says() -> None:
    spots, anywhere = (matching.Instance(kind, 200, 50).drawn()[0] for kind in ("hot spots", "uniform"))
    assert spots.lng.tolist() == matching.Instance("hot spots", 200, 50).drawn()[0].lng.tolist()
    assert spots.lng.std() < anywhere.lng.std() or spots.lat.std() < anywhere.lat.std()


@pytest.mark.parametrize("left_open", [0, 1])
def test_a_millimetre_less_or_one_more_left_open_is_seen(left_open: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = matching_peers.peers

    def wrong(*given: Any) -> dict[str, Callable[[], Any]]:
        def astray() -> tuple[float, tuple[int, int]]:
            took, (one, other) = right(*given)[matching_peers.DENSE]()
            return took, (one + left_open, other - 1 + left_open)

        return {matching_peers.DENSE: astray}

    monkeypatch.setattr(matching_peers, "peers", wrong)
    measured = asyncio.run(matching.measure(True))
    failing = [row for row in measured.failing if row.peer is not None]
    assert {row.peer.name for row in failing if row.peer} == {matching_peers.DENSE}
