"""What the robots of chats are sent: by Apprise's own senders, which are led to a receiver of ours."""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from api.errand import Errand
from api.outgoing_guard import Allowed, Guard
from api.senders import READ_AT_MOST, run
from data.receivers import ReceiverKind
from dispatch.addresses import way_to
from tests.support.sink import Answering, Sink, sink, well

ADDRESSES = {
    ReceiverKind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f1e2d3c-4b5a",
    ReceiverKind.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=abc123",
    ReceiverKind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/0f1e-2d3c",
}
PLUGINS = {
    ReceiverKind.WECOM: (NotifyWeComBot, "/wecom?key={key}"),
    ReceiverKind.DINGTALK: (NotifyDingTalk, "/dingtalk?access_token={token}"),
    ReceiverKind.FEISHU: (NotifyFeishu, "/feishu/{token}"),
}
TITLE, TEXT = "【网格】路灯：已派单", "紧急 · 古田网格\n查看：/"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lend what tells a robot of a kind, led to a sink, and returns the code and the sink."""

    def tell(
        kind: ReceiverKind, secret: str | None = None, answering: Answering = well, allowed: str = "127.0.0.1"
    ) -> tuple[str | None, Sink]:
        plugin, path = PLUGINS[kind]
        way = asdict(way_to(kind, ADDRESSES[kind], secret))
        guard = Guard(Allowed.read(allowed))
        with sink(answering) as there:
            monkeypatch.setattr(plugin, "notify_url", f"http://127.0.0.1:{there.port}{path}")
            with guard.in_force():
                return run(Errand(kind, way, secret, TITLE, TEXT, "{}", "7", 0), guard), there

    return tell


def test_wecom_gets_title_and_text_in_one_message(told: Any) -> None:
    code, there = told(ReceiverKind.WECOM)
    assert code is None
    [got] = there.got
    assert got.path == "/wecom?key=0f1e2d3c-4b5a"
    body = json.loads(got.body)
    assert body["msgtype"] == "text"
    assert body["text"]["content"].split() == [TITLE, *TEXT.split()]


def test_feishu_gets_title_and_text_in_one_message(told: Any) -> None:
    code, there = told(ReceiverKind.FEISHU)
    assert code is None
    [got] = there.got
    assert got.path == "/feishu/0f1e-2d3c"
    body = json.loads(got.body)
    assert body["msg_type"] == "text"
    assert body["content"]["text"].split() == [TITLE, *TEXT.split()]


def test_dingtalk_is_signed_with_the_robot_s_secret(told: Any) -> None:
    code, there = told(ReceiverKind.DINGTALK, "SECabc")
    assert code is None
    [got] = there.got
    asked = parse_qs(urlsplit(got.path).query)
    said = f"{asked['timestamp'][0]}\nSECabc".encode()
    wanted = base64.b64encode(hmac.new(b"SECabc", said, hashlib.sha256).digest()).decode()
    assert (asked["access_token"], asked["sign"][0].replace("%2B", "+")) in [
        (["abc123"], wanted),
        (["abc123"], wanted.replace("/", "%2F").replace("=", "%3D")),
    ]
    assert json.loads(got.body)["at"] == {"atMobiles": [], "isAtAll": False}


@pytest.mark.parametrize("kind", PLUGINS)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, {}, b'{"errcode":0,"errmsg":"ok"}'), None),
        ((200, {}, b'{"code":0,"msg":"success"}'), None),
        ((200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url"}'), "refused_by_receiver"),
        ((200, {}, b'{"code":19024,"msg":"Key Words Not Found"}'), "refused_by_receiver"),
        ((200, {}, b"<html>"), None),
        ((500, {}, b""), "http_500"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "redirected"),
        ((200, {}, b"[" * (2 * READ_AT_MOST)), None),
    ],
)
def test_a_robot_s_answer_becomes_a_code(told: Any, kind: ReceiverKind, answer: Any, code: str | None) -> None:
    assert told(kind, answering=lambda _: answer)[0] == code


@pytest.mark.parametrize("kind", PLUGINS)
def test_a_robot_s_host_that_leads_into_the_own_network_is_not_connected_to(told: Any, kind: ReceiverKind) -> None:
    code, there = told(kind, allowed="")
    assert (code, there.opened) == ("refused_address", 0)
