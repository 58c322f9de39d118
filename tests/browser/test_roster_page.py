"""The roster in a real browser: a duty chief sees who is there, changes a day, swaps it and sets a week."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.support.demo_server import Demo

SOON_MS = 10_000
WIDE = ViewportSize(width=1920, height=1080)
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(params=[("zh", False), ("en", True)], ids=["wide in Chinese", "phone in English"])
def page(browser: Browser, served: Demo, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Lend the duty chief's roster; whatever went wrong on it, but a refusal, fails the test."""
    lang, phone = request.param
    size = PHONE if phone else WIDE
    context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{served.address}/sign-in?lang={lang}")
    page.locator("button[name=seat][value=duty_chief]").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{served.address}/roster")
    expect(page.locator("main[aria-busy]")).to_have_count(0, timeout=SOON_MS)
    expect(page.locator("#rows .cell").first).to_be_visible(timeout=SOON_MS)
    yield page
    context.close()
    assert [text for text in wrong if "409" not in text] == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def say(page: Page, reason: str, button: str = "form .button.main") -> None:
    page.locator(f"#pane input[value={reason}]").locator("..").click()
    page.locator(f"#pane {button}").first.click()
    expect(page.locator("#pane .good")).to_be_visible(timeout=SOON_MS)


def today_of_somebody(page: Page) -> Locator:
    """Return today's cell of the first person who has a shift then."""
    return page.locator("#rows td.today.on .cell").first


def test_the_week_is_shown_and_a_day_is_changed_and_restored(page: Page) -> None:
    expect(page.locator("#days th")).to_have_count(8)
    expect(page.locator("#days th.today")).to_have_count(1)
    assert fits(page)
    cell = today_of_somebody(page)
    of = cell.get_attribute("data-of")
    before = cell.inner_text()
    cell.click()
    assert fits(page)
    say(page, "leave")
    expect(page.locator(f"[data-of='{of}'] .free")).to_have_count(1)
    expect(page.locator(f"[data-of='{of}'] .why.leave")).to_have_count(1)
    page.locator("#pane .buttons button").first.click()
    expect(page.locator(f"[data-of='{of}'] .why")).to_have_count(0, timeout=SOON_MS)
    page.keyboard.press("Escape")
    assert page.locator(f"[data-of='{of}']").inner_text() == before
    assert page.evaluate("document.activeElement.dataset.of") == of


def test_a_shift_is_written_as_people_write_it_and_an_overlap_is_refused_in_words(page: Page) -> None:
    today_of_somebody(page).click()
    page.locator("#pane input[value=changed]").locator("..").click()
    pane = page.locator("#pane form").first
    while pane.locator(".shifts .close").count():
        pane.locator(".shifts .close").first.click()
    for _ in range(2):
        pane.locator(".shift-fields > .button").click()
    clocks = pane.locator(".clock")
    for place, written in enumerate(("8", "1630", "9：00", "10.00")):
        clocks.nth(place).fill(written)
        clocks.nth(place).press("Tab")
    assert [clocks.nth(n).input_value() for n in range(4)] == ["08:00", "16:30", "09:00", "10:00"]
    pane.locator(".button.main").click()
    expect(pane.locator(".problem")).to_be_visible(timeout=SOON_MS)
    pane.locator(".shifts .close").last.click()
    pane.locator(".button.main").click()
    expect(page.locator("#pane .now")).to_contain_text("08:00–16:30", timeout=SOON_MS)
    page.locator("#pane .buttons button").first.click()
    expect(page.locator("#pane .now")).not_to_contain_text("08:00–16:30", timeout=SOON_MS)


def test_two_swap_and_take_it_back(page: Page) -> None:
    cell = today_of_somebody(page)
    of = cell.get_attribute("data-of") or ""
    cell.click()
    others = page.locator("#pane form select").last.locator("option")
    mine = of.split()[0]
    working = [
        (one.get_attribute("data-of") or "").split()[0] for one in page.locator("#rows td.today.on .cell").all()
    ]
    offered = [one.get_attribute("value") for one in others.all()]
    other = next(one for one in reversed(working) if one != mine and one in offered)
    page.locator("#pane form select").last.select_option(other)
    page.locator("#pane form").last.locator(".button").last.click()
    for whose in (mine, other):
        swapped = page.locator(f"[data-of='{whose} {of.split()[1]}'] .why.swap")
        expect(swapped).to_have_count(1, timeout=SOON_MS)
    page.locator("#pane .buttons button").last.click()
    expect(page.locator(f"[data-of='{of}'] .why")).to_have_count(0, timeout=SOON_MS)


def test_a_week_is_set_and_shown(page: Page) -> None:
    page.locator("#rows .person-row").last.click()
    form = page.locator("#pane form").first
    expect(form).to_be_visible(timeout=SOON_MS)
    while form.locator(".shifts .close").count():
        form.locator(".shifts .close").first.click()
    form.locator(".button.main").click()
    expect(page.locator("#pane .good")).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#rows tr").last.locator(".free")).to_have_count(7, timeout=SOON_MS)
    assert fits(page)


def test_who_is_there_is_counted_grid_by_grid(page: Page, served: Demo) -> None:
    if page.locator("#show-cover").is_visible():
        page.locator("#show-cover").click()
    grids = page.locator("#pane .cover li")
    expect(grids.first).to_be_visible(timeout=SOON_MS)
    bare = page.locator("#pane .grid-row.bare").count()
    classes = [one.get_attribute("class") for one in page.locator("#pane .grid-row").all()]
    assert classes == ["grid-row bare"] * bare + ["grid-row"] * (len(classes) - bare)
    assert page.locator("#blind").is_visible() == (bare > 0)
    assert page.locator("#area option").count() == len(classes) + 1
