"""Pages opened as somebody: whatever goes wrong in a script, an alert, or a request to elsewhere fails the test."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Route

WALL: Any = {"width": 1920, "height": 1080}
PHONE: Any = {"width": 390, "height": 844}
Opened = Callable[..., Page]


@contextmanager
def opening(browser: Browser, url: str, tokens: Mapping[str, str]) -> Iterator[Opened]:
    """Lend what opens a page: who, path, language, size, and made-up answers of the API by path."""
    wrong: list[str] = []
    pages: list[Page] = []

    def foreign(address: str) -> None:
        if not address.startswith((url, "data:", "blob:")):
            wrong.append(address)

    def go(who: str, path: str = "/", lang: str = "zh", size: Any = WALL, **answers: Any) -> Page:
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        phone = size is PHONE
        context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, extra_http_headers=headers)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda asked: foreign(asked.url))
        for asked, told in answers.items():
            page.route(f"**/api/{asked.replace('_', '/')}*", lambda route, _, told=told: _answer(route, told))
        page.goto(f"{url}{path}?lang={lang}")
        pages.append(page)
        return page

    yield go
    for page in pages:
        page.context.close()
    assert wrong == []


def _answer(route: Route, told: object) -> None:
    route.fulfill(status=200, content_type="application/json", body=json.dumps(told))
