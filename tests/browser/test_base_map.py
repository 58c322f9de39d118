"""The base map of the wall: what it asks for at each zoom, and a legend that says what is drawn."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SOON_MS
from tests.support.demo_server import Demo
from tests.support.opening import WALL

LOOK = """zoom => { const { map } = window.Wangge.asked.find(({ kind }) => kind === "base");
    map.setView(map.getCenter(), zoom, { animate: false }); }"""
TILE = re.compile(r"/tiles/(\w+)/(\d+)/")


@pytest.fixture
def wall(served: Demo, browser: Browser) -> Iterator[tuple[Page, list[tuple[str, int]]]]:
    """Lend the wall and the layer and zoom of every tile it asks for; whatever goes wrong in a script fails the test."""
    wrong: list[str] = []
    asked: list[tuple[str, int]] = []
    headers = {"Authorization": f"Bearer {served.token('dispatcher')}"}
    context = browser.new_context(viewport=WALL, extra_http_headers=headers)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: asked.extend((n, int(z)) for n, z in TILE.findall(request.url)))
    page.goto(f"{served.address}/?lang=zh")
    expect(page.locator("#rows button.row").first).to_be_visible(timeout=4 * SOON_MS)
    yield page, asked
    context.close()
    assert wrong == []


def test_the_map_asks_for_what_a_zoom_shows_and_the_legend_names_the_borders_in_view(
    wall: tuple[Page, list[tuple[str, int]]],
) -> None:
    page, asked = wall
    legend = page.locator("#signs")
    for zoom, layers in (
        (12, {"ground", "grids", "areas", "streets"}),
        (15, {"ground", "grids", "areas", "streets", "buildings"}),
        (18, {"ground", "grids", "areas", "streets", "buildings", "addresses"}),
    ):
        asked.clear()
        page.evaluate(LOOK, zoom)
        page.wait_for_timeout(1_500)
        assert {layer for layer, z in asked if z == zoom - 1} == layers
        if zoom < 18:
            for level in ("区县界", "街道界", "社区界"):
                expect(legend).to_contain_text(level, timeout=SOON_MS)
    page.evaluate("""() => { const { map } = window.Wangge.asked.find(({ kind }) => kind === "base");
        map.panBy([20000, 0], { animate: false }); }""")
    expect(legend).not_to_contain_text("界", timeout=SOON_MS)
