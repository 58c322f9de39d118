"""What tests through the door share."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from api.settings import Settings
from data.store import Store
from dispatch.passwords import hashed
from tests.support.accounts import Offices
from tests.support.client import Client, bearing
from tests.support.doorway import PASSWORD, Doorway
from tests.support.hand import Hand, at_hand
from tests.support.place import Place
from tests.support.server import Listening, listening
from tests.support.staff import Staff


@pytest.fixture
async def staff(place: Place, client: Client) -> Staff:
    """Lend a built town without workers; call `open` when they are hired."""
    built = Staff(place, client)
    await built.build()
    return built


@pytest.fixture
async def hand(place: Place, client: Client) -> AsyncIterator[Hand]:
    """Lend the command centre's hand in a built town; call `open` when all are hired."""
    async with at_hand(place, client) as lent:
        yield lent


@pytest.fixture
async def served(place: Place, settings: Settings) -> AsyncIterator[tuple[Listening, Staff, str]]:
    """Lend a real server, its people, and the command centre's token."""
    token = await place.token("dispatcher")
    async with (
        listening(settings) as server,
        Client(base_url=server.url, headers=bearing(token)) as client,
    ):
        client.app = server.app
        staff = Staff(place, client)
        await staff.build()
        yield server, staff, token


@pytest.fixture
async def offices(place: Place, client: Client) -> Offices:
    """Lend a place with its administrators."""
    return await Offices.of(place, client)


@pytest.fixture(scope="session")
def kept() -> str:
    """Hash the password once for all tests."""
    return asyncio.run(hashed(PASSWORD))


@pytest.fixture
async def door(place: Place, store: Store, kept: str) -> AsyncIterator[Doorway]:
    """Lend a doorway with four accounts: `wei` is well, `lan` is locked, `kong` has no password, `li` is another."""
    ids = {}
    for login, hash_, locked in (("wei", kept, ""), ("lan", kept, "x"), ("kong", None, ""), ("li", kept, "")):
        ids[login] = await place.add_account(("dispatcher", None))
        await place.run(
            """UPDATE account SET login = :login, password_hash = :hash,
            locked_at = CASE WHEN :locked <> '' THEN now() END WHERE id = :id""",
            login=login,
            hash=hash_,
            locked=locked,
            id=ids[login],
        )
    yield Doorway(place, store, ids)
