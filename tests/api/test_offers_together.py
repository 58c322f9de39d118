"""What waits for the same people is offered so that the way in all is the least; what is more urgent first."""

from typing import Any

import pytest

from tests.support.place import middle
from tests.support.staff import Staff


async def waiting_for_two(staff: Staff, first: str, second: str) -> list[str]:
    """Report two matters while both workers are busy, then let both be free at once; return the ids."""
    await staff.hire("W1", middle(1.2, 0))
    await staff.hire("W2", middle(-0.5, 0))
    await staff.place.run("UPDATE worker SET active_tasks = 1")
    await staff.open()
    told = [(await staff.client.report(*one)).json() for one in ((first, middle(1, 0)), (second, middle(2, 0)))]
    assert [one["status"] for one in told] == ["filed", "filed"]
    process = staff.client.app.state.process
    process.city.kernels = True  # servers of tests begin without
    await staff.place.run("UPDATE worker SET active_tasks = 0, changed = pg_current_xact_id()")
    process.store.bell.ring()
    return [one["id"] for one in told]


async def who_goes(staff: Staff, incident: str) -> tuple[str, dict[str, Any]]:
    """Wait until a matter is offered; return to whom, and what was said of each."""
    row = await staff.until_row(incident, lambda row: row["status"] == "dispatched")
    said = {one["worker"]["code"]: one.get("reason") or one["shortfall"] for one in row["candidates"]}
    return row["task"]["worker"]["code"], said


async def test_two_that_wait_are_paired_with_two_who_get_free_by_the_least_way_in_all(staff: Staff) -> None:
    older, newer = await waiting_for_two(staff, "noise", "noise")
    assert await who_goes(staff, older) == ("W2", {"W2": "least_way", "W1": "needed_elsewhere"})
    assert (await who_goes(staff, newer))[0] == "W1"


async def test_without_time_to_match_it_is_first_come_first_served(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.desk.sweep.MATCH_S", -1.0)
    older, newer = await waiting_for_two(staff, "noise", "noise")
    assert await who_goes(staff, older) == ("W1", {"W1": "nearest", "W2": "farther"})
    assert (await who_goes(staff, newer))[0] == "W2"


async def test_an_emergency_has_the_nearest_whatever_way_that_costs_others(staff: Staff) -> None:
    await staff.place.add_category("blaze", urgency="emergency")
    blaze, noise = await waiting_for_two(staff, "blaze", "noise")
    assert await who_goes(staff, blaze) == ("W1", {"W1": "nearest", "W2": "farther"})
    assert (await who_goes(staff, noise))[0] == "W2"
