"""A real demo or a small place, and a real Chromium, for one module: Playwright keeps an event loop running all the while."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from data.cluster import Cluster
from tests.support.copies import Copies
from tests.support.demo_server import SMALL, Demo, demo, home
from tests.support.desk import Desk, manned
from tests.support.opening import Opened, opening

SOON_MS = 5_000

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
    """Open pages of the desk as somebody."""
    with opening(browser, desk.url, desk.tokens) as lent:
        yield lent
