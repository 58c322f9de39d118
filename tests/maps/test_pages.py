"""The pages as they leave the server: small, the same every time, without anybody's data."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from maps.command import command_page
from maps.figures import figures_page
from maps.html import csp
from maps.quality import quality_page
from maps.receipt import receipt_page
from maps.signin import sign_in_page
from maps.task import task_page

Page = Callable[[Mapping[str, str], str, Mapping[str, object]], str]
PAGES: list[Page] = [command_page, task_page, quality_page, figures_page, receipt_page]
SHELL_AT_MOST = 24_000  # bytes; half of it are the words of all that can be done on the wall
STATIC = Path(__file__).parents[2] / "maps" / "static"


@pytest.mark.parametrize("draw", PAGES)
def test_a_shell_is_small(draw: Page, texts: dict[str, str], lang: str, town: dict[str, object]) -> None:
    assert len(draw(texts, lang, town).encode()) <= SHELL_AT_MOST


@pytest.mark.parametrize("draw", PAGES)
def test_two_drawings_are_the_same_bytes(
    draw: Page, texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    assert draw(texts, lang, town) == draw(texts, lang, town)


@pytest.mark.parametrize("lang", ["zh"])
def test_another_process_draws_the_same_bytes(texts: dict[str, str], lang: str, town: dict[str, object]) -> None:
    given = json.dumps([texts, lang, town])
    program = (
        "import json, sys\nfrom maps.command import command_page\n"
        "sys.stdout.buffer.write(command_page(*json.load(sys.stdin)).encode())"
    )
    other = subprocess.run([sys.executable, "-c", program], input=given.encode(), capture_output=True, check=True)
    assert other.stdout.decode() == command_page(texts, lang, town)


@pytest.mark.parametrize("draw", PAGES)
def test_every_own_file_a_page_asks_for_is_there(
    draw: Page, texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    text = draw(texts, lang, town) + sign_in_page(texts, lang, None, None)
    asked = set(re.findall(r'(?:src|href)="/static/([^"]+)"', text)) - {"tokens.css"}
    ours = {path for path in asked if not path.startswith("vendor/")}
    assert ours
    assert [path for path in ours if not (STATIC / path).is_file()] == []


@pytest.mark.parametrize("draw", PAGES)
def test_the_name_of_a_town_cannot_become_code(
    draw: Page, texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    evil = "</title><img src=x onerror=alert(1)></script>${alert(2)}{{ 7*7 }}"
    text = draw(texts, lang, town | {"name": evil, "name_en": evil})
    assert "<img" not in text
    assert "</title><" not in text
    assert "49" not in text.split("<body>")[0]


def test_the_block_of_texts_cannot_be_left(texts: dict[str, str], lang: str, town: dict[str, object]) -> None:
    evil = dict(texts) | {"wall.all": "</script><script>alert(1)</script>"}
    text = command_page(evil, lang, town)
    assert "<script>alert" not in text
    block = re.search(r'id="texts">(.*?)</script>', text, re.DOTALL)
    assert block is not None
    assert json.loads(block[1])["wall.all"] == evil["wall.all"]


def test_a_missing_text_is_an_error_and_not_a_gap(lang: str, texts: dict[str, str], town: dict[str, object]) -> None:
    del texts["wall.skip"]
    with pytest.raises(Exception, match=r"wall\.skip"):
        command_page(texts, lang, town)


def test_signing_in_sends_login_and_password_in_the_body(texts: dict[str, str], lang: str) -> None:
    text = sign_in_page(texts, lang, None, None)
    assert '<form method="post" action="/sign-in">' in text
    assert text.count("<form") == 1
    assert "<script" not in text
    fields = {name: rest for name, rest in re.findall(r'<input id="(\w+)" name="\1"([^>]*)>', text)}
    assert set(fields) == {"login", "password"}
    assert 'autocomplete="username"' in fields["login"]
    assert 'type="password"' in fields["password"]
    assert 'autocomplete="current-password"' in fields["password"]


def test_a_demo_town_offers_its_seats(texts: dict[str, str], lang: str) -> None:
    seats = [{"login": "seat-1", "name": "王 & co", "about": "<i>"}, {"login": '"><u>', "name": "b", "about": "c"}]
    text = sign_in_page(texts, lang, seats, None)
    assert '<button name="seat" value="seat-1">' in text
    assert text.count('<button name="seat"') == 2
    assert "王 &amp; co" in text
    assert "<i>" not in text
    assert "<u>" not in text
    assert "sha256" not in csp(text)


def test_a_refused_sign_in_is_explained_and_announced(texts: dict[str, str], lang: str) -> None:
    text = sign_in_page(texts, lang, None, "不对 <b>")
    assert 'role="alert">不对 &lt;b&gt;</p>' in text


def test_the_wall_and_the_phone_lead_to_ones_own_page(
    texts: dict[str, str], lang: str, town: dict[str, object]
) -> None:
    for draw in (command_page, task_page):
        assert f'<a class="plain" href="/me">{texts["word.me"]}</a>' in draw(texts, lang, town)


def test_the_sign_in_page_needs_no_inline_code(texts: dict[str, str], lang: str) -> None:
    assert "sha256" not in csp(sign_in_page(texts, lang, None, None))


@pytest.mark.parametrize("lang_", ["zh", "en"])
def test_each_page_offers_the_other_language(lang_: str, town: dict[str, object], texts: dict[str, str]) -> None:
    other = {"zh": "en", "en": "zh"}[lang_]
    for text in (*(draw(texts, lang_, town) for draw in PAGES), sign_in_page(texts, lang_, None, None)):
        assert f'href="?lang={other}"' in text
        assert f'href="?lang={lang_}"' not in text
