"""Pages, kept answers and cached tiles: nothing of B's in the hands of anybody else."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.support.cells import read, tile_of
from tests.support.client import bearing
from tests.support.server import Listening
from tests.support.two_towns import TwoTowns
from tests.support.who_may import OUTSIDE, PEOPLE

OPENS = {
    "/": "lA dA cA nA oA lB dB cB hB",
    "/work": "wA lA cA pA oA wB tB lB cB",
    "/me": "rA wA lA dA cA nA pA oA rB wB tB lB dB cB hB xB AU SE SY",
    "/admin": "SE SY",
    "/audit": "AU",
    "/receivers": "SY",
    "/roster": "lA dA cA lB dB cB hB",
    "/quality": "lA dA cA nA lB dB cB hB",
    "/figures": "lA dA cA nA pA lB dB cB hB",
    "/sign-in": " ".join(PEOPLE),
    "/receipt": " ".join(PEOPLE),
    "/docs": " ".join(PEOPLE),
    "/openapi.json": " ".join(PEOPLE),
    "/static/tokens.css": " ".join(PEOPLE),
}
"""Page: who is shown it; everybody else is sent on to another."""
EAST_OF_B = "118.3371828"
WALLS_OF_B = ("lB", "dB", "cB", "hB")


def signed(towns: TwoTowns, person: str) -> dict[str, str]:
    name = PEOPLE[person]
    return {} if name is None else bearing(towns.tokens[name])


async def test_pages_carry_nothing_of_another_community(towns: TwoTowns, server: Listening) -> None:
    cells = controls = 0
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        for page, people in OPENS.items():
            for person in PEOPLE:
                answer = await client.get(page, headers=signed(towns, person))
                shown = read(answer, answer.content)
                cells += 1
                assert shown.status == (200 if person in people.split() else 303), (page, person)
                if page == "/" and person in WALLS_OF_B:
                    controls += EAST_OF_B in shown.text
                allowed = {EAST_OF_B} if person not in OUTSIDE else set()
                assert shown.marked(towns.foreign - allowed) == [], (page, person)
    print(f"\n{cells} pages looked at, {controls} walls show where B lies to B's people, 0 leaks")
    assert controls == len(WALLS_OF_B)
    assert cells == len(OPENS) * len(PEOPLE)


@pytest.fixture
async def client(server: Listening) -> Any:
    """Lend a plain client."""
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as lent:
        yield lent


async def test_a_key_is_one_s_own(towns: TwoTowns, client: httpx2.AsyncClient) -> None:
    key = {"Idempotency-Key": "one-key"}
    close = f"/api/incidents/{towns.ids['incident B handled']}/close"
    accept = f"/api/tasks/{towns.ids['task B to answer offered']}/accept"
    for path, body, whose, others in (
        (close, {"disposition": "resolved"}, "dB", "dA cA hB"),
        (accept, {}, "tB", "wA lA wB lB"),
    ):
        first = await client.post(path, json=body, headers=signed(towns, whose) | key)
        assert first.status_code == 200
        assert towns.ids["incident B handled" if whose == "dB" else "task B to answer offered"].hex in (
            first.text.replace("-", "")
        )
        for person in others.split():
            answer = await client.post(path, json=body, headers=signed(towns, person) | key)
            assert answer.status_code == 404, person
            assert "idempotency-replayed" not in answer.headers
            assert read(answer, answer.content).marked(towns.foreign - {path.split("/")[3]}) == []
        again = await client.post(path, json=body, headers=signed(towns, whose) | key)
        assert (again.text, again.headers["idempotency-replayed"]) == (first.text, "true")


async def test_a_key_that_somebody_of_b_has_used_opens_none_of_the_answers(
    towns: TwoTowns, client: httpx2.AsyncClient
) -> None:
    body = {"lng": 118.305, "lat": 27.005, "datum": "wgs84", "category": "noise", "description": "x"}
    for person in ("rA", "cA", "lA"):
        answer = await client.post(
            "/api/incidents", json=body, headers=signed(towns, person) | {"Idempotency-Key": "key7"}
        )
        assert answer.status_code == 201
        assert read(answer, answer.content).marked(towns.foreign) == []
    theirs = await client.post("/api/incidents", json=body, headers=signed(towns, "dB") | {"Idempotency-Key": "key7"})
    assert theirs.json()["code"] == "idempotency_key_reused"


async def test_a_tile_that_one_keeps_is_no_answer_for_another(towns: TwoTowns, client: httpx2.AsyncClient) -> None:
    for layer, z, whose in (("grids", 17, "dB"), ("areas", 14, "dB"), ("households", 17, "cB")):
        x, y = tile_of(z, *towns.at("B", 27.0061))
        path = f"/tiles/{layer}/{z}/{x}/{y}"
        drawn = await client.get(path, headers=signed(towns, whose))
        assert drawn.status_code == 200
        assert read(drawn, drawn.content).marked(towns.foreign)
        assert {"authorization", "cookie"} <= set(drawn.headers["vary"].replace(",", " ").lower().split())
        assert "private" in drawn.headers["cache-control"]
        kept = {"If-None-Match": drawn.headers["etag"]}
        assert (await client.get(path, headers=signed(towns, whose) | kept)).status_code == 304
        for person in OUTSIDE - {"N"}:
            answer = await client.get(path, headers=signed(towns, person) | kept)
            assert answer.status_code in (200, 204), (layer, person)
            assert read(answer, answer.content).marked(towns.foreign) == [], (layer, person)
        assert (await client.get(path, headers=kept)).status_code == 401


async def test_a_token_that_was_never_issued_is_told_from_one_of_b_by_nothing(
    towns: TwoTowns, client: httpx2.AsyncClient
) -> None:
    await towns.place.run("UPDATE access_token SET revoked_at = now() WHERE id = :id", id=towns.ids["token spare B"])
    told = [
        read(answer, answer.content).like(())
        for token in (towns.tokens["spare B"], f"{uuid4().hex}{uuid4().hex}"[:43])
        for answer in [await client.get("/api/me", headers=bearing(token))]
    ]
    assert told[0] == told[1]
    assert told[0][0] == 401


async def test_what_is_counted_is_what_one_sees(towns: TwoTowns, client: httpx2.AsyncClient) -> None:
    counted = {}
    for person in ["lA", "dA", "cA", "nA", "oA", "lB", "dB", "cB", "hB"]:
        board = (await client.get("/api/board", headers=signed(towns, person))).json()
        figures = board["figures"]
        assert figures["open"] == len(board["incidents"]) > 0, person
        assert sum(grid["open"] for grid in board["grids"]) <= len(board["incidents"]), person
        assert figures["on_duty"] == (len(board["workers"]) or None), person
        counted[person] = figures["open"], figures["last_closed_at"] is not None
    assert counted["oA"] == counted["hB"] == (1, False), "one matter of health in either, none of it closed"
    assert counted["dA"] == counted["dB"] == (11, True)
