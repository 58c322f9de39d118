"""Doors of areas, grids and points: how each is asked for what is B's, and what everybody gets; by hand."""

from collections.abc import Mapping

from tests.support.who_may import Case

ON_THE_MAP = {"401": "N", "403": "rA rB AU SY"}
OFFICIAL = "wA lA dA cA nA pA"
INSIDE = "wB tB lB dB cB xB SE"
SPOT = {"lng": 118.3255, "lat": 27.005, "datum": "wgs84"}
BESIDE = {"lng": 118.3375, "lat": 27.005, "datum": "wgs84"}

GROUND_DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/grids"): (
        Case({**ON_THE_MAP, "mine": OFFICIAL, "hidden": "oA hB", "sees": INSIDE}),
        Case({**ON_THE_MAP, "mine": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"}, query={"layer": "health"}),
        Case(
            {**ON_THE_MAP, "mine": OFFICIAL, "hidden": "oA hB", "sees": INSIDE},
            query={"at": "2026-06-01T00:00:00+08:00"},
            unknown={"at": "2019-01-01T00:00:00+08:00"},
        ),
    ),
    ("GET", "/api/grids/{code}/versions"): (
        Case(
            {**ON_THE_MAP, "404": f"{OFFICIAL} oA hB", "sees": INSIDE},
            {"code": "ZQB7_1"},
            unknown={"code": "nowhere"},
        ),
    ),
    ("GET", "/api/locate"): (
        Case({**ON_THE_MAP, "hidden": f"{OFFICIAL} oA hB", "sees": INSIDE}, query=SPOT),
        Case({**ON_THE_MAP, "hidden": f"{OFFICIAL} oA hB", "sees": INSIDE}, query=BESIDE),
        Case({**ON_THE_MAP, "hidden": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"}, query=SPOT | {"layer": "health"}),
    ),
    ("POST", "/api/locate"): (
        Case(
            {**ON_THE_MAP, "hidden": f"{OFFICIAL} oA hB", "sees": INSIDE},
            body={"points": [[118.3255, 27.005], [118.335, 27.005]], "datum": "wgs84"},
            unknown={"points": [[119.3, 27.005], [119.3, 27.005]]},
        ),
    ),
    ("GET", "/api/areas"): (
        Case({**ON_THE_MAP, "mine": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"}),
        Case(
            {**ON_THE_MAP, "hidden": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"},
            query={"search": "ZQB7"},
            unknown={"search": "nowhere"},
        ),
        Case({**ON_THE_MAP, "404": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"}, query={"under": "ZQB7"}),
    ),
    ("GET", "/api/areas/{code}"): (
        Case(
            {**ON_THE_MAP, "404": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"},
            {"code": "ZQB7"},
            unknown={"code": "nowhere"},
        ),
    ),
    ("GET", "/api/layers"): (Case({**ON_THE_MAP, "public": f"{OFFICIAL} oA {INSIDE} hB"}),),
}
