"""What a notice says, and what it never says; when it is tried again; how addresses are read."""

import json
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from data.incidents import Status
from data.receivers import ReceiverKind
from dispatch.addresses import Hook, Mailbox, Robot, way_to
from dispatch.errors import AddressRefusedError
from dispatch.notices import (
    PATIENCE,
    TRIES,
    Event,
    Happening,
    notice,
    told_to_programs,
    wait_after,
)

ID = UUID("01890000-0000-7000-8000-000000000001")
SHANGHAI = ZoneInfo("Asia/Shanghai")
HAPPENING = Happening(
    event="offered",
    at=datetime(2026, 3, 4, 2, 22, tzinfo=UTC),
    incident_id=ID,
    category="lamp",
    category_name="路灯不亮",
    category_name_en="Street lamp out",
    urgency="urgent",
    status="dispatched",
    area="G00",
    area_name="古田网格",
    deadline_at=datetime(2026, 3, 4, 16, 0, tzinfo=UTC),
    status_from="filed",
    slot="lead",
    attempt=2,
)


def texts(lang: str) -> dict[str, str]:
    file = {"zh": "zh_Hans.json", "en": "en.json"}[lang]
    read: dict[str, str] = json.loads(resources.files("api").joinpath("locale", file).read_text(encoding="utf-8"))
    return read


def test_a_notice_says_what_where_when_and_leads_there_in_chinese() -> None:
    said = notice(HAPPENING, texts("zh"), "zh", SHANGHAI, "https://grid.example/")
    assert said.title == "【网格】路灯不亮：已派单"
    assert said.text.splitlines() == [
        "紧急 · 古田网格",
        "当前步骤：派遣；办结时限：2026-03-05 00:00",
        "第 2 次派单",
        "时间：2026-03-04 10:22",
        f"查看：https://grid.example/?incident={ID}",
    ]


def test_and_in_english_and_without_an_address_of_ours_by_path() -> None:
    said = notice(HAPPENING, texts("en"), "en", ZoneInfo("UTC"))
    assert said.title == "[Wangge] Street lamp out: offered to somebody"
    assert said.text.splitlines() == [
        "Urgent · 古田网格",
        "Step: dispatched; to be done by 2026-03-04 16:00",
        "Offer no. 2",
        "At 2026-03-04 02:22",
        f"See /?incident={ID}",
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_event_status_and_urgency_has_words(lang: str) -> None:
    known = texts(lang)
    wanted = {f"event.{one}" for one in Event} | {f"status.{one}" for one in Status}
    wanted |= {f"urgency.{one}" for one in ("emergency", "urgent", "ordinary")}
    assert {one for one in wanted if f"notice.{one}" not in known} == set()


def test_a_code_without_words_is_shown_as_it_is_and_no_grid_is_said() -> None:
    odd = Happening(**asdict(HAPPENING) | {"event": "danced", "area": None, "area_name": None, "attempt": None})
    said = notice(odd, texts("zh"), "zh", SHANGHAI)
    assert said.title.endswith("：danced")
    assert said.text.startswith("紧急 · 不在任何网格内\n")
    assert "第" not in said.text


def test_a_name_with_braces_or_format_marks_is_a_name() -> None:
    odd = Happening(**asdict(HAPPENING) | {"category_name": "{link} {0.__class__} %s"})
    assert "{link} {0.__class__} %s" in notice(odd, texts("zh"), "zh", SHANGHAI).title


def test_a_program_gets_codes_names_and_times_with_offset() -> None:
    said = notice(HAPPENING, texts("zh"), "zh", SHANGHAI)
    assert told_to_programs(HAPPENING, 7, said) == {
        "delivery": "7",
        "event": "offered",
        "at": "2026-03-04T02:22:00+00:00",
        "incident": {
            "id": str(ID),
            "link": f"/?incident={ID}",
            "category": {"code": "lamp", "name": "路灯不亮", "name_en": "Street lamp out"},
            "urgency": "urgent",
            "status": "dispatched",
            "area": {"code": "G00", "name": "古田网格"},
            "deadline": "2026-03-04T16:00:00+00:00",
        },
        "status_from": "filed",
        "task": {"slot": "lead", "attempt": 2},
        "title": said.title,
        "text": said.text,
    }


def test_there_is_no_place_for_a_person_in_what_is_told() -> None:
    personal = {
        "name",
        "phone",
        "address",
        "description",
        "reporter",
        "worker",
        "actor",
        "lng",
        "lat",
        "point",
        "reason",
    }
    assert personal & {one.name for one in fields(Happening)} == set()


def test_each_try_waits_longer_and_the_seventh_is_the_last() -> None:
    waits = [wait_after(tries) for tries in range(1, 10)]
    assert waits[:6] == [timedelta(seconds=s) for s in (10, 30, 120, 600, 3600, 21600)]
    assert waits[6:] == [None, None, None]
    assert TRIES == 7
    assert timedelta(hours=7, minutes=12, seconds=40) == PATIENCE


WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=ab-1"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=ab1"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/ab-1"
MAIL = "mailtos://grid%40town.example@smtp.town.example?to=a@town.example,b@town.example"


@pytest.mark.parametrize(
    ("kind", "address", "way"),
    [
        ("wecom", WECOM, Robot("qyapi.weixin.qq.com", "ab-1")),
        ("dingtalk", DINGTALK, Robot("oapi.dingtalk.com", "ab1")),
        ("feishu", FEISHU, Robot("open.feishu.cn", "ab-1")),
        ("webhook", "https://a.example", Hook("a.example", 443, True, "/")),
        ("webhook", "http://a.example:81/x/y?z=1&w", Hook("a.example", 81, False, "/x/y?z=1&w")),
        ("webhook", "https://[2400:3200::1]:8443/x", Hook("2400:3200::1", 8443, True, "/x")),
        (
            "mail",
            MAIL,
            Mailbox(
                "smtp.town.example",
                587,
                "starttls",
                "grid@town.example",
                "grid@town.example",
                ("a@town.example", "b@town.example"),
            ),
        ),
        (
            "mail",
            "mailtos://s.example:465?to=a@b.example&from=g@b.example",
            Mailbox("s.example", 465, "ssl", None, "g@b.example", ("a@b.example",)),
        ),
        (
            "mail",
            "mailto://s.example?to=a@b.example",
            Mailbox("s.example", 25, "insecure", None, "wangge@s.example", ("a@b.example",)),
        ),
    ],
)
def test_an_address_is_read_part_by_part(kind: str, address: str, way: Any) -> None:
    assert way_to(ReceiverKind(kind), address) == way


@pytest.mark.parametrize(
    ("kind", "address", "hint"),
    [
        ("wecom", "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=ab", "not_a_robot"),
        ("wecom", WECOM + "&key=../x", "not_a_robot"),
        ("wecom", "https://a@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=ab", "not_a_robot"),
        ("dingtalk", DINGTALK.replace("https", "http"), "not_a_robot"),
        ("feishu", FEISHU + "/../../x", "not_a_robot"),
        ("feishu", WECOM, "not_a_robot"),
        ("webhook", "ftp://a.example/", "malformed"),
        ("webhook", "file:///etc/passwd", "malformed"),
        ("webhook", "gopher://a.example/", "malformed"),
        ("webhook", "https://", "malformed"),
        ("webhook", "https:///x", "malformed"),
        ("webhook", "https://a.example:0/", "malformed"),
        ("webhook", "https://a.example:70000/", "malformed"),
        ("webhook", "https://a.example:x/", "malformed"),
        ("webhook", "https://a.example/#x", "malformed"),
        ("webhook", "https://good.example\\@127.0.0.1/", "malformed"),
        ("webhook", "https://a.example/ x", "malformed"),
        ("webhook", "https://a.example/\r\nHost: b", "malformed"),
        ("webhook", "https://网格.example/", "malformed"),
        ("webhook", "https://[fe80::1%25eth0]/", "malformed"),
        ("webhook", "https://[::1", "malformed"),
        ("webhook", "https://u:p@a.example/", "password_in_address"),
        ("webhook", "https://127.0.0.1@a.example/", "password_in_address"),
        ("mail", "mailtos://u:p@s.example?to=a@b.example", "password_in_address"),
        ("mail", "mailtos://s.example", "malformed"),
        ("mail", "mailtos://s.example?to=a@b.example&pgppub=/etc/passwd", "malformed"),
        ("mail", "mailtos://s.example?to=a@b.example&verify=no", "malformed"),
        ("mail", "mailtos://s.example/x@y.example?to=a@b.example", "malformed"),
        ("mail", "mailtos://s.example?to=a@b.example%0D%0ABcc:c@d.example", "not_a_mail_address"),
        ("mail", "mailtos://s.example?to=nobody", "not_a_mail_address"),
        ("mail", "mailtos://s.example?from=x&to=a@b.example", "not_a_mail_address"),
        ("mail", "mailtos://s.example?to=" + ",".join(["a@b.example"] * 21), "malformed"),
    ],
)
def test_what_is_no_plain_address_of_its_kind_is_refused(kind: str, address: str, hint: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        way_to(ReceiverKind(kind), address)
    assert refused.value.facts == {"hint": hint}


@pytest.mark.parametrize(
    ("kind", "address", "secret", "hint"),
    [
        ("wecom", WECOM, "x" * 20, "secret_not_used"),
        ("feishu", FEISHU, "x" * 20, "secret_not_used"),
        ("dingtalk", DINGTALK, "SEC abc", "secret_malformed"),
        ("webhook", "https://a.example", "short", "secret_malformed"),
        ("webhook", "https://a.example", "路" * 20, "secret_malformed"),
        ("mail", MAIL, "a\r\nb", "secret_malformed"),
    ],
)
def test_a_secret_that_would_not_be_used_is_refused(kind: str, address: str, secret: str, hint: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        way_to(ReceiverKind(kind), address, secret)
    assert refused.value.facts == {"hint": hint}
