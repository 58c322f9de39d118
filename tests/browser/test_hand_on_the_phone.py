"""What the phone says beside accept, arrive and finish, and what becomes of it: in a real browser."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from playwright.sync_api import Page, expect

from data.calendars import shipped
from dispatch.calendar import Calendar
from tests.browser.conftest import SOON_MS
from tests.support.desk import Desk
from tests.support.opening import PHONE, Opened


def show_task(phone: Page, said: str) -> None:
    """Bring a task on the phone's screen, whatever else there is."""
    expect(phone.locator("#task .where")).to_be_visible(timeout=SOON_MS)
    if phone.locator("#task .where").inner_text() != said:
        phone.locator("#others button", has_text=said).click()
    expect(phone.locator("#task .where")).to_have_text(said)


def test_a_team_s_task_shows_on_the_phones_of_all_and_what_one_did_the_other_learns(
    desk: Desk, opened: Opened
) -> None:
    incident = desk.report("fire", (0, 1), "滨河十一号")
    phone = opened("W2", "/work", size=PHONE)
    card = phone.locator("#task")
    show_task(phone, "滨河十一号")
    expect(card).to_contain_text("派给消防一队")
    desk.say("W1", incident, "accept", "brigade")
    expect(card).to_contain_text("消防一队已接单", timeout=SOON_MS)
    desk.act(
        "dispatcher", incident, "withdraw", task=desk.task(incident, "brigade")["id"], reason="派错了", hold=True
    )
    expect(phone.locator("#lines")).to_contain_text("滨河十一号：已撤回，不用去了。", timeout=SOON_MS)
    expect(card).not_to_contain_text("滨河十一号")


def test_without_a_network_a_return_is_kept_and_sent_later(desk: Desk, opened: Opened) -> None:
    incident = desk.report("hazard", (2, 0), "西街十二号")
    who = desk.task(incident)["worker"]["code"]
    desk.say(who, incident, "accept")
    phone = opened(who, "/work", size=PHONE)
    show_task(phone, "西街十二号")
    phone.context.set_offline(True)
    phone.locator("#thumb .more").click()
    phone.locator(".other-act", has_text="退回").click()
    phone.locator("#sheet button.big").first.click()
    expect(phone.locator("#sheet .problem")).to_be_visible()
    phone.locator("#sheet .quick").first.click()
    phone.locator("#sheet button.big").first.click()
    expect(phone.locator("#lines")).to_contain_text("待发送", timeout=SOON_MS)
    expect(phone.locator("#task")).not_to_contain_text("西街十二号")
    assert desk.row(incident)["status"] == "dispatched"
    phone.context.set_offline(False)
    expect(phone.locator("#lines")).to_contain_text("已发送", timeout=2 * SOON_MS)
    assert desk.row(incident)["status"] == "returned"
    assert desk.row(incident)["needs"][0]["state"] == "held"


def test_what_is_accepted_too_late_is_said_kindly_and_the_card_goes(desk: Desk, opened: Opened) -> None:
    incident = desk.report("hazard", (2, 0), "西街十三号")
    who = desk.task(incident)["worker"]["code"]
    phone = opened(who, "/work", size=PHONE)
    show_task(phone, "西街十三号")
    phone.context.set_offline(True)
    phone.locator("#thumb button.big").last.click()
    expect(phone.locator("#lines")).to_contain_text("待发送", timeout=SOON_MS)
    desk.act("dispatcher", incident, "withdraw", task=desk.task(incident)["id"], reason="另有急事", hold=True)
    phone.context.set_offline(False)
    expect(phone.locator("#lines")).to_contain_text("西街十三号：已撤回，不用去了。", timeout=2 * SOON_MS)
    expect(phone.locator("#lines .bad")).to_have_count(0)
    expect(phone.locator("#task")).not_to_contain_text("西街十三号")


def test_an_extension_asked_for_on_the_phone_is_granted_on_the_wall(desk: Desk, opened: Opened) -> None:
    incident = desk.report("hazard", (2, 0), "西街十四号")
    before = desk.row(incident)["deadline"]
    who = desk.task(incident)["worker"]["code"]
    desk.say(who, incident, "accept")
    phone = opened(who, "/work", size=PHONE)
    show_task(phone, "西街十四号")
    phone.locator("#thumb .more").click()
    phone.locator(".other-act", has_text="延期").click()
    phone.locator("#sheet .quick", has_text="+2 小时").click()
    phone.locator("#sheet textarea").fill("等配件")
    phone.locator("#sheet button.big").first.click()
    wall = opened("duty_chief")
    wall.locator("#rows button.row", has_text="西街十四号").click(timeout=SOON_MS)
    drawer = wall.locator("#drawer")
    drawer.locator(".hand-now .big").click()
    drawer.locator("form.act textarea").fill("同意")
    drawer.locator("form.act button[type=submit]").click()
    expect(drawer.locator(".outcome")).to_contain_text("已延期", timeout=SOON_MS)
    row = desk.row(incident)
    assert (row["status"], row["deadline"] > before) == ("dispatched", True)
    expect(phone.locator("#task")).not_to_contain_text("等批复", timeout=SOON_MS)


def test_who_waits_for_the_reporter_says_so_and_the_wall_lets_it_go_on(desk: Desk, opened: Opened) -> None:
    incident = desk.report("hazard", (2, 1), "西街十五号")
    who = desk.task(incident)["worker"]["code"]
    desk.say(who, incident, "accept")
    phone = opened(who, "/work", size=PHONE)
    show_task(phone, "西街十五号")
    phone.locator("#thumb .more").click()
    phone.locator("#sheet button", has_text="等上报人").click()
    phone.locator("#sheet button.quick", has_text="家里没人，已约时间").click()
    phone.locator("#sheet button", has_text="提交").click()
    expect(phone.locator("#task .minutes")).to_have_text("等上报人", timeout=SOON_MS)
    expect(phone.locator("#task .times")).to_contain_text("暂停计时，还剩")
    wall = opened("dispatcher", lang="en")
    wall.locator("#rows button.row", has_text="西街十五号").click(timeout=SOON_MS)
    limits = wall.locator("#drawer .limits")
    expect(limits).to_contain_text("Waits for the reporter: clock at rest", timeout=SOON_MS)
    wall.locator("#drawer .more-acts summary").click()
    expect(wall.locator("#drawer [data-act=await]")).to_have_count(0)
    wall.locator("#drawer [data-act=go_on]").click()
    wall.locator("#drawer form.act button[type=submit]").click()
    expect(limits).not_to_contain_text("reporter", timeout=SOON_MS)
    expect(phone.locator("#task .minutes")).not_to_have_text("等上报人", timeout=SOON_MS)
    assert [kind for kind in desk.kinds(incident) if kind in ("awaiting", "went_on")] == ["awaiting", "went_on"]


def test_the_page_counts_working_time_as_the_server_does(desk: Desk, opened: Opened) -> None:
    given = desk.call("dispatcher", "GET", "/api/limits")
    hours = tuple((time.fromisoformat(starts), time.fromisoformat(ends)) for starts, ends in given["working_hours"])
    china = Calendar(ZoneInfo(given["time_zone"]), hours, {year: one.days for year, one in shipped().items()})
    first, rng = datetime(2026, 1, 28, 1, 17, tzinfo=UTC), np.random.default_rng(7)
    pairs = [(first + timedelta(minutes=int(at)), int(span)) for at, span in rng.integers(1, 60_000, (40, 2))]
    asked = [[int(at.timestamp() * 1000), int(at.timestamp() + 60 * span) * 1000] for at, span in pairs]
    page = opened("dispatcher")
    expect(page.locator("#rows")).to_be_visible(timeout=SOON_MS)
    counted = page.evaluate(
        """async (asked) => {
            const { needCalendar, worked } = await import("/static/js/common/worktime.js");
            needCalendar();
            while (worked(...asked[0]) === null) await new Promise((done) => setTimeout(done, 20));
            return [...asked.map((pair) => worked(...pair)), worked(Date.parse("2031-01-01"), Date.parse("2031-02-01"))];
        }""",
        asked,
    )
    wanted = [china.worked(at, at + timedelta(minutes=span)) / timedelta(milliseconds=1) for at, span in pairs]
    assert counted == [*wanted, None]
