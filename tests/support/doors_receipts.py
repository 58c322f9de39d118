"""Doors of what is near, of following and of receipts: what everybody gets of B's; by hand."""

from collections.abc import Mapping

from data.receipts import key_of
from tests.support.doors_ground import SPOT
from tests.support.two_towns import TwoTowns
from tests.support.who_may import PEOPLE, Case

EVERYBODY = " ".join(PEOPLE)
NO_REPORT = "nA xB AU SE SY"
CODE_OF_A = "2222-3333-4444"
"""The code of a receipt of A's: whoever has it is told what it tells, whoever it is."""
COUNTED = frozenset({"sign_in_attempt", "audit", "audit_head"})
"""Wrong codes are counted, and too many of them noted."""
UNKNOWN = {"incident_id": "unknown"}
OFFERED = {"incident_id": "$incident B offered"}

RECEIPT_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/incidents/{incident_id}/near"): (
        Case(
            {"401": "N", "403": "rA wA pA rB wB tB xB AU SE SY", "404": "lA dA cA nA oA hB", "sees": "lB dB cB"},
            OFFERED,
            unknown=UNKNOWN,
        ),
    ),
    ("POST", "/api/incidents/near"): (
        Case(
            {"401": "N", "403": NO_REPORT, "hidden": "rA wA lA dA cA pA oA wB tB hB", "sees": "rB lB dB cB"},
            body=SPOT | {"category": "noise", "description": "x"},
        ),
    ),
    ("POST", "/api/incidents/{incident_id}/follow"): (
        Case(
            {"401": "N", "403": NO_REPORT, "404": "rA wA lA dA cA pA oA wB tB hB", "does": "rB lB dB cB"},
            OFFERED,
            unknown=UNKNOWN,
            touches=frozenset({"receipt", "outbox"}),
            last=1,
        ),
    ),
    ("POST", "/api/receipts/look"): (
        Case({"plain": EVERYBODY}, body={"code": CODE_OF_A}, contains="noise", refused_touches=COUNTED),
    ),
    ("POST", "/api/receipts/evaluate"): (
        Case(
            {"409": EVERYBODY},
            body={"code": CODE_OF_A, "stars": 5, "solved": True},
            proven="tests/api/test_receipts.py",
            refused_touches=COUNTED,
        ),
    ),
}


async def give_a_receipt(towns: TwoTowns) -> None:
    """Give the receipt of A's whose code everybody tries."""
    await towns.place.run(
        """INSERT INTO receipt (id, incident_id, kind, hash, made_at)
        VALUES (gen_random_uuid(), :incident, 'report', :hash, now())""",
        incident=towns.ids["incident A offered"],
        hash=key_of(CODE_OF_A),
    )
