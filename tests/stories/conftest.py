"""What stories about who may see what share: two communities, and a real server before them."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from api.settings import Settings
from dispatch.passwords import hashed
from tests.support.cells import Matrix, tile_of
from tests.support.client import Client, bearing
from tests.support.doors_hand import lay_out, slip
from tests.support.doors_receipts import give_a_receipt
from tests.support.hand import Hand, at_hand
from tests.support.place import Place
from tests.support.server import Listening, listening
from tests.support.tables import Tables
from tests.support.two_towns import TwoTowns

PASSWORD = "what-only-the-leader-knows-7"


@pytest.fixture
async def towns(place: Place) -> TwoTowns:
    """Lend both communities."""
    return await TwoTowns.build(place)


@pytest.fixture
async def server(towns: TwoTowns, settings: Settings) -> AsyncIterator[Listening]:
    """Serve them."""
    async with listening(settings) as lent:
        yield lent


@pytest.fixture
async def matrix(towns: TwoTowns, server: Listening) -> AsyncIterator[Matrix]:
    """Lend the matrix, with what its cases name."""
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        lent = Matrix(towns, client, await Tables.of(towns.place))
        await lay_out(towns, server.process)
        await slip(towns, client)
        await give_a_receipt(towns)
        await prepare(lent)
        yield lent


@pytest.fixture
async def hand(place: Place, client: Client) -> AsyncIterator[Hand]:
    """Lend the command centre's hand in a built town; call `open` when all are hired."""
    async with at_hand(place, client) as lent:
        yield lent


async def prepare(matrix: Matrix) -> None:
    """Fill in what is known only now: a cursor before everything, tiles, a password, a second token."""
    towns = matrix.towns
    board = await matrix.client.get("/api/board", headers=bearing(towns.tokens["dispatcher B"]))
    matrix.known |= {"%cursor": board.json()["cursor"], "%password": PASSWORD}
    for kind in ("incident", "task"):
        for name in (one for one in towns.ids if one.startswith(f"{kind} ")):
            await towns.place.run(
                "INSERT INTO outbox (kind, subject_id, at) VALUES (:kind, :id, now())", kind=kind, id=towns.ids[name]
            )
    for z in (11, 14, 17):
        x, y = tile_of(z, *towns.at("B", 27.0045 if z == 14 else 27.0061))
        matrix.known |= {f"%x{z}": x, f"%y{z}": y}
    await towns.place.run(
        "UPDATE account SET password_hash = :hash WHERE id = :id",
        hash=await hashed(PASSWORD),
        id=towns.ids["account leader B"],
    )
    first = towns.ids["token leader B"]
    await towns.token("leader B")
    towns.ids["token2 leader B"], towns.ids["token leader B"] = towns.ids["token leader B"], first
