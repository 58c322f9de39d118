"""How far somebody may hand out roles."""

import pytest

from data.rights import Permission, Rights
from dispatch.desk.accounts import reaches

LAYERS = ("governance", "health")


def giver(*keys: str) -> Rights:
    return Rights({Permission.ROLE_ASSIGN: keys})


IN_C1 = giver("_.T.C1", "governance.T.C1", "health.T.C1")
HEALTH_IN_C1 = giver("_.T.C1", "health.T.C1")
HEALTH = giver("_", "health")


@pytest.mark.parametrize(
    ("rights", "layers", "path", "reached"),
    [
        (giver(""), LAYERS, None, True),
        (giver(""), ("health",), "T.C2", True),
        (IN_C1, LAYERS, "T.C1", True),
        (IN_C1, LAYERS, "T.C1.G1", True),
        (IN_C1, ("health",), "T.C1", True),
        (IN_C1, LAYERS, "T", False),
        (IN_C1, LAYERS, "T.C10", False),
        (IN_C1, ("health",), None, False),
        (HEALTH_IN_C1, ("health",), "T.C1", True),
        (HEALTH_IN_C1, LAYERS, "T.C1", False),
        (HEALTH_IN_C1, ("governance",), "T.C1", False),
        (HEALTH, ("health",), "T.C1", True),
        (HEALTH, ("health",), None, False),
        (giver("health.T.C1"), ("health",), "T.C1", False),
        (Rights(), LAYERS, "T.C1", False),
        (Rights({Permission.ACCOUNT_MANAGE: ("",)}), LAYERS, None, False),
    ],
)
def test_nobody_hands_out_more_of_the_town_than_was_handed_out_to_them(
    rights: Rights, layers: tuple[str, ...], path: str | None, reached: bool
) -> None:
    assert reaches(rights, layers, path) is reached
