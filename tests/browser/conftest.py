"""A real demo and a real Chromium, for one module: Playwright keeps an event loop running as long as it lives."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.demo_server import Demo, demo, home

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)


@pytest.fixture(scope="module")
def served() -> Iterator[Demo]:
    """Serve a demo town in which nobody moves by himself."""
    with home() as at, demo(at, "--still") as running:
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
