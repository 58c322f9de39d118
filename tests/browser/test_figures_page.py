"""The page of figures and the wall's strip in a real browser: the numbers of the API, drawn, and open to their cases."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SOON_MS
from tests.support.desk import Desk
from tests.support.opening import PHONE, WALL, Opened, opening

SAID = ("一号", "二号", "三号")
LOOK = (
    "window.broken = []; addEventListener('securitypolicyviolation', (e) => window.broken.push(e.violatedDirective))"
)


@pytest.fixture(scope="module", autouse=True)
def filed(desk: Desk) -> None:
    """Report three incidents and bring one of them to its end."""
    first, *_ = [desk.report("hazard", (0, 0), said) for said in SAID]
    who = desk.task(first)["worker"]["code"]
    for move, facts in (("accept", {}), ("arrive", {}), ("finish", {"result": "done"})):
        desk.say(who, first, move, **facts)
    desk.act("dispatcher", first, "close", disposition="resolved")


@pytest.fixture
def page_of(desk: Desk, browser: Browser) -> Iterator[Opened]:
    """Open pages as somebody."""
    with opening(browser, desk.url, desk.tokens) as lent:
        yield lent


def refused_by_policy(page: Page) -> list[str]:
    """Load the page anew and return what its policy refuses until the charts are drawn."""
    page.add_init_script(LOOK)
    page.reload()
    for chart in ("#curve", "#trend"):
        expect(page.locator(f"{chart}[data-drawn] canvas")).to_have_count(1, timeout=SOON_MS)
    page.locator("#trend").scroll_into_view_if_needed()
    box = page.locator("#trend").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 60, box["y"] + box["height"] / 4)  # its tooltip, too
    expect(page.locator(".tip")).to_be_visible(timeout=SOON_MS)
    refused: list[str] = page.evaluate("window.broken")
    return refused


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("lang", "size"), [("zh", WALL), ("en", PHONE)], ids=["wide in Chinese", "phone in English"])
def test_a_number_is_the_api_s_and_opens_its_cases(page_of: Opened, desk: Desk, lang: str, size: object) -> None:
    page = page_of("dispatcher", "/figures", lang, size)
    rate = page.locator(".figure-row", has=page.locator("[aria-pressed=true]"))
    expect(rate.locator(".figure-value")).to_have_text("33%", timeout=SOON_MS)
    assert refused_by_policy(page) == []
    assert fits(page)
    days = page.evaluate(
        "Object.fromEntries(new URL(document.querySelector('[data-export=json]').href).searchParams)"
    )
    told = desk.call("dispatcher", "GET", f"/api/figures?from={days['from']}&to={days['to']}")["total"]
    assert (told["filed"]["value"], told["closure_rate"]["n"], told["closure_rate"]["of"]) == (3, 1, 3)

    rate.locator(".figure-value").click()
    cases = page.locator("dialog.sheet .cases a")
    expect(cases).to_have_count(1, timeout=SOON_MS)
    page.locator("dialog.sheet [data-side=rest]").click()
    expect(cases).to_have_count(2, timeout=SOON_MS)
    assert "incident=" in (cases.first.get_attribute("href") or "")
    page.keyboard.press("Escape")
    page.locator(".figure-row .about").nth(6).click()
    expect(page.locator("dialog.sheet .defined h3")).to_have_count(3)


def test_a_view_is_its_address_and_a_row_of_the_table_leads_into_its_area(page_of: Opened) -> None:
    page = page_of("dispatcher", "/figures", "en")
    row = page.locator("#table tbody tr", has=page.locator("td .cell", has_text="1/3"))
    expect(row).to_have_count(1, timeout=SOON_MS)
    row.locator(".into").click()
    expect(page.locator(".crumbs b")).to_have_text("G00区", timeout=SOON_MS)
    assert "area=G00" in page.url
    page.locator("#by").select_option("category")
    expect(page.locator("#table tbody tr", has_text="Hazard")).to_have_count(1, timeout=SOON_MS)
    page.locator("#table thead button").nth(3).click()
    expect(page.locator("#table th[aria-sort=descending]")).to_have_count(1)
    page.go_back()
    expect(page.locator("#by")).to_have_value("area", timeout=SOON_MS)
    page.locator("#downloads summary").click()
    link = page.locator("[data-report=html]")
    expect(link).to_be_visible()
    fetched = "(href) => fetch(href).then((answer) => answer.text())"
    assert "1 of 3" in page.evaluate(fetched, link.get_attribute("href"))


def test_the_wall_s_strip_leads_to_the_figure(page_of: Opened) -> None:
    page = page_of("dispatcher", "/", "zh")
    part = page.locator(".strip-part").first
    expect(part).to_contain_text("33%", timeout=SOON_MS)
    assert "3 件中 1 件" in (part.get_attribute("title") or "")
    part.click()
    expect(page.locator("#show")).to_have_value("same_day", timeout=SOON_MS)


def test_figures_that_are_still_being_gathered_are_asked_for_again(page_of: Opened) -> None:
    page = page_of("dispatcher", "/figures", "en")
    expect(page.locator("#curve[data-drawn]")).to_have_count(1, timeout=SOON_MS)
    problem = '{"code": "figures_loading", "status": 503, "title": "x", "retry_after": 1}'
    page.route("**/api/figures?*", lambda route: route.fulfill(status=503, body=problem), times=3)
    page.locator("[data-period=today]").click()
    expect(page.locator("#waiting")).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#waiting")).to_be_hidden(timeout=SOON_MS)
    expect(page.locator(".counts .figure-value").first).to_have_text("3")


def test_who_may_see_no_figures_is_offered_none(page_of: Opened) -> None:
    page = page_of("W1", "/figures", "en")
    expect(page).not_to_have_url("**/figures*")
