"""Signing in, one's own account, accounts and roles, the audit: in a real browser on the real server."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.demo_server import Demo

SOON_MS = 5_000
WIDE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
SEATS = 12


@dataclass
class Watched:
    """A page and everything that should not have happened on it."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> "Watched":
        self.page.on("request", lambda request: self._requested(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        return self

    def _requested(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.wrong.append(url)

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        expect(self.page.locator("main[aria-busy]")).to_have_count(0, timeout=SOON_MS)
        return self.page

    def fits(self) -> bool:
        """Say whether nothing stands out at the side."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


Enter = Callable[..., Watched]


@pytest.fixture
def enter(browser: Browser, served: Demo) -> Iterator[Enter]:
    """Open a browser of one's own; with a seat, as who sits there. Whatever went wrong on any page fails the test."""
    opened: list[Watched] = []

    def enter(seat: str | None, lang: str = "zh", size: Any = WIDE) -> Watched:
        phone = size is PHONE
        context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, locale="en-GB")
        watched = Watched(context.new_page(), served.address).watch()
        opened.append(watched)
        watched.page.goto(f"{served.address}/sign-in?lang={lang}")
        if seat is not None:
            watched.page.locator(f"button[name=seat][value={seat}]").click()
            watched.page.wait_for_url(lambda url: "sign-in" not in url)
        return watched

    yield enter
    for watched in opened:
        watched.page.context.close()
    assert [watched.wrong for watched in opened if watched.wrong] == []


def sign_in(page: Page, login: str, password: str) -> None:
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")


def find_account(page: Page, login: str) -> None:
    page.locator("#search").fill(login)
    row = page.locator("#rows .row").filter(has_text=login)
    expect(row).to_have_count(1, timeout=SOON_MS)
    row.click()
    expect(page.locator("#pane dl.facts")).to_contain_text(login)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_seat_of_a_demo_town_is_one_click_away(enter: Enter, lang: str, size: Any) -> None:
    watched = enter(None, lang, size)
    seats = watched.page.locator("button[name=seat]")
    expect(seats).to_have_count(SEATS)
    assert watched.fits()
    assert all((box := seat.bounding_box()) is not None and box["height"] >= 44 for seat in seats.all())


@pytest.mark.parametrize(
    ("seat", "path"),
    [("worker", "/me"), ("system_admin", "/admin"), ("security_admin", "/admin"), ("auditor", "/audit")],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_fits_a_phone_and_leads_only_where_the_person_may_go(
    enter: Enter, seat: str, path: str, lang: str
) -> None:
    watched = enter(seat, lang, PHONE)
    page = watched.open(path)
    links = [link.get_attribute("href") for link in page.locator("#links a").all()]
    own = {"worker": ["/work"], "auditor": ["/audit"], "system_admin": ["/admin", "/receivers"]}.get(seat, ["/admin"])
    assert links == [*own, "/me"]
    expect(page.locator("#links a[aria-current=page]")).to_have_attribute("href", path)
    assert watched.fits()


def test_a_wrong_password_is_said_and_tells_nothing_else(enter: Enter) -> None:
    watched = enter(None)
    answers = set()
    for login in ("dispatcher", "nobody.at.all"):
        sign_in(watched.page, login, "not the password")
        expect(watched.page.locator(".problem")).to_have_text("登录名或密码不对，请核对后再输。")
        answers.add(watched.page.content())
    assert len(answers) == 1
    assert all(cookie["name"] == "wangge_lang" for cookie in watched.page.context.cookies())
    watched.wrong = [text for text in watched.wrong if "403" not in text]


def test_a_new_account_gets_its_password_once_a_role_and_then_signs_in(enter: Enter) -> None:
    login = "new.person"
    adding = enter("system_admin")
    page = adding.page
    page.locator("#add").click()
    fields = page.locator("#pane form input")
    fields.nth(0).fill(login)
    fields.nth(1).fill("新来的人")
    page.locator("#pane form button.main").click()
    once = page.locator("#pane .once")
    expect(once).to_be_visible(timeout=SOON_MS)
    shown_login, password = once.locator("code").all_inner_texts()
    assert shown_login == login
    page.keyboard.press("Escape")
    expect(once).to_be_visible()
    once.locator("button").last.click()
    expect(once).to_have_count(0)
    expect(page.locator("#pane dl.facts")).to_contain_text(login)
    assert password not in page.content()
    expect(page.locator("#pane select")).to_have_count(0)

    giving = enter("security_admin", "en")
    page = giving.page
    expect(page.locator("#add")).to_be_hidden()
    find_account(page, login)
    expect(page.locator("#pane .grave")).to_have_count(0)
    page.locator("#pane select").first.select_option("grid_leader")
    expect(page.locator("#pane .about-role")).to_contain_text("See households")
    page.locator("#pane input[type=search]").fill("网格")
    option = page.locator("#pane [role=option]").first
    expect(option).to_be_visible(timeout=SOON_MS)
    area = option.locator("b").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#pane .chosen b")).to_have_text(area)
    page.locator("#pane form button.main").click()
    held = page.locator("#pane .tokens li")
    expect(held).to_contain_text(area, timeout=SOON_MS)
    expect(page.locator("#rows .row").filter(has_text=login)).to_contain_text(area)

    new = enter(None, "en")
    sign_in(new.page, login, password)
    new.page.wait_for_url(re.compile("/$"))
    page = new.open("/me")
    expect(page.locator("#roles")).to_contain_text(area)

    held.locator("button").click()
    giving.page.locator("dialog button[value=yes]").click()
    expect(held).to_have_count(0, timeout=SOON_MS)
    page = new.open("/me")
    expect(page.locator("#permissions li")).to_have_count(0)


def test_a_locked_account_is_marked_and_signed_out_at_once(enter: Enter) -> None:
    locked = enter("planner")
    page = enter("system_admin").page
    find_account(page, "planner")
    page.locator("#pane .grave").click()
    page.keyboard.press("Escape")
    expect(page.locator("#rows .badge.locked")).to_have_count(0)
    page.locator("#pane .grave").click()
    page.locator("dialog button[value=yes]").click()
    expect(page.locator("#rows .badge.locked")).to_have_text("已锁定", timeout=SOON_MS)
    locked.page.goto(locked.address + "/me")
    assert locked.page.url.endswith("/sign-in")
    page.locator("#pane button", has_text="解锁账号").click()
    expect(page.locator("#rows .badge.locked")).to_have_count(0, timeout=SOON_MS)
    locked.wrong = [text for text in locked.wrong if "401" not in text]


def test_a_program_s_token_may_what_was_chosen_until_it_is_revoked(enter: Enter) -> None:
    watched = enter("duty_chief", "en")
    page = watched.open("/me")
    page.locator("#make button").click()
    page.locator("#token-label").fill("nightly report")
    page.locator("#make .rights input[value='incident.view']").check()
    page.locator("#make form button").click()
    shown = page.locator("#make .once code")
    expect(shown).to_be_visible(timeout=SOON_MS)
    bearer = {"Authorization": f"Bearer {shown.inner_text()}"}
    with httpx2.Client(base_url=watched.address, headers=bearer) as program:
        assert program.get("/api/incidents").status_code == 200
        assert program.get("/api/workers").status_code == 403
        page.locator("#programs li", has_text="nightly report").locator("button").click()
        page.locator("dialog button[value=yes]").click()
        expect(page.locator("#programs li")).to_have_count(0, timeout=SOON_MS)
        assert program.get("/api/incidents").status_code == 401


def test_the_audit_tells_what_was_done_filters_it_and_verifies_the_chain(enter: Enter) -> None:
    resident = enter("resident")
    cookies = {str(cookie.get("name")): str(cookie.get("value")) for cookie in resident.page.context.cookies()}
    with httpx2.Client(base_url=resident.address, cookies=cookies) as browser:
        assert browser.get("/api/workers").status_code == 403

    watched = enter("auditor", "en")
    page = watched.open("/audit")
    lines = page.locator("#rows .line")
    expect(lines.first).to_contain_text("signed in")
    assert re.match(r"\d\d:\d\d:\d\d", lines.first.locator("time").inner_text())
    page.locator("#results label", has_text="Refused").click()
    expect(page.locator("#rows .line:not(.refused)")).to_have_count(0, timeout=SOON_MS)
    expect(lines.first.locator(".badge.refused svg")).to_be_visible()
    expect(lines.first.locator(".badge.refused")).to_have_text("Refused")
    login = lines.first.locator("button.who").inner_text()
    lines.first.locator("button.who").click()
    expect(page.locator("#chosen")).to_contain_text(login)

    page.locator("#head button.main").click()
    expect(page.locator("#verdict .whole")).to_contain_text("Whole", timeout=SOON_MS)
    assert re.fullmatch(r"[0-9a-f]{64}", page.locator("#head code").inner_text())
    assert watched.fits()


def test_the_wall_hides_what_a_planner_may_not_do_or_see(enter: Enter) -> None:
    watched = enter("planner", "en")
    page = watched.page
    page.wait_for_selector("#rows button.row", timeout=SOON_MS)
    expect(page.locator("#figures li").last).to_be_hidden()
    page.locator("#chips button", has_text="To close").click()
    page.locator("#rows button.row").first.click()
    expect(page.locator("#drawer .history li").first).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#drawer .deed")).to_be_hidden()
    expect(page.locator("#drawer .candidates")).to_be_hidden()
    expect(page.locator("#drawer .facts")).to_contain_text("A worker")
    page.locator("a[href='/me']").click()
    expect(page.locator("#permissions")).to_contain_text("See incidents", timeout=SOON_MS)


PARTS_THAT_MEET = """() => {
    const boxes = ['.place h1', '.place p', '.about p', '.about time'].flatMap((name) => {
        const part = document.querySelector(name), written = document.createRange();
        written.selectNodeContents(part); // what is written may stand out of its box
        const box = (getComputedStyle(part).overflowX === 'visible' ? written : part).getBoundingClientRect();
        return box.width && box.height ? [[name, box]] : [];
    });
    return boxes.flatMap(([one, a], place) => boxes.slice(place + 1).filter(([, b]) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1).map(([other]) => [one, other]));
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_wall_s_header_holds_its_parts_apart_on_a_phone(enter: Enter, lang: str) -> None:
    watched = enter("dispatcher", lang, PHONE)
    watched.page.wait_for_selector("#rows button.row", timeout=SOON_MS)
    assert watched.page.evaluate(PARTS_THAT_MEET) == []
    assert watched.fits()
