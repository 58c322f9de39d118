"""The pages without a map: nobody's data in them, nothing from outside, no code of their own inline."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from maps.html import csp
from maps.plain import admin_page, audit_page, me_page, receivers_page, roster_page

Page = Callable[[Mapping[str, str], str, Mapping[str, object]], str]
PAGES: dict[str, Page] = {
    "me": me_page,
    "admin": admin_page,
    "audit": audit_page,
    "receivers": receivers_page,
    "roster": roster_page,
}
SHELL_AT_MOST = 20_000  # bytes; most of it texts
STATIC = Path(__file__).parents[2] / "maps" / "static"
# What the server may say, and a page must have words for.
CODES = {
    "permission": "incident.report incident.view incident.close incident.export task.answer worker.view worker.move "
    "ground.view ground.check ground.change household.view account.view account.manage role.assign audit.view "
    "figures.view figures.own",
    "action": "signed_in sign_in_failed sign_in_throttled signed_out account_added account_locked account_unlocked "
    "receipt_throttled "
    "password_reset password_changed role_given role_taken token_made token_revoked household_viewed "
    "households_listed incidents_exported audit_verified refused roster_set day_changed day_restored shifts_swapped "
    "swap_taken_back worker_reserved reservation_dropped receiver_added receiver_changed receiver_removed "
    "receiver_tested delivery_retried ground_checked proposal_asked proposal_accepted proposal_rejected",
    "via": "wecom dingtalk feishu mail webhook",
    "trouble": "refused_address unresolved no_connection timeout redirected tls refused_by_receiver http smtp unknown",
    "day": "leave extra changed swap",
    "kind": "person team station department",
    "result": "done refused failed",
    "fault": "edited missing reordered cut_off",
    "actor": "rules cli stranger",
    "sign_in": "wrong throttled",
    "sign_in.demo": "resident worker grid_leader dispatcher duty_chief planner department family doctor auditor "
    "security_admin system_admin",
}


@pytest.fixture(params=sorted(PAGES))
def which(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(which: str, texts: dict[str, str], lang: str, town: dict[str, object]) -> str:
    return PAGES[which](texts, lang, town)


def block(page: str, name: str) -> dict[str, str]:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, str] = json.loads(found[1])
    return read


def test_a_page_is_small_and_the_same_every_time(
    which: str, page: str, texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    assert len(page.encode()) <= SHELL_AT_MOST
    assert page == PAGES[which](texts, lang, town)


def test_a_page_asks_only_this_server_and_only_for_what_is_there(page: str) -> None:
    links = re.findall(r'(?:src|href|action)="([^"]*)"', page)
    assert all(link.startswith(("/", "?", "#")) and not link.startswith("//") for link in links)
    ours = {link.removeprefix("/static/") for link in links if link.startswith("/static/")} - {"tokens.css"}
    assert len(ours) >= 4
    assert [path for path in ours if not (STATIC / path).is_file()] == []
    assert not re.search(r"https?:", page)


def test_the_policy_allows_no_inline_code_and_none_is_needed(page: str) -> None:
    policy = dict(part.split(" ", 1) for part in csp(page).split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert "<style" not in page
    inline = [head for head in re.findall(r"<script\b([^>]*)>", page) if "src=" not in head]
    assert inline
    assert all('type="application/json"' in head for head in inline)


def test_the_name_of_a_town_cannot_become_code(
    which: str, texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    evil = "</title><img src=x onerror=alert(1)></script>${alert(2)}{{ 7*7 }}"
    drawn = PAGES[which](texts, lang, town | {"name": evil, "name_en": evil})
    assert "<img" not in drawn
    assert "</title><" not in drawn
    assert "49" not in drawn.partition("<body")[0]


def test_a_text_cannot_leave_its_block(which: str, texts: dict[str, str], lang: str, town: dict[str, object]) -> None:
    evil = texts | {"plain.more": "</script><script>alert(1)</script>", f"{which}.title": "<b>&"}
    drawn = PAGES[which](evil, lang, town)
    assert "<script>alert" not in drawn
    assert "<b>&" not in drawn
    assert block(drawn, "texts")["plain.more"] == evil["plain.more"]


def test_a_script_finds_its_language_and_its_texts(which: str, page: str, texts: dict[str, str], lang: str) -> None:
    assert block(page, "town") == {"lang": lang, "page": which}
    given = block(page, "texts")
    assert {f"permission.{code}" for code in CODES["permission"].split()} <= set(given)
    sources = [STATIC / "js" / "plain" / f"{which}.js"]
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for module in re.findall(r'from "(\./[^"]+)"', text):
            found = (path.parent / module).resolve()
            sources += [] if found in sources else [found]
        named = set(re.findall(r"""\bt\(["'`]([a-z_]+\.[a-z_.]+)["'`]""", text))
        assert named - set(given) == set(), path.name
    assert all(given[key] == texts[key] for key in given)


def test_a_page_offers_the_other_language_and_the_way_out(page: str, lang: str) -> None:
    assert f'href="?lang={ {"zh": "en", "en": "zh"}[lang] }"' in page
    assert '<form id="leave" method="post" action="/sign-out">' in page
    assert page.count("<h1>") == 1
    assert 'name="viewport"' in page


def test_a_missing_text_is_an_error_and_not_a_gap(
    which: str, texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    del texts["plain.skip"]
    with pytest.raises(Exception, match=r"plain\.skip"):
        PAGES[which](texts, lang, town)


def test_whatever_the_server_may_say_has_words(texts: dict[str, str]) -> None:
    wanted = {f"{group}.{code}" for group, codes in CODES.items() for code in codes.split()}
    wanted |= {f"sign_in.demo.{role}.about" for role in CODES["sign_in.demo"].split()}
    assert wanted - set(texts) == set()
    assert "{minutes}" in texts["sign_in.throttled"]


def test_every_action_can_be_filtered_by() -> None:
    script = (STATIC / "js" / "plain" / "audit.js").read_text(encoding="utf-8")
    assert set(CODES["action"].split()) <= set(re.findall(r'"([a-z_]+)"', script))
