"""Errands by the messenger, a process of its own, to receivers on real sockets."""

import asyncio
import hashlib
import hmac
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from email import message_from_string
from email.header import decode_header
from typing import Any

import pytest

from api import outgoing as outgoing_module
from api.errand import Errand
from api.outgoing import Outgoing
from data.receivers import ReceiverKind
from dispatch.addresses import way_to
from tests.support.sink import black_hole, mail_server, sink

KEY = "a key of the town's own"
HERE = "127.0.0.1"


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    lent = Outgoing(HERE)
    yield lent
    await lent.close()


def errand(address: str, kind: ReceiverKind = ReceiverKind.WEBHOOK, **given: Any) -> Errand:
    whole = {
        "secret": None,
        "title": "【网格】路灯：已派单",
        "text": "紧急 · 古田网格\n查看：/",
        "body": json.dumps({"event": "offered", "name": "路灯"}, ensure_ascii=False),
        "delivery": "42",
        "at": 1_700_000_000,
    }
    return Errand(kind=kind, way=asdict(way_to(kind, address)), **whole | given)


async def test_a_program_gets_the_body_once_signed_over_its_bytes_and_time(outgoing: Outgoing) -> None:
    with sink() as there:
        assert await outgoing.send(errand(there.url, secret=KEY)) is None
    [got] = there.got
    assert got.path == "/hook?room=7"
    assert json.loads(got.body) == {"event": "offered", "name": "路灯"}
    assert got.headers["Wangge-Delivery"] == "42"
    stamp, _, signed = got.headers["Wangge-Signature"].partition(",v1=")
    wanted = hmac.new(KEY.encode(), stamp.removeprefix("t=").encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert (stamp, signed) == ("t=1700000000", wanted)


async def test_without_a_key_nothing_is_signed(outgoing: Outgoing) -> None:
    with sink() as there:
        await outgoing.send(errand(there.url))
    assert "Wangge-Signature" not in there.got[0].headers


@pytest.mark.parametrize(("status", "code"), [(204, None), (404, "http_404"), (500, "http_500"), (302, "redirected")])
async def test_an_answer_becomes_a_code(outgoing: Outgoing, status: int, code: str | None) -> None:
    with sink() as elsewhere, sink(lambda _: (status, {"Location": elsewhere.url}, b"")) as there:
        assert await outgoing.send(errand(there.url)) == code
        assert elsewhere.opened == 0, "nothing is followed"


async def test_nothing_is_opened_to_a_private_address_that_is_not_the_town_s_own(outgoing: Outgoing) -> None:
    stranger = Outgoing("10.9.9.9")
    with sink() as there:
        for host in ("127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"):
            address = f"http://{host}:{there.port}/"
            assert await stranger.look_up(errand(address)) == "refused_address"
            assert await stranger.send(errand(address)) == "refused_address"
            mail = errand(f"mailto://{host}:{there.port}?to=a@b.example&from=a@b.example", ReceiverKind.MAIL)
            assert await stranger.send(mail) == "refused_address"
        assert there.opened == 0
    await stranger.close()


async def test_looking_up_opens_no_connection(outgoing: Outgoing) -> None:
    with sink() as there:
        assert await outgoing.look_up(errand(there.url)) is None
        assert there.opened == 0


async def test_what_nobody_listens_at_or_is_no_tls_is_said(outgoing: Outgoing) -> None:
    with sink() as there:
        tls = there.url.replace("http:", "https:")
        assert await outgoing.send(errand(tls)) == "tls"
        starttls = f"mailtos://{HERE}:{there.port}?to=a@b.example&from=a@b.example"
    assert await outgoing.send(errand(there.url)) == "no_connection"
    assert await outgoing.send(errand(starttls, ReceiverKind.MAIL)) == "no_connection"
    assert await outgoing.send(errand("http://no-such-name.invalid/")) == "unresolved"


async def test_a_black_hole_ends_by_the_clock_and_holds_nobody_up(
    outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing_module, "ERRAND_S", 1.5)
    with black_hole() as hole, sink() as there:
        await outgoing.send(errand(there.url))
        began = time.monotonic()
        lost = [asyncio.create_task(outgoing.send(errand(hole.url))) for _ in range(20)]
        await asyncio.sleep(0.1)
        for _ in range(10):
            assert await outgoing.send(errand(there.url)) is None
        assert time.monotonic() - began < 1.0
        assert await asyncio.gather(*lost) == ["timeout"] * 20
        assert 1.4 < time.monotonic() - began < 3.0
        assert hole.opened == 20


async def test_an_answer_without_end_is_cut_off(outgoing: Outgoing) -> None:
    with sink(lambda _: (200, {}, b"x" * 50_000_000)) as there:
        began = time.monotonic()
        assert await outgoing.send(errand(there.url)) is None
        assert time.monotonic() - began < 2.0


async def test_a_messenger_that_died_is_begun_anew(outgoing: Outgoing) -> None:
    with black_hole() as hole, sink() as there:
        lost = asyncio.create_task(outgoing.send(errand(hole.url)))
        await asyncio.sleep(0.5)
        assert outgoing._messenger is not None
        os.kill(outgoing._messenger.pid, signal.SIGKILL)
        assert await lost == "unknown"
        assert await outgoing.send(errand(there.url)) is None


async def test_mail_is_handed_in_as_plain_text_for_each_recipient(outgoing: Outgoing) -> None:
    with mail_server() as (there, lines):
        address = f"mailto://{HERE}:{there.port}?to=a@town.example,b@town.example&from=grid@town.example"
        assert await outgoing.send(errand(address, ReceiverKind.MAIL)) is None
    assert [line for line in lines if line.startswith("rcpt")] == [
        "rcpt TO:<a@town.example>",
        "rcpt TO:<b@town.example>",
    ]
    begins = lines.index("data") + 1
    mail = message_from_string("\n".join(lines[begins : lines.index("mail FROM:<grid@town.example>", begins)]))
    assert mail.get_content_type() == "text/plain"
    [(subject, charset)] = decode_header(mail["Subject"])
    assert subject.decode(charset) == "【网格】路灯：已派单"
    assert "紧急 · 古田网格" in mail.get_payload(decode=True).decode()
    assert not [line for line in lines if os.uname().nodename in line], "the machine's name stays at home"


async def test_a_mail_server_that_refuses_is_told_by_its_code(outgoing: Outgoing) -> None:
    with mail_server("RCPT") as (there, _):
        address = f"mailto://{HERE}:{there.port}?to=a@town.example&from=grid@town.example"
        assert await outgoing.send(errand(address, ReceiverKind.MAIL)) == "smtp_550"
