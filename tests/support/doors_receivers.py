"""Doors of receivers of notices: how each is asked for what is B's, and what everybody gets; by hand."""

from collections.abc import Mapping

from tests.support.who_may import Case

ALL_BUT_SYSTEM = "rA wA lA dA cA nA pA oA rB wB tB lB dB cB hB xB AU SE"
MANAGES = {"401": "N", "403": ALL_BUT_SYSTEM, "does": "SY"}
UNKNOWN = {"receiver_id": "unknown"}
B = {"receiver_id": "$receiver B"}

RECEIVER_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/receivers"): (Case({"401": "N", "403": ALL_BUT_SYSTEM, "sees": "SY"}),),
    ("GET", "/api/receivers/{receiver_id}/deliveries"): (
        Case({"401": "N", "403": ALL_BUT_SYSTEM, "sees": "SY"}, B, unknown=UNKNOWN),
    ),
    ("POST", "/api/receivers"): (
        Case(
            MANAGES,
            body={"kind": "webhook", "label": "ZQB7", "address": "https://8.8.8.8/zqb7", "events": ["filed"]},
            touches=frozenset({"receiver"}),
            last=2,
        ),
    ),
    ("PATCH", "/api/receivers/{receiver_id}"): (
        Case(MANAGES, B, body={"label": "ZQB7 other"}, unknown=UNKNOWN, touches=frozenset({"receiver"}), last=2),
    ),
    ("POST", "/api/receivers/{receiver_id}/test"): (
        Case(
            {"401": "N", "403": ALL_BUT_SYSTEM, "plain": "SY"},
            B,
            unknown=UNKNOWN,
            contains='"refused_address"',
            last=2,
        ),
    ),
    ("POST", "/api/deliveries/{delivery_id}/retry"): (
        Case(MANAGES, {"delivery_id": "$delivery B"}, touches=frozenset({"delivery"}), last=2),
    ),
    ("DELETE", "/api/receivers/{receiver_id}"): (
        Case(
            MANAGES,
            {"receiver_id": "$receiver B too"},
            unknown=UNKNOWN,
            touches=frozenset({"receiver", "delivery"}),
            last=3,
        ),
    ),
}
