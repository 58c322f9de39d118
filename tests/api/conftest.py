"""What tests through the door share."""

from collections.abc import AsyncIterator

import pytest

from api.settings import Settings
from tests.support.client import Client, bearing
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
