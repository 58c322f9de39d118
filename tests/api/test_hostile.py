"""Whatever is thrown at a door: a refusal with a stable code within a second, nothing written, the server alive."""

import re
import time
from collections.abc import AsyncIterator
from typing import Any

from api.guard import LARGEST_BODY
from tests.support.client import bearing
from tests.support.hostile import WHOLE_BODIES
from tests.support.staff import Staff
from tests.support.thrown import ID, POSITION, doors_of, dumped, refused, spoilt, unmoved


async def test_every_door_that_takes_a_body_is_thrown_at(staff: Staff) -> None:
    takes = {
        (method, path)
        for path, methods in staff.client.app.openapi()["paths"].items()
        for method, described in methods.items()
        if "requestBody" in described
    }
    doors = await doors_of(staff)
    assert {(method.lower(), ID.sub("{}", path)) for method, path in doors.all} == {
        (method, re.sub(r"\{\w+\}", "{}", path)) for method, path in takes
    }


async def test_whole_bodies(staff: Staff) -> None:
    doors = await doors_of(staff)
    before = await staff.counted()
    for door in doors.all:
        for what, content in WHOLE_BODIES.items():
            await doors.throw(door, content, what)
    await unmoved(staff, before)


async def test_a_huge_body_without_a_length_is_refused_before_it_is_read_to_the_end(staff: Staff) -> None:
    doors = await doors_of(staff)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64:
            sent += 1
            yield b" " * 65_536

    for door, (signed, _) in doors.all.items():
        for content in (endless(), WHOLE_BODIES["2 MB"]):
            sent = 0
            answer = await staff.client.request(
                *door, content=content, headers=signed | {"content-type": "application/json"}
            )
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), door
            assert sent <= LARGEST_BODY / 65_536 + 1


async def test_every_value_in_turn(staff: Staff) -> None:
    doors = await doors_of(staff)
    before, thrown = await staff.counted(), 0
    for door, (_, body) in doors.doors.items():
        for what, content in spoilt(body):
            await doors.throw(door, dumped(content), what)
            thrown += 1
    assert thrown > 250
    await unmoved(staff, before)


async def test_swapped_axes_and_places_far_away(staff: Staff) -> None:
    doors = await doors_of(staff)
    before = await staff.counted()
    body = doors.doors["POST", "/api/incidents"][1]
    for lng, lat in (
        (27.005, 118.305),
        (0, 0),
        (-118.305, 27.005),
        (118.305, -27.005),
        (180, 90),
        (-180, -90),
        (1e-300, 0),
    ):
        await doors.throw(("POST", "/api/incidents"), dumped(body | {"lng": lng, "lat": lat}), f"{lng} {lat}")
    await unmoved(staff, before)


async def test_other_kinds_of_content(staff: Staff) -> None:
    doors = await doors_of(staff)
    before = await staff.counted()
    for door, (_, body) in doors.all.items():
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "image/png",
            "",
        ):
            await doors.throw(door, dumped(body), kind, **{"content-type": kind})
    await unmoved(staff, before)


ODD_IDS = (
    "0", "-1", "null", "undefined", "%00", "%2e%2e", "..%2f..", "x" * 3000, "'; DROP TABLE incident; --", "{}",
    "%F0%9F%92%A9", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "1" * 32,
    "0x01", "1e5", "%ff", "①",
)  # fmt: skip


async def test_odd_ids(staff: Staff) -> None:
    doors = await doors_of(staff)
    worker, centre = bearing(staff.tokens["W1"]), dict(staff.client.headers)
    chief, system, security = [
        bearing(await staff.place.token(role)) for role in ("duty_chief", "system_admin", "security_admin")
    ]
    before = await staff.counted()
    for odd in ODD_IDS:
        for method, path, headers, body in (
            ("GET", "/api/incidents/{}", centre, None),
            ("POST", "/api/incidents/{}/close", centre, {"disposition": "resolved"}),
            ("POST", "/api/tasks/{}/accept", worker, {}),
            ("POST", "/api/tasks/{}/finish", worker, {"result": "done"}),
            ("PUT", "/api/workers/{}/position", worker, POSITION),
            ("GET", "/api/households/{}", chief, None),
            ("POST", "/api/accounts/{}/lock", system, None),
            ("POST", "/api/accounts/{}/roles", security, {"role": "resident"}),
            ("DELETE", "/api/me/tokens/{}", centre, None),
            ("GET", "/tiles/{}/0/0/0", centre, None),
            ("GET", "/tiles/grids/{}/0/0", centre, None),
            ("GET", "/tiles/grids/5/{}/0", centre, None),
        ):
            if path.startswith("/tiles/grids") and odd == "0":
                continue
            began = time.perf_counter()
            answer = await doors.staff.client.request(method, path.format(odd), headers=headers, json=body)
            refused(answer, f"{method} {path} {odd[:40]}", time.perf_counter() - began)
    await unmoved(staff, before)


QUERIES: dict[str, dict[str, tuple[str, ...]]] = {
    "/api/incidents": {
        "after": ("x", "", "0", "7:41", "\x00", "x" * 3000),
        "limit": ("0", "-1", "1001", "1e9", "NaN", "x", "", "9" * 5000, "1.5"),
        "status": ("mars", "", "\x00", "FILED", "filed'--"),
        "open": ("maybe", "2", "\x00"),
        "category": ("", " ", "\x00", "x" * 65),
        "grid": ("", "\x00", "x" * 65),
        "colour": ("red",),
    },
    "/api/locate": {
        "lng": ("", "x", "NaN", "nan", "Infinity", "-inf", "1e400", "181", "9" * 5000, "0x76", "118,3", "\x00"),
        "lat": ("", "x", "NaN", "1e400", "91", "-90.1", "ninety"),
        "datum": ("", "mars", "WGS84", "\x00"),
        "layer": ("", "nowhere", "\x00", "x" * 65),
        "colour": ("red",),
    },
    "/api/grids": {"layer": ("", "nowhere", "\x00", "x" * 65, "governance'--")},
    "/api/live": {"after": ("x" * 65, "9" * 3000)},
}


async def test_odd_questions(staff: Staff) -> None:
    doors = await doors_of(staff)
    before = await staff.counted()
    usual: dict[str, dict[str, Any]] = {"/api/locate": dict(POSITION)}
    for path, fields in QUERIES.items():
        for name, values in fields.items():
            for value in values:
                began = time.perf_counter()
                answer = await doors.staff.client.get(path, params=usual.get(path, {}) | {name: value})
                refused(answer, f"{path}?{name}={value[:40]!r}", time.perf_counter() - began)
    await unmoved(staff, before)


ODD_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"accept-language", b"\xff\xfe"),
    (b"accept-language", b"x" * 20_000),
    (b"accept-language", b"," * 20_000),
    (b"accept-language", b"en;q=" + b"9" * 5000),
    (b"accept-language", b"zh;q=NaN,en;q=1e400"),
    (b"accept-language", b"*;q=0"),
    (b"cookie", b"wangge_lang=\xff; wangge_key=\xff\x00"),
    (b"cookie", b"wangge_lang=../../etc/passwd"),
    (b"cookie", b"=" * 5000),
    (b"origin", b"null"),
    (b"origin", b"http://[::1"),
    (b"origin", b"\xff"),
    (b"last-event-id", b"\xff" * 65),
    (b"content-length", b"0"),
)


async def test_odd_headers_do_not_turn_a_refusal_into_something_else(staff: Staff) -> None:
    doors = await doors_of(staff)
    before = await staff.counted()
    token = staff.client.headers["authorization"].encode()
    for name, value in ODD_HEADERS:
        for credentials in ([(b"authorization", token)], [(b"authorization", b""), (b"cookie", b"wangge_key=x")]):
            headers = [*credentials, (b"content-type", b"application/json"), (name, value)]
            for method, path in (("GET", "/api/incidents/nothing"), ("POST", "/api/incidents")):
                began = time.perf_counter()
                content = b"{}" if method == "POST" else None
                answer = await doors.staff.client.request(method, path, headers=headers, content=content)
                refused(answer, f"{name!r} {value[:30]!r}", time.perf_counter() - began)
    await unmoved(staff, before)


async def test_odd_credentials_open_nothing(staff: Staff) -> None:
    doors = await doors_of(staff)
    before = await staff.counted()
    for given in (
        b"Bearer",
        b"Bearer ",
        b"Bearer \xff\xfe",
        b"Bearer " + b"x" * 20_000,
        b"bearer a b c",
        b"Basic eDp5",
        b"\x00",
        b"Bearer null",
    ):
        answer = await doors.staff.client.get("/api/board", headers=[(b"authorization", given)])
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), given
    await unmoved(staff, before)
