"""Every door of the OpenAPI document, how it is asked for what is B's, and what each of the people gets; by hand.

The code's own permissions are not asked. A door without a line makes a test fail.
"""

from collections.abc import Mapping
from typing import Any

from tests.support.doors_figures import FIGURE_DOORS
from tests.support.doors_ground import GROUND_DOORS, INSIDE, OFFICIAL, SPOT
from tests.support.doors_hand import HAND_DOORS, ON_THE_GROUND, TOUCHED
from tests.support.doors_quality import QUALITY_DOORS
from tests.support.doors_receipts import RECEIPT_DOORS
from tests.support.doors_receivers import RECEIVER_DOORS
from tests.support.doors_roster import ROSTER_DOORS, TOLD
from tests.support.who_may import Case

DESK = "rA wA lA nA pA oA rB wB tB lB xB AU SE SY"
NO_WORKER = "rA dA cA nA pA oA rB dB cB hB xB AU SE SY"
ALL_BUT_ADMINISTRATORS = "rA wA lA dA cA nA pA oA rB wB tB lB dB cB hB xB"
EVERYBODY = f"{ALL_BUT_ADMINISTRATORS} AU SE SY"
INCIDENT, TASK = {"incident_id": "unknown"}, {"task_id": "unknown"}


def looked_at(name: str, sees: str) -> Case:
    """Return the case of one incident of B's."""
    hidden = " ".join(
        one for one in ("rA", "wA", "lA", "dA", "cA", "nA", "pA", "oA", "wB", "hB") if one not in sees.split()
    )
    return Case(
        {"401": "N", "403": "xB AU SE SY", "404": hidden, "sees": sees},
        {"incident_id": f"$incident B {name}"},
        unknown={"incident_id": "unknown"},
    )


def answering(step: str, body: Any, last: int) -> Case:
    """Return the case of a worker's answer to B's task."""
    path = {"task_id": f"$task B {step}"}
    return Case(ON_THE_GROUND, path, body=body, unknown=TASK, touches=TOUCHED, last=last)


def of_account(
    who: Mapping[str, str], body: Any = None, touches: str = "account access_token outbox", **more: Any
) -> Case:
    """Return the case of an administrator's act on B's account."""
    path = {"account_id": "$account spare B"} | more.pop("path", {})
    return Case(
        who,
        path,
        body=body,
        unknown={"account_id": "unknown"},
        touches=frozenset(touches.split()),
        last=2,
        **more,
    )


def tile(layer: str, z: int, who: Mapping[str, str]) -> Case:
    """Return the case of a tile that holds some of B's ground."""
    return Case(who, {"layer": layer, "z": z, "x": f"%x{z}", "y": f"%y{z}"})


MANAGES = {"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} AU SE", "does": "SY"}
GIVES = {"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} AU SY", "does": "SE"}
LISTS_ACCOUNTS = {"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} AU", "sees": "SE SY"}
EXPORTS = {"401": "N", "403": "rA wA lA dA pA oA rB wB tB lB dB hB xB AU SE SY"}
SEES_INCIDENTS = {"401": "N", "403": "xB AU SE SY"}
LOOKS_AT_HOUSEHOLDS = {"401": "N", "403": "rA wA dA pA oA rB wB tB dB hB xB AU SE SY"}
REPORT = SPOT | {"category": "noise", "description": "路灯不亮"}

DOORS: Mapping[tuple[str, str], tuple[Case, ...]] = {
    ("GET", "/api/incidents"): (
        Case(
            {**SEES_INCIDENTS, "mine": "rA wA lA dA cA nA oA", "hidden": "pA wB", "sees": "rB tB lB dB cB hB"},
            query={"limit": 1000},
        ),
        Case(
            {**SEES_INCIDENTS, "hidden": "rA wA lA dA cA nA oA pA wB hB", "sees": "rB tB lB dB cB"},
            query={"grid": "ZQB7_1"},
            unknown={"grid": "nowhere"},
        ),
        Case(
            {**SEES_INCIDENTS, "hidden": "rA wA lA dA cA nA oA pA wB", "sees": "rB tB lB dB cB hB"},
            query={"after": "ffffffff-ffff-ffff-ffff-ffffffffffff", "grid": "ZQB7_H"},
            unknown={"grid": "nowhere"},
        ),
    ),
    ("GET", "/api/incidents/export"): (
        Case({**EXPORTS, "mine": "cA nA", "sees": "cB"}),
        Case({**EXPORTS, "hidden": "cA nA", "sees": "cB"}, query={"grid": "ZQB7_1"}, unknown={"grid": "nowhere"}),
    ),
    ("GET", "/api/incidents/{incident_id}"): (
        looked_at("offered", "rB tB lB dB cB"),
        looked_at("handled", "rB tB lB dB cB"),
        looked_at("fever", "rB tB lB dB cB hB"),
    ),
    ("GET", "/api/tasks"): (Case({"401": "N", "403": NO_WORKER, "mine": "wA lA", "sees": "wB tB lB"}),),
    ("GET", "/api/workers"): (
        Case({"401": "N", "403": "rA wA nA pA oA rB wB tB xB AU SE SY", "mine": "lA dA cA", "sees": "lB dB cB hB"}),
    ),
    ("GET", "/api/limits"): (Case({"401": "N", "plain": EVERYBODY}),),
    ("GET", "/api/categories"): (Case({"401": "N", "public": EVERYBODY}),),
    **GROUND_DOORS,
    ("GET", "/api/me"): (
        Case(
            {"401": "N", "mine": "rA wA lA dA cA nA pA oA", "plain": "AU SE SY", "sees": "rB wB tB lB dB cB hB xB"},
            contains="account",
            about_oneself=("account",),
        ),
    ),
    ("GET", "/api/accounts"): (
        Case(LISTS_ACCOUNTS, query={"limit": 1000}),
        Case(LISTS_ACCOUNTS, query={"search": "zqb7"}),
    ),
    ("GET", "/api/roles"): (Case({"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} AU", "public": "SE SY"}),),
    ("GET", "/api/audit"): (
        Case({"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} SE SY", "sees": "AU"}, query={"limit": 1000}),
        Case(
            {"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} SE SY", "sees": "AU"},
            query={"account": "$account dispatcher B"},
            unknown={"account": "unknown"},
        ),
    ),
    ("POST", "/api/audit/verify"): (
        Case({"401": "N", "403": f"{ALL_BUT_ADMINISTRATORS} SE SY", "plain": "AU"}, contains='"whole":true'),
    ),
    ("GET", "/api/board"): (
        Case(
            {
                "401": "N",
                "403": "rA wA pA rB wB tB xB AU SE SY",
                "mine": "lA dA cA nA oA",
                "sees": "lB dB cB hB",
            }
        ),
    ),
    ("GET", "/api/live"): (
        Case(
            {
                "401": "N",
                "403": "rA rB xB AU SE SY",
                "mine": "wA lA dA cA nA oA",
                "hidden": "pA wB",
                "sees": "tB lB dB cB hB",
            },
            query={"after": "%cursor"},
        ),
    ),
    ("GET", "/tiles/{layer}/{z}/{x}/{y}"): (
        tile("areas", 11, {"401": "N", "hidden": "rA rB AU SY", "mine": f"{OFFICIAL} oA", "sees": f"{INSIDE} hB"}),
        tile(
            "grids",
            11,
            {"401": "N", "mine": f"rA {OFFICIAL} oA", "hidden": "AU SY", "sees": f"rB {INSIDE} hB"},
        ),
        tile("grids", 17, {"401": "N", "hidden": f"rA {OFFICIAL} oA AU SY", "sees": f"rB {INSIDE} hB"}),
        tile(
            "households", 17, {"401": "N", "hidden": f"rA {OFFICIAL} oA rB wB tB dB hB xB AU SE SY", "sees": "lB cB"}
        ),
        tile("ground", 14, {"401": "N", "public": EVERYBODY}),
        tile("streets", 14, {"401": "N", "public": EVERYBODY}),
        tile("buildings", 14, {"401": "N", "public": EVERYBODY}),
        tile("addresses", 17, {"401": "N", "public": EVERYBODY}),
    ),
    ("GET", "/livez"): (Case({"plain": f"N {EVERYBODY}"}, contains="alive"),),
    ("GET", "/readyz"): (Case({"plain": f"N {EVERYBODY}"}, contains="ready"),),
    ("GET", "/api/households"): (
        Case(
            {**LOOKS_AT_HOUSEHOLDS, "hidden": "lA cA nA", "sees": "lB cB"},
            query={"grid": "ZQB7_1"},
            unknown={"grid": "nowhere"},
        ),
    ),
    ("GET", "/api/households/{household_id}"): (
        Case(
            {**LOOKS_AT_HOUSEHOLDS, "404": "lA cA nA", "sees": "lB cB"},
            {"household_id": "$household B"},
            unknown={"household_id": "unknown"},
        ),
    ),
    ("POST", "/api/incidents/{incident_id}/close"): (
        Case(
            {"401": "N", "403": DESK, "404": "dA cA hB", "does": "dB cB"},
            {"incident_id": "$incident B handled"},
            body={"disposition": "resolved"},
            unknown=INCIDENT,
            touches=TOUCHED,
            instead={"cB": {"incident_id": "$incident B handled too"}},
            last=1,
        ),
    ),
    ("POST", "/api/tasks/{task_id}/accept"): (answering("to answer offered", {}, 1),),
    ("POST", "/api/tasks/{task_id}/arrive"): (answering("to answer accepted", {}, 1),),
    ("POST", "/api/tasks/{task_id}/finish"): (answering("to answer on_scene", {"result": "done"}, 1),),
    ("POST", "/api/tasks/{task_id}/decline"): (answering("declinable", {"reason": "busy"}, 3),),
    ("PUT", "/api/workers/{worker_id}/position"): (
        Case(
            {
                "401": "N",
                "403": "rA nA rB xB AU SE SY",
                "404": "wA lA dA cA pA oA tB lB",
                "does": "wB dB cB hB",
            },
            {"worker_id": "$worker worker B"},
            body=SPOT,
            unknown={"worker_id": "unknown"},
            touches=TOLD | {"worker_position"},
            last=1,
        ),
    ),
    ("POST", "/api/me/password"): (
        Case(
            {"401": "N", "403": "rA wA lA dA cA nA pA oA rB wB tB dB cB hB xB AU SE SY", "does": "lB"},
            body={"current": "%password", "new": "ganz-anders-und-lang-genug-7"},
            touches=TOLD | {"account", "access_token", "sign_in_attempt"},
            refused_touches=frozenset({"sign_in_attempt"}),
            last=3,
        ),
    ),
    ("POST", "/api/me/tokens"): (
        Case(
            {"401": "N", "403": "xB", "own": "rA wA lA dA cA nA pA oA AU SE SY rB wB tB dB cB hB", "does": "lB"},
            body={"label": "x", "days": 1},
            touches=TOLD | {"access_token"},
            last=1,
        ),
    ),
    ("DELETE", "/api/me/tokens/{token_id}"): (
        Case(
            {"401": "N", "403": "xB", "404": "rA wA lA dA cA nA pA oA rB wB tB dB cB hB AU SE SY", "does": "lB"},
            {"token_id": "$token2 leader B"},
            unknown={"token_id": "unknown"},
            touches=TOLD | {"access_token"},
            last=2,
        ),
    ),
    ("POST", "/api/accounts"): (
        Case(
            MANAGES,
            body={"login": "zqb7-new", "name": "ZQB7", "worker_code": "ZQB7worker7_3"},
            touches=frozenset({"account"}),
            last=2,
        ),
    ),
    ("POST", "/api/accounts/{account_id}/lock"): (of_account(MANAGES),),
    ("POST", "/api/accounts/{account_id}/unlock"): (of_account(MANAGES),),
    ("POST", "/api/accounts/{account_id}/password"): (of_account(MANAGES),),
    ("POST", "/api/accounts/{account_id}/roles"): (
        of_account(GIVES, {"role": "family", "area_code": "ZQB7"}, "account_role outbox"),
    ),
    ("DELETE", "/api/accounts/{account_id}/roles/{role_id}"): (
        of_account(GIVES, None, "account_role outbox", path={"role_id": "$role spare B"}),
    ),
    **RECEIPT_DOORS,
    **RECEIVER_DOORS,
    **QUALITY_DOORS,
    **FIGURE_DOORS,
    **HAND_DOORS,
    **ROSTER_DOORS,
    ("POST", "/api/incidents"): (
        Case(
            {
                "401": "N",
                "403": "nA xB AU SE SY",
                "own": "rA wA lA dA cA pA oA rB",
                "sees": "wB tB lB dB cB hB",
            },
            body=REPORT,
            touches=TOUCHED | {"receipt"},
            about_oneself=("grid", "areas"),
            claims=frozenset({"worker"}),
            last=4,
        ),
    ),
}
"""Reads first, then what changes something, each with rows of its own; a report at the end, since whoever reports sees more."""
