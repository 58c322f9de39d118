"""The page of the ground's quality in a real browser: found in the list and on the map, mended by a proposal."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from data.cluster import Cluster
from tests.support.copies import Copies
from tests.support.opening import PHONE, WALL, Opened, opening
from tests.support.quality_page import EVIL, Surveyed, surveyed

SOON_MS = 30_000
KINDS = 20


@pytest.fixture(scope="module")
def there(cluster: Cluster, copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surveyed]:
    """Serve one place for all tests of this module, which go on from one another."""
    with copies.lent() as name:
        owner, server = cluster.url("wangge_owner", name), cluster.url("wangge_server", name)
        with surveyed(owner, server, tmp_path_factory.mktemp("quality")) as lent:
            yield lent


@pytest.fixture
def opened(there: Surveyed, browser: Browser) -> Iterator[Opened]:
    """Open the page of the ground's quality as somebody."""
    with opening(browser, there.url, there.tokens) as lent:
        yield lambda who="planner", lang="zh", size=WALL, **answers: lent(who, "/quality", lang, size, **answers)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def checked(page: Page) -> None:
    """Press the button and wait until the look is over."""
    page.locator("#check").click()
    expect(page.locator("#check")).to_have_attribute("aria-busy", "true", timeout=SOON_MS)
    expect(page.locator("#check")).not_to_have_attribute("aria-busy", "true", timeout=SOON_MS)


def test_before_the_first_look_the_page_says_so_and_offers_one(opened: Opened) -> None:
    page = opened()
    expect(page.locator(".instead h2")).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#check")).to_be_visible()
    checked(page)
    expect(page.locator("#rows .fault").first).to_be_visible(timeout=SOON_MS)
    assert page.locator(".kind-row").count() == KINDS + 1
    assert page.locator(".kind-row.zero").count() == KINDS - 3
    assert page.locator("[data-kind=overlap] b").inner_text() == "1"


@pytest.mark.parametrize(("lang", "size"), [("zh", WALL), ("en", PHONE)], ids=["wide in Chinese", "phone in English"])
def test_a_fault_is_found_from_the_list_and_from_the_map(opened: Opened, lang: str, size: ViewportSize) -> None:
    page = opened(lang=lang, size=size)
    page.locator("[data-kind=gap]").click()
    row = page.locator("#rows .fault")
    expect(row).to_have_count(1, timeout=SOON_MS)
    assert fits(page)
    row.focus()
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("path.fault-dot.chosen")).to_have_count(1)
    page.wait_for_timeout(600)
    box, dot = page.locator(".folium-map").bounding_box(), page.locator("path.fault-dot").bounding_box()
    assert box is not None and dot is not None
    assert abs(dot["x"] + dot["width"] / 2 - box["x"] - box["width"] / 2) < box["width"] / 4, "the map has gone there"
    page.locator("[data-kind='']").click()
    expect(page.locator("#rows .fault")).not_to_have_count(1)
    page.locator("#whole").click()
    page.wait_for_timeout(600)
    dots = page.locator("path.fault-dot").all()
    for dot_ in dots:
        if page.locator("#rows [aria-current=true]").count() == 0:
            dot_.click(force=True)
    expect(page.locator("#rows [aria-current=true]")).to_have_count(1)
    assert fits(page)


def test_names_that_would_run_are_text_wherever_they_are_shown(opened: Opened) -> None:
    page = opened()
    page.locator("[data-kind=overlap]").click()
    row = page.locator("#rows .fault")
    expect(row).to_have_count(1, timeout=SOON_MS)
    row.click()
    page.wait_for_timeout(1500)  # the map has drawn its names, too
    told = row.inner_text()
    assert EVIL["G00"] in told and EVIL["G10"] in told
    assert page.locator("main img, main svg:not(.badge svg), main iframe, main script").count() == 0


def test_a_repair_is_made_shown_before_and_after_and_accepted(opened: Opened) -> None:
    page = opened(lang="en")
    page.locator("#repair").click()
    row = page.locator(".proposal-row")
    expect(row).to_contain_text("to be decided", timeout=SOON_MS)
    row.click()
    expect(page.locator("path.border-new")).not_to_have_count(0, timeout=SOON_MS)
    expect(page.locator("path.border-was")).not_to_have_count(0)
    expect(page.locator(".sums")).to_contain_text("1 → 0")
    page.locator(".beside .fault").first.click()
    expect(page.locator("path.border-new.chosen")).to_have_count(1)
    page.locator("#accept").click()
    page.locator("dialog .grave").click()
    expect(row).to_contain_text("accepted", timeout=SOON_MS)
    expect(page.locator("#accept")).to_have_count(0)
    page.locator(".beside .close").click()
    checked(page)
    expect(page.locator("[data-kind=overlap] b")).to_have_text("0", timeout=SOON_MS)


def test_who_may_not_change_the_ground_is_not_offered_to(opened: Opened) -> None:
    page = opened("dispatcher")
    expect(page.locator(".kind-row").first).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#rows .fault").first).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#repair")).to_have_count(0)
    expect(page.locator("#links [aria-current]")).to_have_count(1)


def test_who_may_not_look_is_sent_home(opened: Opened) -> None:
    page = opened("worker")
    expect(page).not_to_have_url("**/quality")


CLEAN = {"id": "0", "status": "done", "at_machine": True, "asked_by": None, "reason": None, "listed": {}}
TIMES = {"started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:01:00Z"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_is_said_in_words(opened: Opened, lang: str) -> None:
    clean = CLEAN | TIMES | {"counts": {"gap": 0}, "seen": {"grids": 9}}
    page = opened(
        lang=lang, checks_latest={"latest": clean, "done": clean}, checks_0_faults={"items": [], "next": None}
    )
    expect(page.locator(".instead .fine")).to_be_visible(timeout=SOON_MS)
    failed = clean | {"status": "failed", "reason": "took_too_long"}
    page = opened(lang=lang, checks_latest={"latest": failed, "done": None})
    expect(page.locator("#state.broken")).to_be_visible(timeout=SOON_MS)
    assert "took_too_long" not in page.locator("#state").inner_text()
    running = clean | {"status": "running", "ended": None}
    page = opened(lang=lang, checks_latest={"latest": running, "done": None})
    expect(page.locator("#check")).to_have_attribute("aria-busy", "true", timeout=SOON_MS)
