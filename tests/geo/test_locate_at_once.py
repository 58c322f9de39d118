"""Redraws while others ask, a few seconds of `./wangge chaos redraws`."""

from tests.chaos.redraws import live


def test_who_asks_while_grids_are_redrawn_gets_no_wrong_answer() -> None:
    told = live(61, 4.0)
    assert told.wrong == []
    assert told.counts["redraws"] > 100
    assert told.counts["of one version"] > 50
