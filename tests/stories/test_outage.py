"""PostgreSQL is gone for a moment: servers live, say that they are not ready, lose nothing and go on by themselves.

Ten seconds of it are `./wangge chaos outage`.
"""

import pytest

from tests.chaos.outage import run

pytestmark = pytest.mark.alone

SECONDS = 1.5


async def test_a_database_that_stops_and_starts_loses_nothing_and_streams_resume_without_a_gap() -> None:
    outcome = await run(SECONDS)
    print("\n" + outcome.told())
    assert outcome.all_faults == [], "\n".join(outcome.all_faults[:20])
    assert outcome.incidents >= 2
