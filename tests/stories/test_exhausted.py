"""200 people at once on five connections, and a table that somebody holds: each is answered, and soon all are served."""

import pytest

from tests.chaos.exhausted import run

pytestmark = pytest.mark.alone


async def test_whoever_gets_no_connection_is_told_to_come_again_within_two_seconds() -> None:
    answers = await run()
    print("\n" + answers.told())
    assert answers.faults() == []
    assert answers.said[503] >= 100
