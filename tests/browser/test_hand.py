"""The dispatcher's hand on the wall: in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SOON_MS
from tests.support.desk import Desk
from tests.support.opening import PHONE, Opened


def show(page: Page, said: str) -> Locator:
    """Open an incident in the drawer."""
    page.locator("#rows button.row", has_text=said).click(timeout=SOON_MS)
    drawer = page.locator("#drawer")
    expect(drawer.locator(".events li").first).to_be_visible(timeout=SOON_MS)
    return drawer


def begin(drawer: Locator, act: str) -> Locator:
    """Open the form of an act from the menu."""
    drawer.locator(".more-acts summary").click()
    drawer.locator(f"[data-act={act}]").click()
    return drawer.locator("form.act")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chosen_one_is_sent_and_called_back_with_undo(desk: Desk, opened: Opened, lang: str) -> None:
    said = f"东街{lang}一号"
    incident = desk.report("hazard", (0, 0), said)
    first = desk.task(incident)["worker"]["code"]
    drawer = show(opened("dispatcher", lang=lang), said)
    form = begin(drawer, "dispatch")
    expect(form.locator(".option", has_text=first).locator("input")).to_be_disabled(timeout=SOON_MS)
    form.locator("input[type=search]").fill("w4")
    form.locator(".picks .option", has_text="W4").click()
    form.locator("button[type=submit]").click()
    expect(form.locator(".problem")).to_be_visible()
    form.locator("textarea").fill("就在附近")
    form.locator("button[type=submit]").click()

    expect(drawer.locator(".outcome")).to_be_focused(timeout=SOON_MS)
    expect(drawer.locator(".places")).to_contain_text("W4", timeout=SOON_MS)
    expect(drawer.locator(".by-hand")).to_be_visible()
    expect(drawer.locator(".events li").first).to_contain_text("就在附近")
    assert (desk.task(incident)["worker"]["code"], desk.task(incident)["by_hand"]) == ("W4", True)

    drawer.locator(".outcome button").click()
    expect(drawer.locator(".places")).not_to_contain_text("W4", timeout=SOON_MS)
    expect(drawer.locator(".outcome button")).to_have_count(0)
    assert desk.kinds(incident)[2:4] == ["reassigned", "undone"]


def test_what_changes_under_an_open_form_is_said_in_it_and_nothing_typed_is_lost(desk: Desk, opened: Opened) -> None:
    incident = desk.report("hazard", (0, 0), "东街二号")
    drawer = show(opened("dispatcher"), "东街二号")
    form = begin(drawer, "return")
    form.locator("textarea").fill("派错部门")
    desk.say(desk.task(incident)["worker"]["code"], incident, "accept")
    news = form.locator(".news")
    expect(news).to_contain_text("接单", timeout=SOON_MS)
    assert re.search(r"\d\d:\d\d", news.inner_text())
    form.locator("textarea").press("Control+Enter")
    assert "returned" not in desk.kinds(incident)
    form.locator(".act-buttons .big").first.click()
    expect(news).to_be_hidden()
    expect(form.locator("textarea")).to_have_value("派错部门")
    form.locator("button[type=submit]").click()
    expect(drawer.locator(".outcome")).to_contain_text("退回", timeout=SOON_MS)
    assert desk.row(incident)["status"] == "returned"


def test_an_act_on_what_one_has_not_seen_is_refused_in_words_and_can_be_done_all_the_same(
    desk: Desk, opened: Opened
) -> None:
    incident = desk.report("hazard", (0, 0), "东街三号")
    page = opened("dispatcher", lang="en")
    drawer = show(page, "东街三号")
    form = begin(drawer, "shelve")
    form.locator("textarea").fill("Waiting for money")
    page.route(
        "**/api/incidents/*", lambda route: route.abort() if route.request.method == "GET" else route.continue_()
    )
    desk.act("colleague", incident, "remind", note="尽快")
    page.wait_for_timeout(800)
    expect(form.locator(".news")).to_be_hidden()
    page.unroute("**/api/incidents/*")
    form.locator("button[type=submit]").click()
    expect(form.locator(".news")).to_contain_text("Reminded: 尽快", timeout=SOON_MS)
    assert desk.row(incident)["status"] == "dispatched"
    form.locator(".act-buttons .quiet").click()
    expect(drawer.locator(".outcome")).to_contain_text("Shelved", timeout=SOON_MS)
    assert desk.row(incident)["status"] == "shelved"


def test_a_report_is_received_filed_and_stands_under_its_own_chip(desk: Desk, opened: Opened) -> None:
    incident = desk.report("smell", (1, 1), "南门四号")
    page = opened("dispatcher")
    page.locator("#chips button", has_text="待受理").click()
    drawer = show(page, "南门四号")
    drawer.locator(".deed > .hand-now .big").click()
    expect(page.locator("#rows button.row", has_text="南门四号")).to_contain_text("待立案", timeout=SOON_MS)
    drawer.locator(".hand-now [data-act=file]").click()
    drawer.locator("form.act button[type=submit]").click()
    expect(drawer.locator(".outcome")).to_contain_text("已立案", timeout=SOON_MS)
    expect(drawer.locator(".place-taken")).to_have_count(1, timeout=SOON_MS)
    assert desk.kinds(incident) == ["reported", "received", "filed", "offered"]
    expect(page.locator("#chips button", has_text="待受理").locator("b")).to_have_text("0")


def test_a_duplicate_is_merged_into_what_is_picked_in_the_list(desk: Desk, opened: Opened) -> None:
    original = desk.report("hazard", (2, 0), "西街五号")
    twice = desk.report("hazard", (2, 0), "西街五号半")
    page = opened("dispatcher")
    drawer = show(page, "西街五号半")
    form = begin(drawer, "merge")
    page.locator("#rows button.row").filter(has_not_text="半").filter(has_text="西街五号").click()
    expect(form.locator(".picks input:checked")).to_have_count(1)
    form.locator("button[type=submit]").click()
    expect(page.locator("#rows button.row", has_text="西街五号")).to_have_count(1, timeout=SOON_MS)
    assert (desk.row(twice)["duplicate_of"], desk.kinds(original)[-1]) == (original, "merged")
    drawer.locator("button", has_text="打开原件").click()
    expect(drawer.locator(".events li").first).to_contain_text("重复", timeout=SOON_MS)


def test_a_whistled_department_reports_in_before_its_clock(desk: Desk, opened: Opened) -> None:
    incident = desk.report("hazard", (2, 1), "西街六号")
    drawer = show(opened("dispatcher"), "西街六号")
    form = begin(drawer, "whistle")
    expect(form.locator("input:checked")).to_have_count(1)
    form.locator(".quick .chip").first.click()
    form.locator("button[type=submit]").click()
    place = drawer.locator(".places li", has_text="消防救援大队")
    expect(place).to_contain_text(re.compile(r"待报到 1[45]:\d\d"), timeout=SOON_MS)

    seat = opened("seat", "/work", size=PHONE)
    expect(seat.locator("#task")).to_contain_text("请消防救援大队报到", timeout=SOON_MS)
    seat.locator("#thumb button", has_text="报到").click()
    expect(place).to_contain_text("已报到", timeout=SOON_MS)
    assert desk.kinds(incident)[-1] == "reported_in"


def test_all_of_it_is_reached_by_keyboard_and_escape_closes_the_smaller_thing_first(
    desk: Desk, opened: Opened
) -> None:
    incident = desk.report("hazard", (1, 0), "北门七号")
    page = opened("dispatcher")
    drawer = show(page, "北门七号")
    drawer.locator(".more-acts summary").focus()
    page.keyboard.press("Enter")
    drawer.locator("[data-act=remind]").focus()
    page.keyboard.press("Enter")
    expect(drawer.locator("form.act textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer.locator("form.act")).to_have_count(0)
    expect(drawer.locator(".more-acts summary")).to_be_focused()
    page.keyboard.press("Enter")
    drawer.locator("[data-act=remind]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("请尽快到场")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type === 'submit'"):
            break
    page.keyboard.press("Enter")
    expect(drawer.locator(".outcome[role=status]")).to_contain_text("已催办", timeout=SOON_MS)
    assert desk.kinds(incident)[-1] == "reminded"
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_who_may_not_supervise_is_not_offered_it(desk: Desk, opened: Opened) -> None:
    desk.report("hazard", (1, 1), "北门八号")
    offered = {}
    for who in ("dispatcher", "duty_chief"):
        drawer = show(opened(who), "北门八号")
        offered[who] = {one.get_attribute("data-act") for one in drawer.locator("[data-act]").all()}
    assert offered["duty_chief"] - offered["dispatcher"] == {"extend", "supervise", "void"}
    assert "close" not in offered["dispatcher"], "somebody is at it"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_everything_is_large_enough_and_nothing_stands_out(desk: Desk, opened: Opened, lang: str) -> None:
    said = f"滨河{lang}九号"
    desk.report("fire", (0, 1), said)
    page = opened("duty_chief", lang=lang, size=PHONE)
    drawer = show(page, said)
    acts = [one.get_attribute("data-act") for one in drawer.locator("[data-act]").all()]
    for act in [act for act in acts if act]:
        form = begin(drawer, act)
        expect(form).to_be_visible()
        small = form.locator("button, label.option, select, textarea, input[type=search], input[type=datetime-local]")
        sizes = {one.evaluate("one => one.getBoundingClientRect().height") for one in small.all() if one.is_visible()}
        assert min(sizes) >= 44, act
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), act
        assert drawer.evaluate("one => one.lastChild.scrollWidth <= one.lastChild.clientWidth"), act
        page.keyboard.press("Escape")


def test_every_place_of_a_fire_is_shown_with_who_fills_it_and_the_clock_to_the_scene(
    desk: Desk, opened: Opened
) -> None:
    incident = desk.report("fire", (0, 1), "滨河十号")
    drawer = show(opened("dispatcher"), "滨河十号")
    places = drawer.locator(".places li")
    expect(places).to_have_count(2)
    expect(places.nth(1)).to_contain_text("消防一队")
    expect(places.nth(1).locator("svg rect")).to_have_count(1)
    expect(drawer.locator(".limits")).to_contain_text(re.compile(r"\d\d:\d\d 前到场"))
    desk.say("W1", incident, "accept", "brigade")
    desk.say("W2", incident, "arrive", "brigade")
    expect(places.nth(1)).to_contain_text("已到场", timeout=SOON_MS)
    expect(drawer.locator(".limit.kept")).to_contain_text("到场，用时", timeout=SOON_MS)
