"""Doors of figures: how each is asked for what is B's, and what everybody gets; by hand."""

from collections.abc import Mapping

from tests.support.who_may import Case

NO_FIGURES = "rA wA oA rB wB tB xB AU SE SY"
COUNTS = "lA dA cA nA lB dB cB hB"
EVER = {"from": "2020-01-01", "to": "2029-12-31"}
BY_AREA = EVER | {"by": "area", "level": "grid"}
SPLIT = {"401": "N", "403": NO_FIGURES, "mine": "lA dA cA nA pA", "sees": "lB dB cB hB"}
DRILLED = {"401": "N", "403": f"{NO_FIGURES} pA", "mine": "lA dA cA nA", "sees": "lB dB cB hB"}

FIGURE_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/figures"): (
        Case({"401": "N", "403": NO_FIGURES, "plain": f"{COUNTS} pA"}, query=EVER, contains='"closure_rate":'),
        Case(SPLIT, query=BY_AREA),
    ),
    ("GET", "/api/figures/definitions"): (
        Case({"401": "N", "403": NO_FIGURES, "plain": f"{COUNTS} pA"}, contains='"closure_rate"'),
    ),
    ("GET", "/api/figures/cases"): (Case(DRILLED, query=EVER | {"figure": "reported", "limit": "1000"}),),
    ("GET", "/api/figures/export"): (Case(SPLIT, query=BY_AREA | {"format": "csv"}),),
    ("GET", "/api/figures/report"): (Case(SPLIT, query=EVER | {"format": "html"}),),
}
