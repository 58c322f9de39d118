"""Doors of rosters, reservations and heartbeats: how each is asked for what is B's, and what everybody gets; by hand."""

from collections.abc import Mapping

from tests.support.who_may import Case

LOOKS = {"401": "N", "403": "rA wA nA pA oA rB wB tB xB AU SE SY"}
PLANS = {"401": "N", "403": "rA wA lA dA nA pA oA rB wB tB lB dB hB xB AU SE SY"}
RESERVES = {"401": "N", "403": "rA wA lA nA pA oA rB wB tB lB xB AU SE SY", "404": "dA cA", "does": "dB cB hB"}
SPOT_OF_B = {"lng": 118.3255, "lat": 27.005, "datum": "wgs84"}
UNKNOWN = {"worker_id": "unknown"}
TOLD = frozenset({"outbox"})
NEXT_CENTURY = "2099-01-0{}"
EARLY = {"starts": "06:00", "ends": "14:00"}


def hour(number: int) -> Mapping[str, str]:
    """Return the bounds of a reservation of an hour."""
    return {"from": f"2099-02-01T{number:02}:00:00Z", "until": f"2099-02-01T{number + 1:02}:00:00Z"}


ROSTER_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/roster"): (
        Case({**LOOKS, "mine": "lA dA cA", "sees": "lB dB cB hB"}, query={"limit": 500}),
        Case(
            {**LOOKS, "hidden": "lA dA cA", "sees": "lB dB cB hB"},
            query={"area": "ZQB7_1", "days": 2},
            unknown={"area": "nowhere"},
        ),
        Case(
            {**LOOKS, "hidden": "lA dA cA", "sees": "lB dB cB hB"},
            query={"search": "ZQB7"},
        ),
    ),
    ("GET", "/api/roster/mine"): (
        Case(
            {
                "401": "N",
                "403": "rA dA nA rB dB hB xB AU SE SY",
                "mine": "wA lA",
                "hidden": "cA pA oA cB",
                "sees": "wB tB lB",
            }
        ),
    ),
    ("GET", "/api/workers/{worker_id}/roster"): (
        Case({**LOOKS, "404": "lA dA cA", "sees": "lB dB cB hB"}, {"worker_id": "$worker worker B"}, unknown=UNKNOWN),
    ),
    ("PUT", "/api/workers/{worker_id}/roster"): (
        Case(
            {**PLANS, "404": "cA", "does": "cB"},
            {"worker_id": "$worker worker B"},
            body={"patterns": [{"weekday": 1, **EARLY}]},
            unknown=UNKNOWN,
            touches=TOLD | {"duty_pattern"},
            last=1,
        ),
    ),
    ("POST", "/api/workers/{worker_id}/days"): (
        Case(
            {**PLANS, "404": "cA", "does": "cB"},
            {"worker_id": "$worker idle B"},
            body={"day": NEXT_CENTURY.format(1), "reason": "changed", "shifts": [EARLY]},
            unknown=UNKNOWN,
            touches=TOLD | {"duty_exception"},
            last=1,
        ),
    ),
    ("DELETE", "/api/workers/{worker_id}/days/{day}"): (
        Case(
            {**PLANS, "404": "cA", "does": "cB"},
            {"worker_id": "$worker idle B", "day": NEXT_CENTURY.format(3)},
            unknown=UNKNOWN,
            touches=TOLD | {"duty_exception"},
            last=1,
        ),
    ),
    ("POST", "/api/roster/swaps"): (
        Case(
            {**PLANS, "404": "cA", "does": "cB"},
            body={"day": NEXT_CENTURY.format(7), "worker": "$worker idle B", "with": "$worker leader B"},
            unknown={"worker": "unknown"},
            touches=TOLD | {"duty_exception"},
            last=1,
        ),
        Case(
            {**PLANS, "404": "cA", "does": "cB"},
            body={"day": NEXT_CENTURY.format(9), "worker": "$worker idle B", "with": "$worker leader B"},
            unknown={"with": "unknown"},
            touches=TOLD | {"duty_exception"},
            instead={"cA": {"worker": "$worker idle A"}},
            last=1,
        ),
    ),
    ("DELETE", "/api/roster/swaps/{swap_id}"): (
        Case(
            {**PLANS, "404": "cA", "does": "cB"},
            {"swap_id": "$swap B"},
            unknown={"swap_id": "unknown"},
            touches=TOLD | {"duty_exception"},
            last=1,
        ),
    ),
    ("POST", "/api/workers/{worker_id}/reservations"): (
        Case(
            RESERVES,
            {"worker_id": "$worker idle B"},
            body={**hour(1), "purpose": "ZQB7"},
            unknown=UNKNOWN,
            touches=TOLD | {"reservation"},
            instead={"cB": hour(3), "hB": hour(5)},
            last=1,
        ),
    ),
    ("DELETE", "/api/reservations/{reservation_id}"): (
        Case(
            RESERVES,
            {"reservation_id": "$reservation B 1"},
            unknown={"reservation_id": "unknown"},
            touches=TOLD | {"reservation"},
            instead={
                "cB": {"reservation_id": "$reservation B 2"},
                "hB": {"reservation_id": "$reservation B 3"},
            },
            last=1,
        ),
    ),
    ("POST", "/api/workers/{worker_id}/heartbeat"): (
        Case(
            {
                "401": "N",
                "403": "rA nA rB xB AU SE SY",
                "404": "wA lA dA cA pA oA tB lB",
                "does": "wB dB cB hB",
            },
            {"worker_id": "$worker worker B"},
            body={"still": True},
            unknown=UNKNOWN,
            touches=TOLD | {"worker_position"},
            last=1,
        ),
    ),
    ("POST", "/api/positions"): (
        Case(
            {
                "401": "N",
                "403": "rA nA rB xB AU SE SY",
                "hidden": "wA lA dA cA pA oA tB lB",
                "does": "wB dB cB hB",
            },
            body={"positions": [SPOT_OF_B | {"worker": "$worker worker B", "fixed_at": "%now"}]},
            unknown={"positions": [SPOT_OF_B | {"worker": "unknown", "fixed_at": "%now"}]},
            touches=TOLD | {"worker_position"},
            last=1,
        ),
    ),
}
