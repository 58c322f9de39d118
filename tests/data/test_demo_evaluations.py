"""The people of a demo town judge a part of what was closed, and nearly all as content as their place says."""

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.evaluations import ANSWERED, judged
from data.demo.past import Past
from data.schema import new_id

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MANY = 5_000


def closed_long_ago(number: int) -> Past:
    """Return a past of so many closed matters, and as many that are open."""
    common = {"reported_at": NOW - timedelta(days=12), "disposition": "resolved"}
    ended = [common | {"id": new_id(), "closed_at": NOW - timedelta(days=10)} for _ in range(number)]
    return Past(incidents=[*ended, *(common | {"id": new_id(), "closed_at": None} for _ in range(number))])


@pytest.mark.parametrize(("place", "content"), [("xinluo", 0.9911), ("baijiantan", 0.982), ("wannianbu", 0.987)])
def test_of_those_who_answer_as_many_are_content_as_the_place_says(place: str, content: float) -> None:
    past = closed_long_ago(MANY)
    told = judged(past, place, 1, NOW)
    assert len(told.receipts) == len(past.incidents) == len({row["hash"] for row in told.receipts})
    assert abs(len(told.evaluations) / MANY - ANSWERED) < 0.02
    good = [row for row in told.evaluations if row["solved"] and row["stars"] >= 3]
    assert abs(len(good) / len(told.evaluations) - content) < 0.006


def test_who_was_not_content_had_it_opened_again_and_settled() -> None:
    past = closed_long_ago(2_000)
    told = judged(past, "baijiantan", 1, NOW)
    incident = {row["id"]: row for row in past.incidents}
    again = [row for row in told.evaluations if not row["solved"]]
    assert len(again) > 5
    for row in again:
        mine = incident[row["incident_id"]]
        lines = [line for line in past.events if line["incident_id"] == row["incident_id"]]
        assert [line["kind"] for line in lines] == ["evaluated", "discontent", "reopened", "closed"]
        assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
        assert (mine["reopenings"], mine["solved"], mine["closed_at"]) == (1, False, lines[-1]["at"])
        assert row["closed_at"] < row["at"] < mine["closed_at"] < NOW
    assert sum(row["reopenings"] for row in past.incidents) == len(again)
    assert {row["stars"] for row in past.incidents if row["closed_at"] is None} == {None}
