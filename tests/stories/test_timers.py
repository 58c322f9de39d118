"""Timers fall due while servers are killed: each does what it is for exactly once, and soon.

1,000 of them within 20 seconds are `./wangge chaos timers`.
"""

import numpy as np
import pytest

from tests.chaos.timers import LAG_S, run

pytestmark = pytest.mark.alone

TIMERS, SECONDS = 200, 4.0


async def test_every_timer_fires_exactly_once_and_soon_though_servers_are_killed() -> None:
    lags = await run(TIMERS, SECONDS)
    print("\n" + lags.told())
    assert lags.faults == []
    assert len(lags.lags) == TIMERS
    assert lags.killed >= 2
    assert float(np.quantile(lags.lags, 0.5)) <= LAG_S
