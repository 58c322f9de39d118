"""Is it one of these? Found as brute force finds it; told only as far as one may know; merged by nobody but a person."""

import asyncio
import json
import random
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import text

from data.near import Wanted
from data.person import anybody_with
from data.rights import Permission
from data.schema import new_id
from data.store import Store
from data.tokens import TokenKind, rights_for
from dispatch.likeness import LIKE_WORDS, NEAR_M, OFFERED
from geo.nearest import metres
from geo.point import Point
from tests.support.client import bearing
from tests.support.hand import Hand
from tests.support.place import Place, middle

WORDS = (
    "楼下水管爆裂，水流满地",
    "水管爆了，满地是水",
    "路灯不亮",
    "路灯坏了三天 不亮",
    "垃圾没人收 气味很大",
    "pipe burst",
    "the pipe has burst",
)


def trigrams(said: str) -> set[str]:
    """Cut a text as pg_trgm says it does: words of letters and digits, lower case, two blanks before and one after."""
    words = "".join(letter.lower() if letter.isalnum() else " " for letter in said).split()
    return {f"  {word} "[at : at + 3] for word in words for at in range(len(word) + 1)}


def likeness(one: str, other: str) -> float:
    ours, theirs = trigrams(one), trigrams(other)
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


async def test_pg_trgm_compares_chinese_by_the_letters_it_has_in_common(place: Place) -> None:
    for one in WORDS:
        for other in WORDS:
            [[found]] = await place.run("SELECT similarity(:one, :other)", one=one, other=other)
            assert abs(found - likeness(one, other)) < 1e-6, (one, other)
    assert likeness(WORDS[2], WORDS[3]) > 0 < likeness(WORDS[0], WORDS[1])


MANY = """
    INSERT INTO incident (id, category, layer, urgency, status, description, point, cell, given_lng, given_lat, given_datum,
        reporter, reported_at, filed_at, deadline_at, disposition, closed_at)
    SELECT i.id, i.category, 'governance', 'ordinary', i.status, i.words, st_setsrid(st_makepoint(i.lng, i.lat), 4326), 0,
        i.lng, i.lat, 'wgs84', 'account:x', now() - make_interval(hours => i.hours), now(), now(),
        CASE WHEN i.status = 'closed' THEN 'resolved' END, CASE WHEN i.status = 'closed' THEN now() END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS i (
        id uuid, category text, status text, words text, lng float8, lat float8, hours int)
"""


async def test_what_is_near_is_found_as_by_looking_at_every_row(place: Place, store: Store) -> None:
    drawn = random.Random(8)
    await place.add_block(1, 1)
    await place.add_category("lamp")
    await place.add_category("noise")
    here = Point(*middle(0, 0))
    rows: list[dict[str, Any]] = [
        {
            "id": str(new_id()),
            "category": drawn.choice(("lamp", "lamp", "noise")),
            "status": drawn.choice(("filed", "handling", "handled", "closed")),
            "words": drawn.choice(WORDS),
            "lng": here.lng + drawn.uniform(-0.004, 0.004),
            "lat": here.lat + drawn.uniform(-0.004, 0.004),
            "hours": drawn.choice((1, 100, 400)),
        }
        for _ in range(400)
    ]
    await place.run(MANY, rows=json.dumps(rows))
    away = metres(here, np.array([row["lng"] for row in rows]), np.array([row["lat"] for row in rows]))
    wanted = [
        (likeness(row["words"], WORDS[2]) < LIKE_WORDS, far, row["id"])
        for row, far in zip(rows, away.tolist(), strict=True)
        if row["category"] == "lamp" and row["status"] != "closed" and row["hours"] <= 312 and far <= NEAR_M
    ]
    async with store.reader(anybody_with(rights_for(Permission.INCIDENT_VIEW))) as reader:
        since = await reader.board.now() - timedelta(hours=312)
        for most in (OFFERED, 1000):
            look = Wanted(here, "lamp", WORDS[2], NEAR_M, since, LIKE_WORDS, most)
            found = [str(one.id) for one in await reader.near.alike(look)]
            assert found == [id_ for _, _, id_ in sorted(wanted)][:most]
    assert len(wanted) > 30


async def test_the_spatial_index_is_asked_and_never_every_row(place: Place, store: Store) -> None:
    await place.add_category("lamp")
    rows = [
        {"id": str(new_id()), "category": "lamp", "status": "filed", "words": "x", "hours": 1}
        | {"lng": 118.3 + number % 70 / 700, "lat": 27 + number // 70 / 700}
        for number in range(4_900)
    ]
    await place.run(MANY, rows=json.dumps(rows))
    await place.run("ANALYZE incident")
    async with store.reader(anybody_with(rights_for(Permission.INCIDENT_VIEW))) as reader:
        since = await reader.board.now() - timedelta(hours=2)
        look = Wanted(Point(118.35, 27.05), "lamp", "x", NEAR_M, since, LIKE_WORDS, OFFERED)
        assert len(await reader.near.alike(look)) == OFFERED
        scans = text("SELECT seq_scan, idx_scan > 0 FROM pg_stat_xact_user_tables WHERE relname = 'incident'")
        assert tuple((await reader.connection.execute(scans)).one()) == (0, True)


async def asked(
    hand: Hand, who: str, category: str = "lamp", at: tuple[float, float] = middle(0, 0), **given: Any
) -> Any:
    body = {"lng": at[0], "lat": at[1], "datum": "wgs84", "category": category, "description": "路灯不亮"} | given
    answer = await hand.client.post("/api/incidents/near", json=body, headers=bearing(hand.tokens[who]))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def ready(hand: Hand) -> None:
    """Open, with two residents; of lamps anybody may know, of noise not."""
    for name in ("resident", "resident 2"):
        account = await hand.place.add_account(("resident", None))
        hand.tokens[name] = await hand.place.token_of(account, TokenKind.SESSION)
    await hand.place.run("UPDATE category SET shared = code = 'lamp'")
    await hand.open()


async def test_a_stranger_learns_that_it_is_known_and_nothing_else(hand: Hand) -> None:
    await ready(hand)
    told = (await hand.client.report("lamp", token=hand.tokens["resident"], address="学院路99号")).json()
    [known] = await asked(hand, "resident 2", at=(middle(0, 0)[0] + 0.0004, middle(0, 0)[1]))
    assert (known.pop("id"), known.pop("reported_at")[:2]) == (told["id"], "20")
    assert known == {"metres": 40, "status": "dispatched", "followers": 0, "likeness": None}
    [own] = await asked(hand, "resident")
    assert (own["description"], own["address"], own["likeness"]) == ("路灯不亮", "学院路99号", 1.0)
    [seen] = await asked(hand, "dispatcher")
    assert (seen["description"], seen["metres"]) == ("路灯不亮", 0)


async def test_of_what_does_not_lie_in_public_no_stranger_is_told(hand: Hand) -> None:
    await ready(hand)
    told = (await hand.client.report("noise", token=hand.tokens["resident"])).json()
    assert await asked(hand, "resident 2", "noise") == []
    for id_ in (told["id"], str(new_id())):
        answer = await hand.client.post(f"/api/incidents/{id_}/follow", headers=bearing(hand.tokens["resident 2"]))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_incident")
    assert len(await asked(hand, "resident", "noise")) == len(await asked(hand, "dispatcher", "noise")) == 1
    nobody = await hand.client.post("/api/incidents/near", json={}, headers={"authorization": ""})
    assert nobody.status_code == 401


async def followed(hand: Hand, incident: str, who: str) -> Any:
    return await hand.client.post(f"/api/incidents/{incident}/follow", headers=bearing(hand.tokens[who]))


async def test_who_follows_is_told_and_counted_once_however_often(hand: Hand) -> None:
    await ready(hand)
    incident = (await hand.client.report("lamp", token=hand.tokens["resident"])).json()["id"]
    first, second = [(await followed(hand, incident, "resident 2")).json()["receipt"] for _ in range(2)]
    assert first != second
    [known] = await asked(hand, "resident")
    assert known["followers"] == (await hand.staff.row(incident))["followers"] == 1
    codes = [
        (await hand.client.post("/api/receipts/look", json={"code": code})).status_code for code in (first, second)
    ]
    assert codes == [404, 200], "a second code takes the place of the first"
    assert (await followed(hand, incident, "dispatcher")).status_code == 201
    assert (await followed(hand, incident, "dispatcher")).status_code == 201
    assert (await hand.staff.row(incident))["followers"] == 3, "the centre does it for others"


async def test_nothing_ended_is_followed_but_one_s_own(hand: Hand) -> None:
    await ready(hand)
    incident = (await hand.client.report("lamp", token=hand.tokens["resident"])).json()["id"]
    await hand.does(incident, "void", reason="x")
    assert await asked(hand, "resident 2") == []
    refused = (await followed(hand, incident, "resident 2")).json()
    assert (refused["code"], refused["stands"]) == ("not_followable", "void")
    assert (await followed(hand, incident, "resident")).status_code == 201


async def test_the_centre_sees_both_texts_and_merges_by_hand(hand: Hand) -> None:
    await ready(hand)
    first = (await hand.client.report("lamp", token=hand.tokens["resident"], description="路灯坏了三天 不亮")).json()[
        "id"
    ]
    second = (await hand.client.report("lamp", token=hand.tokens["resident 2"])).json()["id"]
    for one, other in ((first, second), (second, first)):
        [same] = (await hand.client.get(f"/api/incidents/{one}/near")).json()["items"]
        assert (same["id"], same["minutes"], same["metres"]) == (other, 0, 0)
        assert same["description"] == (await hand.staff.row(other))["description"]
    assert {await hand.stands(first), await hand.stands(second)} == {"dispatched"}, "never silently"
    await hand.does(second, "merge", original=first)
    assert (await hand.client.get(f"/api/incidents/{first}/near")).json()["items"] == []
    hidden = await hand.client.get(f"/api/incidents/{first}/near", headers=bearing(hand.tokens["resident"]))
    assert hidden.status_code == 403


async def test_who_follows_while_it_is_merged_is_told_of_the_one_that_goes_on(hand: Hand) -> None:
    await ready(hand)
    first = (await hand.client.report("lamp", token=hand.tokens["resident"])).json()["id"]
    second = (await hand.client.report("lamp", token=hand.tokens["resident"])).json()["id"]
    answer, merged = await asyncio.gather(
        followed(hand, second, "resident 2"), hand.act(second, "merge", original=first)
    )
    assert (answer.status_code, merged.status_code) == (201, 200)
    told = (await hand.client.post("/api/receipts/look", json={"code": answer.json()["receipt"]})).json()
    assert told["status"] == "dispatched"
    assert (await hand.staff.row(first))["followers"] >= 1
    assert (await asked(hand, "resident"))[0]["followers"] == 2
