"""Who is let in, how a refusal looks in both languages, what every answer carries, and a commit that fails."""

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any
from uuid import uuid4

import pytest

from api.errors import CODES, HTTP_STATUS
from api.guard import LARGEST_BODY
from api.i18n import language
from api.routes import grids
from dispatch import errors as refusals
from geo import errors as geo_errors
from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff

OPEN_TO_ALL = {"/livez", "/readyz", "/api/receipts/look", "/api/receipts/evaluate"}
REPORT = {"lng": 118.305, "lat": 27.005, "datum": "wgs84", "category": "noise", "description": "x"}


def texts(lang: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(resources.files("api").joinpath("locale", f"{lang}.json").read_text("utf-8"))
    return found


def every_class(module: Any) -> Iterator[Any]:
    for found in vars(module).values():
        if isinstance(found, type) and "code" in vars(found):
            yield found


def test_every_refusal_has_a_status_and_words_in_both_languages() -> None:
    assert texts("zh_Hans").keys() == texts("en").keys()
    own = {found for found in every_class(refusals)}
    assert own == set(HTTP_STATUS)
    codes = {found.code for found in own} | {found.code for found in every_class(geo_errors)} - {"geo_refused"}
    assert codes | set(CODES.values()) <= texts("en").keys()


def described(staff: Staff) -> Iterator[tuple[str, str]]:
    """Yield method and path of everything that is described, ids filled in."""
    for path, methods in staff.client.app.openapi()["paths"].items():
        filled = path.replace("{layer}", "grids").replace("{z}", "1").replace("{x}", "0").replace("{y}", "0")
        filled = re.sub(r"\{\w+_id\}", str(uuid4()), filled)
        for method in methods:
            yield method, filled


async def test_nobody_comes_in_without_a_token_that_is_good(staff: Staff) -> None:
    await staff.open()
    expired, revoked = await staff.place.token("dispatcher"), await staff.place.token("dispatcher")
    for column, token in (("expires_at", expired), ("revoked_at", revoked)):
        await staff.place.run(f"UPDATE access_token SET {column} = now() WHERE hash = sha256(:t)", t=token.encode())
    asked = [(method, path) for method, path in described(staff) if path not in OPEN_TO_ALL]
    assert len(asked) >= 35
    strangers = (
        {"Authorization": ""},
        bearing("x"),
        bearing(expired),
        bearing(revoked),
        {"Authorization": "Basic eDp5"},
    )
    for method, path in asked:
        for headers in strangers:
            answer = await staff.client.request(
                method, path, headers=headers, json={} if method in ("post", "put") else None
            )
            assert answer.status_code == 401, (method, path, headers)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["code"] == "unauthenticated"


CENTRE_ONLY = [
    ("get", "/api/board"),
    ("post", "/api/incidents/{id}/close"),
    ("get", "/api/incidents/export"),
    ("get", "/api/workers"),
]


async def test_what_is_the_command_centre_s_is_nobody_else_s(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("noise")).json()
    for token in (staff.tokens["W1"], await staff.place.token("resident")):
        for method, path in CENTRE_ONLY:
            body = {"disposition": "resolved"} if method == "post" else None
            answer = await staff.client.request(method, path.format(id=told["id"]), headers=bearing(token), json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        assert (await staff.client.get("/api/categories", headers=bearing(token))).status_code == 200
        assert (await staff.client.get("/tiles/grids/0/0/0", headers=bearing(token))).status_code in (200, 204)


async def test_of_incidents_everybody_else_is_shown_only_the_own(staff: Staff) -> None:
    await staff.hire("W1", middle(0, 0))
    await staff.hire("W2", middle(2, 1))
    await staff.open()
    offered = (await staff.client.report("noise")).json()
    resident = await staff.place.token("resident")
    own = (await staff.client.report("fire", token=resident)).json()
    assert own["tasks"] == []
    for token, shown, hidden in (
        (staff.tokens["W1"], offered, own),
        (resident, own, offered),
        (staff.tokens["W2"], None, offered),
        (await staff.place.token("resident"), None, own),
    ):
        items = (await staff.client.get("/api/incidents", headers=bearing(token))).json()["items"]
        assert [row["id"] for row in items] == ([shown["id"]] if shown else [])
        answer = await staff.client.get(f"/api/incidents/{hidden['id']}", headers=bearing(token))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_incident")
        assert (
            shown is None
            or (await staff.client.get(f"/api/incidents/{shown['id']}", headers=bearing(token))).json()["id"]
            == shown["id"]
        )


async def test_a_key_in_a_cookie_opens_the_same_doors_but_not_for_another_site(staff: Staff) -> None:
    await staff.open()
    cookie = {"cookie": f"wangge_key={await staff.place.token('dispatcher')}", "Authorization": ""}

    async def post(**headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await staff.client.post("/api/incidents", json=REPORT, headers=cookie | named)
        return answer.status_code, answer.json().get("code", "")

    assert (await staff.client.get("/api/board", headers=cookie)).status_code == 200
    for ours in ({"origin": "http://test"}, {"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}):
        assert await post(**ours) == (201, ""), ours
    before = await staff.counted()
    for headers in (
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://test.evil.example"},
        {"origin": "http://test:81"},
        {"sec_fetch_site": "cross-site"},
        {"origin": "https://evil.example", "Authorization": "Basic eDp5"},
    ):
        assert await post(**headers) == (403, "cross_site"), headers
    assert await staff.counted() == before
    assert (await post(origin="https://app.example", Authorization=staff.client.headers["Authorization"]))[0] == 201


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        (None, "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.1, zh;q=0.9", "zh"),
        ("fr, en;q=0.5", "en"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
        ("*", "zh"),
        ("", "zh"),
        (";;;q=,,en;q=NaN,-", "zh"),
        ("e" * 5000, "zh"),
    ],
)
def test_the_language_is_the_one_most_wanted_of_those_there_are(accepted: str | None, lang: str) -> None:
    assert language(accepted) == lang
    assert language(accepted, "en") == "en"
    assert language(accepted, "xx") == lang


async def test_a_refusal_is_a_problem_in_the_reader_s_language_with_the_same_code(staff: Staff) -> None:
    await staff.open()
    told = {}
    for lang, tag in (("en", "en"), ("zh", "zh-Hans")):
        answer = await staff.client.post(
            "/api/incidents", json=REPORT | {"lng": 119.5}, headers={"Accept-Language": lang}
        )
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == tag
        told[lang] = answer.json()
    assert told["en"]["title"].startswith("The position is too far from the town (about 1")
    assert told["zh"]["title"].startswith("位置离辖区太远")
    assert told["en"] | {"title": ""} == told["zh"] | {"title": ""}
    assert told["en"].keys() == {"type", "title", "status", "code", "metres"}
    cookie = await staff.client.get("/api/nowhere", headers={"cookie": "wangge_lang=en", "Accept-Language": "zh"})
    assert cookie.headers["content-language"] == "en"


async def test_what_is_not_there_and_what_is_not_done_is_told_as_a_problem(staff: Staff) -> None:
    await staff.open()
    for method, path, status, code in (
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/nowhere", 404, "not_found"),
        ("GET", "/static/../pyproject.toml", 404, "not_found"),
        ("GET", "/static/%2e%2e/%2e%2e/pyproject.toml", 404, "not_found"),
        ("DELETE", "/api/incidents", 405, "method_not_allowed"),
        ("PATCH", f"/api/workers/{uuid4()}/position", 405, "method_not_allowed"),
        ("GET", f"/api/incidents/{uuid4()}", 404, "unknown_incident"),
    ):
        answer = await staff.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.headers["content-type"] == "application/problem+json"


GUARDED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


async def test_every_answer_of_the_api_tells_browsers_to_keep_calm(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    await staff.open()

    def broken(*_: object) -> None:
        raise RuntimeError("王小明 13912345678")

    monkeypatch.setattr(grids, "located_one", broken)
    answers = [
        await staff.client.get("/api/board"),
        await staff.client.get("/api/nowhere"),
        await staff.client.get("/api/board", headers={"Authorization": ""}),
        await staff.client.post("/api/incidents", json={}),
        await staff.client.post("/api/incidents", content=b"x" * (LARGEST_BODY + 1)),
        await staff.client.get("/api/locate", params={"lng": 1, "lat": 1, "datum": "wgs84"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 401, 422, 413, 500]
    for answer in answers:
        assert GUARDED.items() <= dict(answer.headers).items(), answer.status_code
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
    assert (answers[-1].json()["status"], answers[-1].json()["code"]) == (500, "internal")
    assert "139" not in answers[-1].text


REFUSE_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'at commit' USING ERRCODE = '{state}'; END $$"""
ON_INCIDENTS = """
CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON incident DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse()"""


@pytest.mark.parametrize(("state", "status", "code"), [("P0001", 500, "internal"), ("40001", 503, "try_again")])
async def test_a_commit_that_fails_is_never_answered_201(staff: Staff, state: str, status: int, code: str) -> None:
    """A dependency that yields would by default be closed after the answer has left."""
    await staff.hire("W1")
    await staff.open()
    await staff.place.run(REFUSE_AT_COMMIT.format(state=state))
    await staff.place.run(ON_INCIDENTS)
    before = await staff.counted()
    for key in ({}, {"key": "k"}):
        answer = await staff.client.report("noise", **key)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("retry-after" in answer.headers) == (status == 503)
    assert await staff.counted() == before
    assert await staff.load("W1") == (0, False)
    await staff.place.run("DROP TRIGGER refused ON incident")
    assert (await staff.client.report("noise", key="k")).status_code == 201


async def test_a_position_whose_commit_fails_is_not_called_kept(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    await staff.place.run(REFUSE_AT_COMMIT.format(state="P0001"))
    await staff.place.run(ON_INCIDENTS.replace("ON incident", "ON worker_position"))
    body = {"lng": middle(0, 0)[0], "lat": middle(0, 0)[1], "datum": "wgs84"}
    answer = await staff.client.put(f"/api/workers/{worker}/position", json=body)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert (await staff.counted())["worker_position"] == 0


async def test_the_openapi_document_describes_problems_and_can_be_read_without_the_internet(staff: Staff) -> None:
    document = (await staff.client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method, described_ in methods.items():
            if path.startswith(("/api", "/tiles")):
                assert "application/problem+json" in described_["responses"]["4XX"]["content"], (method, path)
    page = await staff.client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://test", "")
    assert "https://" not in page.text
