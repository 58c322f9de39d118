"""What tests through the door share."""

import pytest

from tests.support.client import Client
from tests.support.place import Place
from tests.support.staff import Staff


@pytest.fixture
async def staff(place: Place, client: Client) -> Staff:
    """Lend a built town without workers; call `open` when they are hired."""
    built = Staff(place, client)
    await built.build()
    return built
