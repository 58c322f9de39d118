"""Receivers through the door: who may have them, what is refused, what is never shown, and what is noted."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from api.settings import Settings
from tests.support.client import Client, bearing, serving
from tests.support.place import Place
from tests.support.receivers import Notices
from tests.support.sink import sink

PUBLIC = "https://8.8.8.8/hook?room=7"
KEY = "a-key-of-the-town-s-own"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=secret-robot-key"


@pytest.fixture
async def notices(place: Place, client: Client) -> Notices:
    await place.add_block(1, 1)
    return await Notices.of(place, client)


@pytest.fixture
async def at_home(place: Place, settings: Settings) -> AsyncIterator[Notices]:
    """Lend a town whose own network is this machine."""
    await place.add_block(1, 1)
    own = settings.model_copy(update={"outgoing_private": "127.0.0.1"})
    async with serving(own, await place.token("dispatcher")) as client:
        yield await Notices.of(place, client)


def told(answer: Any) -> tuple[int, str | None, str | None]:
    return answer.status_code, answer.json().get("code"), answer.json().get("hint")


async def test_a_program_gets_a_key_that_is_shown_once(notices: Notices) -> None:
    made = await notices.add(PUBLIC)
    assert made.status_code == 201
    assert made.json().keys() == {"id", "secret"}
    assert len(made.json()["secret"]) >= 40
    [row] = await notices.rows()
    assert row["id"] == made.json()["id"]
    assert (row["host"], row["kind"], row["label"], row["events"]) == ("8.8.8.8", "webhook", "程序", ["reported"])
    assert (row["waiting"], row["delivered"], row["given_up"], row["paused_at"]) == (0, 0, 0, None)


async def test_repeated_under_its_key_it_is_added_once_and_its_key_not_shown_again(notices: Notices) -> None:
    body = {"kind": "webhook", "label": "程序", "address": PUBLIC, "events": ["reported"]}
    headers = notices.headers | {"Idempotency-Key": "once"}
    first, second = [await notices.client.post("/api/receivers", json=body, headers=headers) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["secret"] is None
    assert len(await notices.rows()) == 1


async def test_address_and_secret_are_in_no_answer_and_not_in_the_audit(notices: Notices) -> None:
    id_ = (await notices.add(WECOM, kind="wecom")).json()["id"]
    other = (await notices.add(PUBLIC, secret=KEY)).json()["id"]
    await notices.place.run(
        """INSERT INTO delivery (receiver_id, incident_id, event, made_at, due_at)
        SELECT :id, id, 'reported', now(), now() FROM incident""",
        id=other,
    )
    answers = [
        await notices.ask("GET", "/receivers"),
        await notices.ask("PATCH", f"/receivers/{id_}", json={"label": "值班群"}),
        await notices.ask("GET", f"/receivers/{other}/deliveries"),
        await notices.ask("DELETE", f"/receivers/{id_}"),
    ]
    audit = str(await notices.place.run("SELECT * FROM audit"))
    for text in (*(answer.text for answer in answers), audit):
        assert "secret-robot-key" not in text
        assert KEY not in text
        assert "room=7" not in text


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f000001", "127.1", "0.0.0.0"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::]", "[::ffff:7f00:1]"),
    ],
)
async def test_however_this_machine_is_written_it_is_refused_and_nothing_is_opened(
    notices: Notices, host: str
) -> None:
    with sink() as here:
        assert told(await notices.add(f"http://{host}:{here.port}/")) == (422, "address_refused", "not_public")
        mail = f"mailto://{host}:{here.port}?to=a@b.example&from=a@b.example"
        assert told(await notices.add(mail, kind="mail")) == (422, "address_refused", "not_public")
        assert here.opened == 0
    assert await notices.rows() == []


@pytest.mark.parametrize(
    "address",
    [
        *("http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data"),
        *(
            "http://100.64.0.1/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://224.0.0.1/",
            "http://[64:ff9b::a00:1]/",
        ),
    ],
)
async def test_addresses_of_own_networks_are_refused(notices: Notices, address: str) -> None:
    assert told(await notices.add(address)) == (422, "address_refused", "not_public")


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("http://user@127.0.0.1:80/", "password_in_address"),
        ("http://8.8.8.8@127.0.0.1/", "password_in_address"),
        ("http://127.0.0.1\\@8.8.8.8/", "malformed"),
        ("file:///etc/passwd", "malformed"),
        ("javascript:alert(1)", "malformed"),
        ("//8.8.8.8/", "malformed"),
        ("https://8.8.8.8/\u0000", None),
        ("", None),
    ],
)
async def test_what_is_no_plain_address_is_refused(notices: Notices, address: str, hint: str | None) -> None:
    answer = await notices.add(address)
    assert told(answer) == (422, "address_refused" if hint else "invalid_request", hint)
    assert "127.0.0.1" not in answer.text


async def test_a_name_that_is_not_known_today_is_taken_and_the_try_says_so(notices: Notices) -> None:
    made = (await notices.add("https://no-such-name.invalid/")).json()
    tried = await notices.ask("POST", f"/receivers/{made['id']}/test")
    assert tried.json() == {"trouble": "unresolved"}


async def test_one_that_was_written_past_the_door_is_refused_when_it_is_told(notices: Notices) -> None:
    id_ = (await notices.add(PUBLIC)).json()["id"]
    with sink() as here:
        await notices.place.run("UPDATE receiver SET address = :url", url=here.url)
        assert (await notices.ask("POST", f"/receivers/{id_}/test")).json() == {"trouble": "refused_address"}
        assert here.opened == 0


async def test_a_town_s_own_host_is_taken_tried_and_noted(at_home: Notices) -> None:
    with sink() as there:
        id_ = (await at_home.add(there.url, secret=KEY)).json()["id"]
        assert there.opened == 0, "adding opens nothing"
        assert (await at_home.ask("POST", f"/receivers/{id_}/test")).json() == {"trouble": None}
        assert [got.headers["Wangge-Delivery"] for got in there.got] == ["test"]
    notes = await at_home.place.run("SELECT action, subject FROM audit ORDER BY id")
    assert [tuple(note) for note in notes] == [
        (f"receiver_{what}", f"receiver:{id_}") for what in ("added", "tested")
    ]


async def test_a_receiver_is_changed_paused_and_taken_away_and_each_is_noted(notices: Notices) -> None:
    path = f"/receivers/{(await notices.add(PUBLIC)).json()['id']}"
    changed = await notices.ask("PATCH", path, json={"label": "夜班", "events": ["closed", "closed"], "lang": "en"})
    assert (changed.json()["label"], changed.json()["events"], changed.json()["lang"]) == ("夜班", ["closed"], "en")
    paused = (await notices.ask("PATCH", path, json={"paused": True})).json()["paused_at"]
    assert paused is not None
    assert (await notices.ask("PATCH", path, json={"paused": True})).json()["paused_at"] == paused
    assert (await notices.ask("PATCH", path, json={"paused": False})).json()["paused_at"] is None
    assert (await notices.ask("PATCH", path, json={"address": PUBLIC})).status_code == 422
    assert (await notices.ask("DELETE", path)).status_code == 200
    assert told(await notices.ask("DELETE", path))[:2] == (404, "unknown_receiver")
    notes = await notices.place.run("SELECT action, facts FROM audit WHERE result = 'done' ORDER BY id")
    assert [note.action for note in notes] == ["receiver_added", *["receiver_changed"] * 4, "receiver_removed"]
    assert notes[1].facts == {"changed": ["events", "label", "lang"]}
    assert notes[2].facts == {"changed": ["paused"], "paused": True}


async def test_what_is_named_must_be_there(notices: Notices) -> None:
    assert told(await notices.add(PUBLIC, area="C9"))[:2] == (422, "unknown_area")
    assert told(await notices.add(PUBLIC, layer="moon"))[:2] == (422, "unknown_layer")
    assert told(await notices.add(PUBLIC, events=["danced"]))[:2] == (422, "invalid_request")
    assert told(await notices.add(PUBLIC, events=[]))[:2] == (422, "invalid_request")
    for method, what in (("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
        body = {"json": {"paused": True}} if method == "PATCH" else {}
        answer = await notices.ask(method, f"/receivers/{uuid4()}{what}", **body)
        assert told(answer)[:2] == (404, "unknown_receiver"), (method, what)
    for delivery in (7, 0, (1 << 63) - 1):
        assert told(await notices.ask("POST", f"/deliveries/{delivery}/retry"))[:2] == (404, "unknown_delivery")
    assert (await notices.ask("POST", f"/deliveries/{1 << 63}/retry")).status_code == 422
    assert (await notices.ask("POST", "/deliveries/-1/retry")).status_code == 422


async def test_an_area_and_a_layer_are_listed_by_their_codes(notices: Notices) -> None:
    made = await notices.add(PUBLIC, area="C1", layer="health")
    assert made.status_code == 201
    [row] = await notices.rows()
    assert (row["area"], row["layer"]) == ("C1", "health")
    assert [one["code"] for one in (await notices.ask("GET", "/receivers")).json()["layers"]] == [
        "governance",
        "health",
    ]


async def test_there_are_not_more_receivers_than_each_event_can_look_at(notices: Notices) -> None:
    await notices.add(PUBLIC)
    await notices.place.run(
        """INSERT INTO receiver (id, kind, label, address, host, events, made_at)
        SELECT gen_random_uuid(), kind, label, address, host, events, made_at FROM receiver, generate_series(1, 99)"""
    )
    assert told(await notices.add(PUBLIC))[:2] == (409, "too_many_receivers")


async def test_only_who_manages_notices_for_the_town_has_anything_to_do_with_them(notices: Notices) -> None:
    id_ = (await notices.add(PUBLIC)).json()["id"]
    for role in ("dispatcher", "duty_chief", "security_admin", "auditor", "resident"):
        other = Notices(notices.place, notices.client, bearing(await notices.place.token(role)))
        answers = [
            await other.ask("GET", "/receivers"),
            await other.add(PUBLIC),
            await other.ask("PATCH", f"/receivers/{id_}", json={"paused": True}),
            await other.ask("DELETE", f"/receivers/{id_}"),
            await other.ask("POST", f"/receivers/{id_}/test"),
            await other.ask("GET", f"/receivers/{id_}/deliveries"),
            await other.ask("POST", "/deliveries/1/retry"),
        ]
        assert {answer.status_code for answer in answers} == {403}, role
