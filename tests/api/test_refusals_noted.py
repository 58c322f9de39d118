"""Refusals in the audit: which are noted, which are not, and that nobody fills it by them."""

import logging
from typing import Any
from uuid import uuid4

import pytest

from api import refusals
from data.tokens import TokenKind
from tests.support.accounts import Offices, told
from tests.support.client import Client, bearing, serving
from tests.support.place import Place
from tests.support.staff import Staff

WRONG = bearing("no token of ours")


async def notes(place: Place) -> list[dict[str, Any]]:
    """Return what stands in the audit, the oldest first."""
    found = await place.run(
        "SELECT account_id, actor, action, subject, result, code, address, facts FROM audit ORDER BY id"
    )
    return [dict(row._mapping) for row in found]


async def test_what_is_forbidden_is_noted_without_what_was_sent(place: Place, client: Client) -> None:
    id_ = await place.add_account(("resident", None))
    headers = bearing(await place.token_of(id_))
    asked = await client.get("/api/audit", params={"account": str(uuid4())}, headers=headers)
    assert asked.status_code == 403
    assert await notes(place) == [
        {
            "account_id": id_,
            "actor": f"account:{id_}",
            "action": "refused",
            "subject": "/api/audit",
            "result": "refused",
            "code": "forbidden",
            "address": "127.0.0.1",
            "facts": {"asked": "GET /api/audit"},
        }
    ]


async def test_what_one_may_not_see_is_noted_by_its_id(staff: Staff, place: Place) -> None:
    await staff.open()
    unseen = uuid4()
    assert (await staff.client.get(f"/api/incidents/{unseen}")).status_code == 404
    [note] = await notes(place)
    assert (note["code"], note["subject"]) == ("unknown_incident", f"incident:{unseen}")
    assert note["facts"] == {"asked": "GET /api/incidents/{incident_id}"}


async def test_a_key_that_opens_nothing_is_noted_a_few_times_a_minute(place: Place, client: Client) -> None:
    for _ in range(15):
        assert (await client.get("/api/audit", headers=WRONG)).status_code == 401
    kept = await notes(place)
    assert len(kept) == 10
    assert {(note["actor"], note["code"], note["account_id"]) for note in kept} == {
        ("stranger", "unauthenticated", None)
    }
    assert "no token of ours" not in str(kept)


async def test_who_asks_for_what_is_forbidden_all_the_time_does_not_fill_the_audit(
    place: Place, client: Client
) -> None:
    client.app.state.refusals = refusals.Refusals(known_a_minute=3)
    headers = bearing(await place.token("resident"))
    for _ in range(5):
        assert (await client.get("/api/audit", headers=headers)).status_code == 403
    assert len(await notes(place)) == 3


async def test_strangers_from_everywhere_together_have_a_limit_too_and_hide_nobody_known(
    place: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.app.state.refusals = refusals.Refusals(strangers_a_minute=4)
    addresses = iter(f"192.0.2.{n}" for n in range(99))
    monkeypatch.setattr(refusals, "stranger", lambda _: next(addresses))
    for _ in range(6):
        assert (await client.get("/api/audit", headers=WRONG)).status_code == 401
    assert (await client.get("/api/audit", headers=bearing(await place.token("resident")))).status_code == 403
    assert [note["code"] for note in await notes(place)] == ["unauthenticated"] * 4 + ["forbidden"]


async def test_nobody_s_requests_wrong_paths_and_wrong_bodies_are_not_noted(place: Place, client: Client) -> None:
    for method, path, headers in (
        ("GET", "/api/audit", {"Authorization": ""}),
        ("GET", "/api/nowhere", {}),
        ("DELETE", "/api/audit", {}),
        ("GET", "/api/incidents?limit=0", {}),
    ):
        assert 400 <= (await client.request(method, path, headers=headers)).status_code < 500
    assert await notes(place) == []


async def test_an_attempt_at_more_than_one_may_is_noted_whatever_its_status(place: Place, client: Client) -> None:
    offices = await Offices.of(place, client)
    system, security, other = [
        await place.add_account(*roles) for roles in ((("system_admin", None),), (("security_admin", None),), ())
    ]
    system_key, security_key = await offices.key(system), await offices.key(security)
    session = await offices.key(system, TokenKind.SESSION)
    wide = {"label": "x", "days": 1, "permissions": ["audit.view"]}
    narrow = wide | {"permissions": ["account.view"]}
    tried = {
        "not_yourself": await offices.say(system, "lock", system_key),
        "at_the_machine_only": await offices.give(other, "auditor", security_key),
        "unknown_area": await offices.give(other, "worker", security_key, area_code="C9"),
        "too_many_rights": await client.post("/api/me/tokens", json=wide, headers=session),
        "session_needed": await client.post("/api/me/tokens", json=narrow, headers=system_key),
    }
    assert {told(answer)[1] for answer in tried.values()} == set(tried)
    found = {(note["code"], note["account_id"], note["result"]) for note in await notes(place)}
    by = dict.fromkeys(("not_yourself", "too_many_rights", "session_needed"), system)
    assert found == {(code, by.get(code, security), "refused") for code in tried}
    everything = str(await notes(place))
    assert not any(given in everything for given in ("C9", "audit.view"))


async def test_what_row_security_itself_kept_from_somebody_is_noted(staff: Staff, place: Place) -> None:
    await staff.open()
    await place.run("REVOKE SELECT ON incident FROM wangge_app")
    assert (await staff.client.get("/api/incidents")).status_code == 403
    [note] = await notes(place)
    assert (note["code"], note["subject"]) == ("forbidden", "/api/incidents")
    assert note["account_id"] is not None


@pytest.mark.parametrize(("path", "noted"), [("/", 0), ("/work", 0), ("/admin", 1), ("/audit", 1)])
async def test_a_page_that_is_not_one_s_own_leads_away_and_an_administrator_s_is_noted(
    place: Place, client: Client, path: str, noted: int
) -> None:
    id_ = await place.add_account(("resident", None))
    shown = await client.get(path, headers=bearing(await place.token_of(id_)))
    assert (shown.status_code, shown.headers["location"]) == (303, "/me")
    assert (await client.get(path, headers={"Authorization": ""})).headers["location"] == "/sign-in"
    assert (await client.get("/me", headers=bearing(await place.token_of(id_)))).status_code == 200
    found = [(note["account_id"], note["code"], note["subject"], note["facts"]) for note in await notes(place)]
    assert found == [(id_, "forbidden", path, {"asked": f"GET {path}"})] * noted


async def test_how_many_refusals_a_minute_left_out_is_noted_with_the_next(place: Place, client: Client) -> None:
    client.app.state.refusals = counting = refusals.Refusals(known_a_minute=2)
    headers = bearing(await place.token("resident"))
    for count in (5, 1, 1):
        for _ in range(count):
            assert (await client.get("/api/audit", headers=headers)).status_code == 403
        counting._began -= 60
    found = [(note["actor"][:8], note["code"], note["facts"].get("left_out")) for note in await notes(place)]
    refused = ("account:", "forbidden", None)
    assert found == [refused, refused, ("rules", None, 3), refused, refused]


async def test_what_was_left_out_is_not_forgotten_by_a_note_that_fails(place: Place, client: Client) -> None:
    client.app.state.refusals = counting = refusals.Refusals(known_a_minute=1)
    headers = bearing(await place.token("resident"))
    right = (
        "EXECUTE ON FUNCTION audit_append(uuid, text, text, text, text, text, text, jsonb) {way} wangge_dispatcher"
    )
    for before in ("", f"REVOKE {right.format(way='FROM')}", f"GRANT {right.format(way='TO')}"):
        if before:
            await place.run(before)
        counting._began -= 60
        for _ in range(3):
            assert (await client.get("/api/audit", headers=headers)).status_code == 403
    assert [note["facts"].get("left_out") for note in await notes(place)] == [None, 4, None]


async def test_of_what_is_exported_or_listed_only_codes_that_are_known_are_noted(staff: Staff, place: Place) -> None:
    await staff.open()
    headers = bearing(await place.token("planner"))
    typed = "13912345678"
    for category, grid in ((typed, typed), ("noise", "G00"), ("noise", typed), (typed, "G00")):
        asked = {"category": category, "grid": grid}
        assert (await staff.client.get("/api/incidents/export", params=asked, headers=headers)).status_code == 200
        assert (await staff.client.get("/api/households", params={"grid": grid}, headers=headers)).status_code == 200
    found = await notes(place)
    assert typed not in str(found)
    plain = {"status": None, "open": False}
    assert [note["facts"] for note in found if note["action"] == "incidents_exported"] == [
        plain,
        plain | {"category": "noise", "grid": "G00"},
        plain | {"category": "noise"},
        plain | {"grid": "G00"},
    ]
    assert [(note["subject"], note["facts"]) for note in found if note["action"] == "households_listed"] == [
        (subject, {"count": 0}) for subject in (None, "grid:G00", None, "grid:G00")
    ]


async def test_who_is_held_back_is_noted_once(place: Place, settings: Any) -> None:
    slow = settings.model_copy(update={"rate_per_second": 0.01, "rate_burst": 1})
    async with serving(slow, await place.token("auditor")) as client:
        answers = [(await client.get("/api/audit")).status_code for _ in range(4)]
    assert answers == [200, 429, 429, 429]
    [note] = await notes(place)
    assert note["code"] == "too_many_requests"


async def test_a_note_that_fails_leaves_the_refusal_as_it_is_and_is_logged(
    place: Place, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await place.run(
        "REVOKE EXECUTE ON FUNCTION audit_append(uuid, text, text, text, text, text, text, jsonb) FROM wangge_dispatcher"
    )
    headers = bearing(await place.token("resident"))
    with caplog.at_level(logging.ERROR):
        assert (await client.get("/api/audit", headers=headers)).status_code == 403
    assert "refusal forbidden not noted" in caplog.text
