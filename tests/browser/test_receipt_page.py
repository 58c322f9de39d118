"""The page of a receipt in a real browser, and the wall's side: a code shows how it stands; two stars have it done again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.desk import Desk
from tests.support.opening import PHONE, WALL, Opened, opening

SOON_MS = 8_000
WORDS = {
    "zh": ("没有这个查询码，请再核对一遍", "已办结", "正在按您的意见重新办理。", "派人"),
    "en": ("There is no receipt with this code: please look at it once more", "Closed",
           "Because of what you said it is being done again.", "Somebody was sent"),
}  # fmt: skip


@pytest.fixture
def anybody(desk: Desk, browser: Browser) -> Iterator[Opened]:
    """Open pages as somebody of whom nothing is known."""
    with opening(browser, desk.url, {"anybody": ""}) as lent:
        yield lent


def reported(desk: Desk, said: str, at: tuple[float, float] = (0, 0), category: str = "hazard") -> tuple[str, str]:
    """Report as the centre and return the incident and its code."""
    body = {"lng": 118.305 + at[0] * 0.01, "lat": 27.005, "datum": "wgs84", "category": category, "description": said}
    told = desk.call("dispatcher", "POST", "/api/incidents", **body)
    return told["id"], told["receipt"]


def closed(desk: Desk, said: str) -> tuple[str, str]:
    incident, code = reported(desk, said)
    for move in ("accept", "arrive"):
        desk.say("W1", incident, move)
    desk.say("W1", incident, "finish", result="done")
    desk.act("dispatcher", incident, "close", disposition="resolved")
    return incident, code


def look(page: Page, code: str) -> None:
    page.locator("#code").fill("")
    page.locator("#code").press_sequentially(code)
    page.locator("#look").click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("lang", "size"), [("zh", PHONE), ("en", WALL)], ids=["phone in Chinese", "wide in English"])
def test_who_has_a_code_follows_judges_and_has_it_done_again(
    desk: Desk, anybody: Opened, lang: str, size: object
) -> None:
    unknown, status, again, sent = WORDS[lang]
    incident, code = closed(desk, f"楼下有一处隐患 {lang}")
    page = anybody("anybody", "/receipt", lang, size)
    look(page, "2222 3333 4444")
    expect(page.locator("#wrong")).to_have_text(unknown, timeout=SOON_MS)
    assert page.locator("#code").input_value() == "2222-3333-4444"
    look(page, code.replace("-", "").lower())
    expect(page.locator("#status")).to_have_text(status, timeout=SOON_MS)
    assert fits(page)
    assert code not in page.url
    assert sent in page.locator(".steps").inner_text()
    for hidden in ("楼下有一处隐患", "W1", incident):
        assert hidden not in page.content()
    box = page.locator("label[for=stars-2]").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    expect(page.locator("#send")).to_be_disabled()
    page.locator("label[for=solved-no]").click()
    page.locator("label[for=stars-2]").click()
    page.locator("#words").fill("<b>还在</b>")
    page.locator("#send").click()
    expect(page.locator(".judged .then")).to_have_text(again, timeout=SOON_MS)
    assert page.locator(".judged blockquote").inner_text() == "<b>还在</b>"
    assert fits(page)
    assert (desk.task(incident)["worker"]["code"], desk.row(incident)["status"]) == ("W1", "dispatched")
    page.reload()
    expect(page.locator("#ask")).to_be_visible()
    assert page.locator("#shown").inner_text() == ""


def test_the_wall_shows_both_texts_and_merges_after_a_confirmation(desk: Desk, opened: Opened) -> None:
    first, _ = reported(desk, "气味很大，从下水道来", (2, 0), "smell")
    second, code = reported(desk, "下水道气味很大", (2.02, 0), "smell")
    page = opened("duty_chief", "/", "zh", WALL)
    page.goto(f"{desk.url}/?incident={second}")
    same = page.locator(".same li")
    expect(same).to_have_count(1, timeout=SOON_MS)
    assert "气味很大，从下水道来" in same.inner_text()
    assert "下水道气味很大" in same.inner_text()
    same.locator(".act-button").click()
    assert desk.row(second)["status"] == "reported", "not before it is confirmed"
    same.locator(".sure").click()
    expect(page.locator(".same")).to_be_hidden(timeout=SOON_MS)
    assert (desk.row(second)["status"], desk.row(second)["duplicate_of"]) == ("duplicate", first)
    assert desk.row(first)["followers"] == 1
    assert desk.call("dispatcher", "POST", "/api/receipts/look", code=code)["merged"] is True


def test_the_wall_shows_how_it_was_judged(desk: Desk, opened: Opened) -> None:
    incident, code = closed(desk, "护栏松了")
    desk.call("dispatcher", "POST", "/api/receipts/evaluate", code=code, stars=4, solved=True, words="很快")
    page = opened("duty_chief", "/", "en", WALL)
    page.goto(f"{desk.url}/?incident={incident}")
    expect(page.locator(".judged .verdict")).to_contain_text("Solved", timeout=SOON_MS)
    expect(page.locator(".judged .given-stars")).to_have_attribute("aria-label", "4 of 5 stars")
    expect(page.locator(".judged blockquote")).to_have_text("很快")
