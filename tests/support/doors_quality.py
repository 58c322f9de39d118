"""Doors of the ground's quality: how each is asked for what is B's, and what everybody gets; by hand."""

from collections.abc import Mapping

from tests.support.who_may import Case

MAY_NOT_CHECK = "rA wA pA oA rB wB tB xB AU SE SY"
CHECKS = "lA dA cA nA lB dB cB hB"
PEOPLE = f"{MAY_NOT_CHECK} {CHECKS}"
PROVEN = "tests/api/test_quality.py"
PROPOSAL = {"proposal_id": "$proposal"}

QUALITY_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/checks/latest"): (
        Case({"401": "N", "403": MAY_NOT_CHECK, "plain": CHECKS}, contains='"overlap":'),
    ),
    ("GET", "/api/checks/{check_id}/faults"): (
        Case(
            {"401": "N", "403": MAY_NOT_CHECK, "mine": "lA dA cA nA", "hidden": "hB", "sees": "lB dB cB"},
            {"check_id": "$check"},
        ),
        Case(
            {"401": "N", "403": MAY_NOT_CHECK, "404": CHECKS},
            {"check_id": "unknown"},
            proven=PROVEN,
        ),
    ),
    ("POST", "/api/checks"): (Case({"401": "N", "403": MAY_NOT_CHECK, "409": CHECKS}, proven=PROVEN, last=1),),
    ("GET", "/api/proposals"): (Case({"401": "N", "403": MAY_NOT_CHECK, "hidden": CHECKS}, proven=PROVEN),),
    ("GET", "/api/proposals/{proposal_id}"): (
        Case(
            {"401": "N", "403": MAY_NOT_CHECK, "404": CHECKS},
            PROPOSAL,
            unknown={"proposal_id": "unknown"},
            proven=PROVEN,
        ),
    ),
    ("POST", "/api/proposals"): (
        Case({"401": "N", "403": PEOPLE}, body={"kind": "repair", "layer": "governance"}, proven=PROVEN, last=1),
    ),
    **{
        ("POST", f"/api/proposals/{{proposal_id}}/{deed}"): (
            Case({"401": "N", "403": PEOPLE}, PROPOSAL, unknown={"proposal_id": "unknown"}, proven=PROVEN, last=1),
        )
        for deed in ("accept", "reject")
    },
}
