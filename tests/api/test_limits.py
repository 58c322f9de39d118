"""How fast one caller may ask: against a bucket that is really filled and emptied, and through the door."""

from collections import defaultdict
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from api import limits
from api.errors import DoorError
from api.limits import Limits, address_of, stranger
from api.settings import Settings
from tests.support.client import bearing, serving
from tests.support.place import Place


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Buckets:
    """What `Limits` is held against: buckets of water."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self.level: dict[str, float] = defaultdict(lambda: float(burst))

    def pass_(self, seconds: float) -> None:
        for key in self.level:
            self.level[key] = min(self.burst, self.level[key] + seconds * self.rate)

    def take(self, key: str) -> bool:
        if self.level[key] < 1 - 1e-6:
            return False
        self.level[key] -= 1
        return True


STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0.0, 0.125, 0.5, 3.0, 100.0])), max_size=80)


@given(STEPS, st.sampled_from([0.5, 2.0, 8.0]), st.integers(1, 5))
def test_limits_let_go_what_a_bucket_lets_go(steps: list[tuple[str, float]], rate: float, burst: int) -> None:
    clock = Clock()
    ours, theirs = Limits(rate, burst, clock), Buckets(rate, burst)
    for key, seconds in steps:
        clock.now += seconds
        theirs.pass_(seconds)
        assert (ours.take(key) is None) == theirs.take(key)


def test_who_waits_as_long_as_told_may_go_on() -> None:
    clock = Clock()
    held = Limits(2, 3, clock)
    assert [held.take("a") for _ in range(3)] == [None, None, None]
    wait = held.take("a")
    assert wait == pytest.approx(0.5)
    clock.now += wait or 0
    assert held.take("a") is None
    assert held.take("a") == pytest.approx(0.5)
    assert held.take("b") is None


def test_asking_too_early_again_and_again_does_not_lengthen_the_wait() -> None:
    held = Limits(2, 1, Clock())
    held.take("a")
    assert {held.take("a") for _ in range(100)} == {0.5}


def test_what_is_kept_is_bounded_and_goes_by_itself() -> None:
    clock = Clock()
    held = Limits(50, 500, clock)
    for number in range(limits.MOST_KEPT + 500):
        held.take(f"key {number}")
    assert len(held) <= limits.MOST_KEPT
    clock.now += 60
    held.take("another")
    assert len(held) == 1


def test_a_refusal_names_whole_seconds() -> None:
    held = Limits(0.4, 1, Clock())
    held.check("a")
    with pytest.raises(DoorError) as refused:
        held.check("a")
    assert (refused.value.status, refused.value.code, refused.value.facts) == (
        429,
        "too_many_requests",
        {"retry_after": 3},
    )


def from_(host: str | None) -> Request:
    scope: dict[str, Any] = {"type": "http", "headers": [], "client": None if host is None else (host, 1)}
    return Request(scope)


@pytest.mark.parametrize(
    ("host", "address", "key"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("unknown", None, "None"),
        ("", None, "None"),
        ("1.2.3.4, 5.6.7.8", None, "None"),
        (None, None, "None"),
    ],
)
def test_a_stranger_is_known_by_address_an_ipv6_one_by_its_network(
    host: str | None, address: str | None, key: str
) -> None:
    assert (address_of(from_(host)), stranger(from_(host))) == (address, key)


async def test_each_account_has_its_own_pace_and_strangers_theirs(place: Place, settings: Settings) -> None:
    await place.add_block(1, 1)
    paced = settings.model_copy(
        update={"rate_per_second": 0.001, "rate_burst": 5, "anonymous_rate_per_second": 0.001, "anonymous_burst": 3}
    )
    account = await place.add_account(("dispatcher", None))
    one, same, other = await place.token_of(account), await place.token_of(account), await place.token("dispatcher")
    async with serving(paced, one) as client:
        await client.app.state.process.ready.wait()

        async def asked(path: str, headers: dict[str, str]) -> int:
            return int((await client.get(path, headers=headers)).status_code)

        mine = [await asked("/api/categories", bearing(token)) for token in (one, same, one, same, one, same)]
        assert mine == [200, 200, 200, 200, 200, 429]
        assert await asked("/api/categories", bearing(other)) == 200
        none = {"Authorization": ""}
        assert [await asked("/api/categories", none) for _ in range(4)] == [401, 401, 401, 429]
        assert await asked("/api/categories", bearing("a guess")) == 429
        answer = await client.get("/api/categories", headers=none)
        assert answer.json()["code"] == "too_many_requests"
        assert int(answer.headers["retry-after"]) == answer.json()["retry_after"] >= 1
        assert await asked("/api/categories", bearing(other)) == 200
        assert [await asked("/static/icon.svg", none) for _ in range(20)] == [200] * 20
        assert [await asked("/livez", none) for _ in range(20)] == [200] * 20
