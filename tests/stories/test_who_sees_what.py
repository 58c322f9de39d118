"""From outside: nobody sees what is not theirs. Every door × everybody, each cell really asked, on rows that say whose."""

import pytest

from api.settings import Settings
from tests.support.cells import Matrix
from tests.support.doors import DOORS
from tests.support.who_may import CONTROLS, PEOPLE, REFUSED


def test_every_door_of_the_document_is_in_the_table(settings_of_nowhere: Settings) -> None:
    from api.app import create_app

    document = create_app(settings_of_nowhere).openapi()
    doors = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert doors - set(DOORS) == set(), "a door that nobody said who may go through"
    assert set(DOORS) - doors == set(), "a door that there is no more"


@pytest.fixture
def settings_of_nowhere() -> Settings:
    """Return settings that connect to nothing."""
    return Settings(database_url="postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")


async def test_the_matrix(matrix: Matrix) -> None:
    ordered = sorted(
        ((case.last, door, case) for door, cases in DOORS.items() for case in cases), key=lambda one: one[0]
    )
    for last, door, case in ordered:
        await (matrix.commands if last else matrix.reads)(door, case)
    counted = matrix.counted
    refusals, controls = sum(counted[one] for one in REFUSED), sum(counted[one] for one in CONTROLS)
    print(
        f"\n{counted['cells']} cells ({len(DOORS)} doors, {len(ordered)} questions, {len(PEOPLE)} people): ", end=""
    )
    print(
        f"{refusals} refused, {counted['hidden']} hidden, {counted['mine']} shown one's own, {controls} controls, ",
        end="",
    )
    print(f"{counted['compared with what there is not']} compared with what there is not, {counted['leaks']} leaks")
    print(dict(counted))
    assert matrix.faults == [], "\n".join([f"{len(matrix.faults)} faults", *matrix.faults])
    assert counted["leaks"] == 0
    assert counted["cells"] == len(ordered) * len(PEOPLE) >= 1000
    assert refusals >= 500
    assert controls >= 200
