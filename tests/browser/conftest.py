"""A real demo or a small place, and a real Chromium, for one module: Playwright keeps an event loop running all the while."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from data.cluster import Cluster
from tests.support.copies import Copies
from tests.support.demo_server import SMALL, Demo, demo, home
from tests.support.desk import Desk, manned

SOON_MS = 5_000
WALL: Any = {"width": 1920, "height": 1080}
PHONE: Any = {"width": 390, "height": 844}
Opened = Callable[..., Page]

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)


@pytest.fixture(scope="module")
def served() -> Iterator[Demo]:
    """Serve a demo town in which nobody moves by himself."""
    with home() as at, demo(at, "--still", *SMALL) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Lend Chromium."""
    if CHROMIUM is None:
        pytest.fail("no Chromium: ./wangge test installs it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def desk(cluster: Cluster, copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve one place for all tests of this module; each reports incidents of its own."""
    with copies.lent() as name:
        owner, server = cluster.url("wangge_owner", name), cluster.url("wangge_server", name)
        with manned(owner, server, tmp_path_factory.mktemp("desk")) as lent:
            yield lent


@pytest.fixture
def opened(desk: Desk, browser: Browser) -> Iterator[Opened]:
    """Open a page as somebody; whatever goes wrong in a script fails the test."""
    wrong: list[str] = []
    pages: list[Page] = []

    def go(who: str, path: str = "/", lang: str = "zh", size: Any = WALL) -> Page:
        headers = {"Authorization": f"Bearer {desk.tokens[who]}"}
        phone = size is PHONE
        context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, extra_http_headers=headers)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto(f"{desk.url}{path}?lang={lang}")
        pages.append(page)
        return page

    yield go
    for page in pages:
        page.context.close()
    assert wrong == []
