"""Requests made up from the OpenAPI document, sent as everybody."""

import argparse

import httpx2

from tests.chaos.town import town
from tests.support.fuzz import SEED, Fuzz
from tests.support.tables import Tables

POOL_SIZE = 12


async def schema(given: argparse.Namespace) -> list[str]:
    """Send them, say what became of them, and return every failure and every change by what was refused."""
    async with (
        town(POOL_SIZE) as (towns, server),
        httpx2.AsyncClient(base_url=server.url, timeout=30) as client,
    ):
        fuzz = Fuzz(towns, client, await Tables.of(towns.place))
        await fuzz.run(server.app.openapi(), given.rounds)
    print(f"seed {SEED}, {given.rounds} cases of every door as everybody")
    print(fuzz.told())
    return fuzz.faults
