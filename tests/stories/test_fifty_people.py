"""Fifty people of different communities, layers and roles at once on one small pool: nobody is shown another's rows.

The whole minute of it is `./wangge chaos people`.
"""

import pytest

from api.settings import Settings
from tests.support.crowd import ONLY_THEIR_OWN, SIZE, Crowd
from tests.support.server import listening
from tests.support.two_towns import TwoTowns

SECONDS = 6.0
pytestmark = pytest.mark.alone  # who waits for what is measured


async def test_fifty_people_on_one_pool_see_no_foreign_row(towns: TwoTowns, settings: Settings) -> None:
    async with listening(settings.model_copy(update={"pool_size": 4})) as server:
        crowd = await Crowd.gathered(towns, server.url)
        await crowd.live(SECONDS)
    print("\n" + crowd.told())
    assert crowd.faults == [], "\n".join(crowd.faults[:20])
    assert len(crowd.people) == SIZE
    assert crowd.asked.total() >= 200
    assert len(crowd.asked) == 8
    assert crowd.held_back < 0.01
    assert crowd.rows > 0
    sighted = [one.number for one in crowd.people if one.role not in ONLY_THEIR_OWN]
    assert [number for number in sighted if crowd.own[number] == 0] == [], "they saw nothing at all"
