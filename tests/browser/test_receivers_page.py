"""Who is told outside, in a real browser: one is added, fails, is paused and taken away."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.demo_server import Demo

SOON_MS = 15_000
SIZES = {"wide": {"width": 1920, "height": 1080}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(params=[("zh", "wide"), ("en", "phone")], ids=lambda one: "-".join(one))
def page(request: pytest.FixtureRequest, browser: Browser, served: Demo) -> Iterator[Page]:
    """Open the page as the system administrator; what goes wrong in a script fails the test."""
    lang, size = request.param
    context = browser.new_context(viewport=SIZES[size], is_mobile=size == "phone", locale="en-GB")
    opened, wrong = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(f"{served.address}/sign-in?lang={lang}")
    opened.locator("button[name=seat][value=system_admin]").click()
    opened.wait_for_url(lambda url: "sign-in" not in url)
    opened.goto(f"{served.address}/receivers")
    expect(opened.locator("main[aria-busy]")).to_have_count(0)
    yield opened
    context.close()
    assert wrong == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def add(page: Page, address: str, label: str) -> Any:
    page.locator("#add").click()
    form = page.locator("#pane form")
    form.locator("select").first.select_option("webhook")
    fields = form.locator("input:not([type=checkbox])")
    fields.nth(0).fill(label)
    fields.nth(1).fill(address)
    form.locator("button.main").click()
    return form


def test_a_program_is_added_with_its_key_fails_is_paused_and_taken_away(page: Page) -> None:
    expect(page.locator("#empty")).to_be_visible()
    form = add(page, "http://127.0.0.1:9/", "程序")
    expect(form.locator(".problem")).to_be_visible(timeout=SOON_MS)
    form.locator("input:not([type=checkbox])").nth(1).fill("http://no-such-name.invalid/")
    form.locator("button.main").click()
    key = page.locator("#pane .once code")
    expect(key).to_be_visible(timeout=SOON_MS)
    assert len(key.inner_text()) >= 40
    page.locator("#pane .once > button").click()
    expect(page.locator("#pane dl.facts")).to_contain_text("no-such-name.invalid")
    assert fits(page)

    page.locator("#pane .buttons button.main").click()
    expect(page.locator("#pane .problem")).to_be_visible(timeout=SOON_MS)
    page.locator("#pane .buttons button").nth(1).click()
    expect(page.locator("#rows .badge.paused")).to_have_count(1, timeout=SOON_MS)
    page.locator("#pane .grave").click()
    page.locator("dialog button[value=yes]").click()
    expect(page.locator("#rows .row")).to_have_count(0, timeout=SOON_MS)
    assert fits(page)


def test_the_link_of_a_notice_opens_its_incident_on_the_wall(browser: Browser, served: Demo) -> None:
    context = browser.new_context(viewport=SIZES["wide"], locale="en-GB")
    page = context.new_page()
    page.goto(f"{served.address}/sign-in?lang=en")
    page.locator("button[name=seat][value=dispatcher]").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    last = page.evaluate(
        "fetch('/api/incidents?limit=1').then((answer) => answer.json()).then(({ items }) => items[0])"
    )
    page.goto(f"{served.address}/?incident={last['id']}")
    expect(page.locator("#drawer .history li").first).to_be_visible(timeout=SOON_MS)
    context.close()
