"""Fifty people of different communities, layers and roles at once on one pool, a minute long."""

import argparse

from tests.chaos.town import town
from tests.support.crowd import Crowd

POOL_SIZE = 4


async def people(given: argparse.Namespace) -> list[str]:
    """Let them live, say what happened, and return what was seen that should not have been."""
    async with town(POOL_SIZE) as (towns, server):
        crowd = await Crowd.gathered(towns, server.url, given.seed)
        await crowd.live(given.seconds)
    print(f"{given.seconds:g} s on {POOL_SIZE} connections for each role, seed {given.seed}")
    print(crowd.told())
    return crowd.faults + (["too many were told to come again"] if crowd.held_back >= 0.01 else [])
