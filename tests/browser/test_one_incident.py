"""One incident on the open map and on the worker's phone, without a reload, to its end."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.demo_server import Demo

SOON_MS = 5_000
WALL = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
MARK = "测试路口有人摔倒<img src=x onerror=alert(1)>${alert(2)}"


@dataclass
class Watched:
    """A page and everything that should not have happened on it."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def watch(self) -> "Watched":
        self.page.on("request", lambda request: self._requested(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.faults.append("a script ran: " + dialog.message))
        return self

    def _requested(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.foreign.append(url)

    def sign_in(self, login: str, password: str, lang: str) -> None:
        self.page.goto(f"{self.address}/sign-in?lang={lang}")
        self.page.locator("input[name=login]").fill(login)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("input[name=password]").press("Enter")
        self.page.wait_for_url(re.compile(r"/(work)?$"))


@pytest.fixture
def api(served: Demo) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {served.token('dispatcher')}"}
    with httpx2.Client(base_url=served.address, headers=headers) as client:
        yield client


def opened(browser: Browser, served: Demo, size: Any, lang: str, login: str) -> Watched:
    phone = size is PHONE
    context = browser.new_context(
        viewport=size, is_mobile=phone, has_touch=phone, locale="zh-CN" if lang == "zh" else "en-GB"
    )
    watched = Watched(context.new_page(), served.address).watch()
    watched.sign_in(login, served.password, lang)
    return watched


def login_of(served: Demo, code: str) -> str:
    """Return the login of a worker's account."""
    rows = [line.split("\t") for line in served.told("user", "list").splitlines()]
    return next(row[0] for row in rows if row[2] == code)


def somebody_free(api: httpx2.Client) -> dict[str, Any]:
    free = [one for one in api.get("/api/workers").json() if one["state"] == "free" and one["role"] == "grid_worker"]
    found: dict[str, Any] = free[0]
    return found


def report_at(api: httpx2.Client, worker: dict[str, Any], category: str) -> dict[str, Any]:
    body = {"lng": worker["lng"], "lat": worker["lat"], "datum": "wgs84", "category": category, "description": MARK}
    told: dict[str, Any] = api.post("/api/incidents", json=body).raise_for_status().json()
    return told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_incident_shows_on_the_map_and_the_phone_and_is_handled_without_a_reload(
    browser: Browser, served: Demo, api: httpx2.Client, lang: str
) -> None:
    worker = somebody_free(api)
    category = next(one for one in api.get("/api/categories").json() if one["code"] == "public_order")
    worker_login = login_of(served, worker["code"])
    wall = opened(browser, served, WALL, lang, "dispatcher")
    phone = opened(browser, served, PHONE, lang, worker_login)
    expect(wall.page.locator("#rows button.row").first).to_be_visible(timeout=SOON_MS)
    expect(phone.page.locator("#who")).to_contain_text(worker["code"], timeout=SOON_MS)

    began = time.monotonic()
    told = report_at(api, worker, "public_order")
    assert told["tasks"][0]["worker"]["code"] == worker["code"], "the worker standing there is the nearest"

    row = wall.page.locator("#rows li").first
    expect(row).to_contain_text(category["name" if lang == "zh" else "name_en"], timeout=SOON_MS)
    thumb = phone.page.locator("#thumb")
    expect(thumb).to_have_attribute("data-status", "offered", timeout=SOON_MS)
    assert time.monotonic() - began < 3, "a phone should buzz at once"
    expect(phone.page.locator("#task")).to_contain_text("测试路口有人摔倒")

    row.locator("button").click()
    drawer = wall.page.locator("#drawer")
    expect(drawer).to_contain_text("测试路口有人摔倒", timeout=SOON_MS)
    expect(drawer).to_contain_text(worker["code"])

    thumb.locator("button").last.click()
    expect(thumb).to_have_attribute("data-status", "accepted", timeout=SOON_MS)
    accepted, handled = ("已接单", "待结案") if lang == "zh" else ("Accepted", "close")
    expect(row).to_contain_text(re.compile(accepted, re.IGNORECASE), timeout=SOON_MS)

    thumb.locator("button").last.click()
    expect(thumb).to_have_attribute("data-status", "on_scene", timeout=SOON_MS)
    thumb.locator("button").last.click()
    phone.page.locator("#sheet button.big").first.click()
    expect(drawer.locator(".deed button.big")).to_be_visible(timeout=SOON_MS)
    expect(row).to_contain_text(re.compile(handled, re.IGNORECASE), timeout=SOON_MS)

    drawer.locator(".deed button.big").click()
    wall.page.wait_for_function("id => !document.querySelector('#rows').textContent.includes(id)", arg=MARK)
    until = time.monotonic() + 5
    while api.get(f"/api/incidents/{told['id']}").json()["status"] != "closed" and time.monotonic() < until:
        time.sleep(0.1)
    assert api.get(f"/api/incidents/{told['id']}").json()["disposition"] == "resolved"

    for watched in (wall, phone):
        assert watched.foreign == []
        assert watched.faults == []
        watched.page.context.close()


def test_the_documentation_page_loads_nothing_from_elsewhere(browser: Browser, served: Demo) -> None:
    context = browser.new_context(viewport=WALL)
    watched = Watched(context.new_page(), served.address).watch()
    watched.page.goto(f"{served.address}/docs")
    expect(watched.page.get_by_text("/api/incidents").first).to_be_visible(timeout=SOON_MS)
    assert watched.foreign == []
    assert watched.faults == []
    context.close()


def test_a_page_without_a_session_leads_to_the_sign_in_page(browser: Browser, served: Demo) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{served.address}/work")
    assert page.url.endswith("/sign-in")
    page.locator("input[name=login]").fill("dispatcher")
    page.locator("input[name=password]").fill("wrong password")
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible(timeout=SOON_MS)
    assert all(cookie["name"] != "wangge_key" for cookie in context.cookies())
    page.goto(f"{served.address}/work")
    assert page.url.endswith("/sign-in")
    context.close()
