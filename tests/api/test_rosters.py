"""Rosters by those who make them: weekly patterns, changed days, swaps; who sees which."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.support.client import bearing, until
from tests.support.place import middle
from tests.support.rota import Rota
from tests.support.staff import Staff

TOWN = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
EARLY, LATE, NIGHT = (
    {"starts": a, "ends": b} for a, b in (("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00"))
)


@pytest.fixture
async def rota(staff: Staff) -> Rota:
    """Lend a duty chief's desk with two people who work early and late every day, and one who never does."""
    return await Rota.of(staff)


async def test_a_week_is_replaced_and_shown_with_all_that_runs_into_it(rota: Rota) -> None:
    tomorrow = rota.today + DAY
    week = [{"weekday": tomorrow.isoweekday(), **NIGHT}, {"weekday": (tomorrow + DAY).isoweekday(), **LATE}]
    assert await rota.week("W1", week) == (200, {"shifts": 2})
    shown = await rota.days("W1", rota.today)
    assert [day["shifts"] for day in shown[:3]] == [[], [NIGHT], [LATE]]
    told = (await rota.get(f"/api/workers/{rota.ids['W1']}/roster")).json()
    assert [(one["weekday"], one["starts"]) for one in told["patterns"]] == sorted(
        (one["weekday"], one["starts"]) for one in week
    )
    assert (told["code"], told["name"]) == ("W1", "王*")
    assert await rota.week("W1", []) == (200, {"shifts": 0})
    assert [day["shifts"] for day in await rota.days("W1", rota.today)] == [[]] * 7


async def test_a_week_in_which_somebody_would_be_on_duty_twice_is_refused(rota: Rota) -> None:
    for overlapping in (
        [{"weekday": 1, **EARLY}, {"weekday": 1, "starts": "13:59", "ends": "15:00"}],
        [{"weekday": 7, **NIGHT}, {"weekday": 1, "starts": "05:00", "ends": "09:00"}],
        [{"weekday": 3, "starts": "08:00", "ends": "08:00"}, {"weekday": 4, **EARLY}],
    ):
        status, told = await rota.week("W1", overlapping)
        assert (status, told["code"]) == (409, "shifts_overlap")
    assert [day["shifts"] for day in await rota.days("W1", rota.today)] == [[EARLY]] * 7


async def test_a_day_is_changed_and_restored(rota: Rota) -> None:
    day = rota.today + DAY
    for reason, shifts, wanted in (
        ("leave", [], []),
        ("changed", [NIGHT, EARLY], [EARLY, NIGHT]),
        ("leave", [], []),
        ("extra", [LATE], [LATE]),
        ("leave", [], []),
    ):
        assert await rota.change("W1", day, reason, shifts) == (200, {"day": str(day), "shifts": wanted})
    shown = (await rota.days("W1", day))[0]
    assert (shown["shifts"], shown["changed"]) == ([], "leave")
    assert await rota.restore("W1", day) == (200, {"day": str(day), "shifts": [EARLY]})
    assert await rota.change("W1", day, "extra", [LATE]) == (200, {"day": str(day), "shifts": [EARLY, LATE]})
    assert await rota.restore("W1", day) == (200, {"day": str(day), "shifts": [EARLY]})
    assert await rota.restore("W1", day) == (200, {"day": str(day), "shifts": [EARLY]})


async def test_a_day_on_which_shifts_would_overlap_is_refused_and_stays_as_it_was(rota: Rota) -> None:
    day = rota.today + DAY
    for reason, shifts in (
        ("extra", [{"starts": "13:00", "ends": "15:00"}]),
        ("extra", [EARLY]),
        ("changed", [{"starts": "22:00", "ends": "07:00"}]),  # into the next morning's shift
        ("changed", [EARLY, {"starts": "05:00", "ends": "07:00"}]),
    ):
        status, told = await rota.change("W1", day, reason, shifts)
        assert (status, told["code"], told["day"]) == (409, "shifts_overlap", str(day))
    assert (await rota.days("W1", day))[0] == {"day": str(day), "shifts": [EARLY], "changed": None, "swap": None}


async def test_yesterday_may_be_changed_and_what_was_before_not(rota: Rota) -> None:
    assert (await rota.change("W1", rota.today - DAY, "leave", []))[0] == 200
    status, told = await rota.change("W1", rota.today - 2 * DAY, "leave", [])
    assert (status, told["code"]) == (409, "day_past")
    assert (await rota.restore("W1", rota.today - 2 * DAY))[0] == 409


async def test_two_trade_their_shifts_of_a_day_and_take_it_back(rota: Rota) -> None:
    day = rota.today + DAY
    status, made = await rota.swap("W1", "W2", day)
    assert status == 201
    assert [row["skills"] for row in made["lacking"]] == [["fire"]]
    assert (made["lacking"][0]["worker"], made["lacking"][0]["day"]) == (str(rota.ids["W2"]), str(day))
    for code, wanted in (("W1", [LATE]), ("W2", [EARLY])):
        shown = (await rota.days(code, day))[0]
        assert (shown["shifts"], shown["changed"], shown["swap"]) == (wanted, "swap", made["id"])
    assert await rota.take_back(made["id"]) == (200, {"taken_back": True})
    assert (await rota.days("W1", day))[0] == {"day": str(day), "shifts": [EARLY], "changed": None, "swap": None}
    assert await rota.take_back(made["id"]) == (404, "unknown_swap")


async def test_two_trade_shifts_of_two_days(rota: Rota) -> None:
    day, other = rota.today + DAY, rota.today + 3 * DAY
    assert (await rota.swap("W1", "W2", day, other))[0] == 201
    assert [one["shifts"] for one in await rota.days("W1", day)][:3] == [[], [EARLY], [EARLY, LATE]]
    assert [one["shifts"] for one in await rota.days("W2", day)][:3] == [[EARLY, LATE], [LATE], []]


async def test_a_swap_needs_two_shifts_and_books_nobody_twice(rota: Rota) -> None:
    day = rota.today + DAY
    status, told = await rota.swap("W1", "W3", day)
    assert (status, told["code"]) == (409, "no_shift")
    await rota.change("W2", day + DAY, "changed", [EARLY])
    status, told = await rota.swap("W1", "W2", day, day + DAY)
    assert (status, told["code"]) == (409, "shifts_overlap")
    assert [one["shifts"] for one in await rota.days("W1", day)][:2] == [[EARLY], [EARLY]]
    assert (await rota.counted()) == 1


async def test_a_swap_that_another_stands_on_is_taken_back_after_it(rota: Rota) -> None:
    day = rota.today + DAY
    await rota.week("W3", [{"weekday": day.isoweekday(), **NIGHT}])
    _, first = await rota.swap("W1", "W2", day)
    _, second = await rota.swap("W2", "W3", day)
    assert [(await rota.days(code, day))[0]["shifts"] for code in ("W1", "W2", "W3")] == [[LATE], [NIGHT], [EARLY]]
    assert await rota.take_back(first["id"]) == (409, "swapped_again")
    for swap in (second, first):
        assert (await rota.take_back(swap["id"]))[0] == 200
    assert [(await rota.days(code, day))[0]["shifts"] for code in ("W1", "W2", "W3")] == [[EARLY], [LATE], [NIGHT]]


async def test_whoever_falls_ill_after_a_swap_is_off_and_the_other_keeps_what_was_traded(rota: Rota) -> None:
    day = rota.today + DAY
    await rota.swap("W1", "W2", day)
    assert await rota.change("W2", day, "leave", []) == (200, {"day": str(day), "shifts": []})
    assert (await rota.days("W1", day))[0]["shifts"] == [LATE]
    assert await rota.restore("W2", day) == (200, {"day": str(day), "shifts": [EARLY]})


async def test_of_many_who_fill_one_gap_at_once_one_does(rota: Rota) -> None:
    day = rota.today + DAY
    answers = await asyncio.gather(*(rota.change("W3", day, "extra", [EARLY]) for _ in range(6)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409, 409]


async def test_a_repeated_request_changes_nothing_and_gets_the_same_answer(rota: Rota) -> None:
    day, key = rota.today + DAY, {"Idempotency-Key": "once"}
    body = {"day": str(day), "worker": str(rota.ids["W1"]), "with": str(rota.ids["W2"])}
    answers = [await rota.post("/api/roster/swaps", body, key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await rota.counted() == 2


async def test_the_city_follows_at_once_who_is_on_duty(rota: Rota) -> None:
    city, worker = rota.staff.client.app.state.process.city, rota.ids["W3"]

    def on_duty() -> bool:
        return worker in city.duty.on(datetime.now(TOWN))

    assert not on_duty()
    await rota.week("W3", [{"weekday": n, "starts": "00:00", "ends": "00:00"} for n in range(1, 8)])
    await until(on_duty)
    grids = {one["code"]: one["on_duty"] for one in (await rota.roster())["grids"]}
    assert (grids["G10"], grids["G20"]) == (1, 0)
    [shown] = [one for one in (await rota.roster())["items"] if one["code"] == "W3"]
    assert datetime.fromisoformat(shown["on_duty_until"]) > datetime.now(TOWN) + DAY
    await rota.change("W3", rota.today, "leave", [])
    await rota.change("W3", rota.today - DAY, "leave", [])
    await until(lambda: not on_duty())


async def test_everybody_sees_the_own_days_and_only_those(rota: Rota) -> None:
    own = (await rota.get("/api/roster/mine?days=3", rota.staff.tokens["W1"])).json()
    assert [(one["code"], len(one["days"])) for one in own["items"]] == [("W1", 3)]
    for path in ("/api/roster", f"/api/workers/{rota.ids['W1']}/roster"):
        assert (await rota.get(path, rota.staff.tokens["W1"])).status_code == 403
    resident = await rota.staff.place.token("resident")
    assert (await rota.get("/api/roster/mine", resident)).status_code == 403
    watching = await rota.staff.place.token("dispatcher")
    assert (await rota.get("/api/roster", watching)).status_code == 200
    answer = await rota.staff.client.put(
        f"/api/workers/{rota.ids['W1']}/roster", json={"patterns": []}, headers=bearing(watching)
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_whoever_is_not_in_the_chief_s_area_is_not_there(rota: Rota) -> None:
    place, chief = rota.staff.place, rota.token
    await place.add_area("C2")
    rota.token = await place.token("duty_chief", area_code="C2")
    day = rota.today + DAY
    assert (await rota.roster())["items"] == []
    assert (await rota.get(f"/api/workers/{rota.ids['W1']}/roster")).json()["code"] == "unknown_worker"
    refused = [
        await rota.week("W1", []),
        await rota.change("W1", day, "leave", []),
        await rota.restore("W1", day),
        await rota.swap("W1", "W2", day),
    ]
    for status, told in refused:
        assert (status, told["code"] if isinstance(told, dict) else told) == (404, "unknown_worker")
    far = await rota.staff.hire("W9", middle(0, 0), home="C2")
    status, told = await rota.swap("W1", "W9", day)
    assert (status, told["code"]) == (404, "unknown_worker")
    assert (await rota.week("W9", []))[0] == 200
    rota.token, own = chief, rota.token
    _, made = await rota.swap("W1", "W2", day)
    rota.token = own
    assert await rota.take_back(made["id"]) == (404, "unknown_swap")
    assert await rota.take_back(str(uuid4())) == (404, "unknown_swap")
    assert [one["id"] for one in (await rota.roster())["items"]] == [str(far)]


async def test_a_roster_is_listed_by_area_page_by_page(rota: Rota) -> None:
    codes: list[str] = []
    after = ""
    while True:
        told = await rota.roster(f"?limit=1{after}")
        codes += [one["code"] for one in told["items"]]
        if told["next"] is None:
            break
        after = f"&after={told['next']}"
    assert codes == ["W1", "W2", "W3"]
    assert [one["code"] for one in (await rota.roster("?area=G10"))["items"]] == ["W3"]
    nowhere = await rota.roster("?area=nowhere")
    assert (nowhere["items"], nowhere["grids"], nowhere["today"]) == ([], [], str(rota.today))


A_DAY = {"day": "2099-01-01", "reason": "leave"}
WRONG: tuple[tuple[str, str, Any], ...] = (
    ("PUT", "/api/workers/{id}/roster", {}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": None}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 0, **EARLY}]}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1.5, **EARLY}]}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": True, **EARLY}]}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1, "starts": "24:00", "ends": "06:00"}]}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1, "starts": "8:00", "ends": "06:00"}]}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1, "starts": "08:00\n", "ends": "06:00"}]}),
    (
        "PUT",
        "/api/workers/{id}/roster",
        {"patterns": [{"weekday": 1, "starts": "\uff10\uff18:\uff10\uff10", "ends": "06:00"}]},
    ),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1, "starts": 480, "ends": "06:00"}]}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1, **EARLY}] * 51}),
    ("PUT", "/api/workers/{id}/roster", {"patterns": [{"weekday": 1, **EARLY, "from_day": "0001-01-01"}]}),
    (
        "PUT",
        "/api/workers/{id}/roster",
        {"patterns": [{"weekday": 1, **EARLY, "from_day": "2026-05-02", "until_day": "2026-05-01"}]},
    ),
    ("PUT", "/api/workers/x/roster", {"patterns": []}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"day": "9999-12-31"}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"day": "2026-02-30"}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"day": 20_000}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"day": "2026-05-01T00:00:00Z"}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"reason": "swap"}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"reason": "extra"}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"shifts": [EARLY] * 11}),
    ("POST", "/api/workers/{id}/days", A_DAY | {"made_by": "x"}),
    ("DELETE", "/api/workers/{id}/days/0000-00-00", None),
    ("DELETE", "/api/workers/{id}/days/9999-12-31", None),
    ("DELETE", "/api/workers/{id}/days/%00", None),
    ("POST", "/api/roster/swaps", {"day": "2099-01-01", "worker": "{id}", "with": "{id}"}),
    ("POST", "/api/roster/swaps", {"day": "2099-01-01", "worker": "{id}"}),
    ("DELETE", "/api/roster/swaps/x", None),
    ("GET", "/api/roster?days=32", None),
    ("GET", "/api/roster?days=0", None),
    ("GET", "/api/roster?from=9999-12-31", None),
    ("GET", "/api/roster?from=1", None),
    ("GET", "/api/roster?area=%00", None),
    ("GET", "/api/roster?limit=100000", None),
    ("GET", "/api/roster/mine?days=-1", None),
)


async def test_what_is_no_roster_is_refused_in_words(rota: Rota) -> None:
    mine, before = rota.staff.tokens["W1"], await rota.counted()
    for method, path, body in WRONG:
        filled = path.replace("{id}", str(rota.ids["W1"]))
        sent = {k: str(rota.ids["W1"]) if v == "{id}" else v for k, v in body.items()} if body is not None else None
        headers = bearing(mine if "mine" in path else rota.token)
        answer = await rota.staff.client.request(method, filled, json=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), (method, path, body)
    assert await rota.counted() == before
