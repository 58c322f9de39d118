"""Limits: how fast one caller may ask. Counted in this process, in bounded memory, by the monotonic clock."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from fastapi import Request

from api.errors import DoorError
from api.settings import Settings
from data.attempts import neighbourhood

MOST_KEPT = 20_000


class Limits:
    """A bucket for each key: it holds `burst` and fills at `rate` a second.

    Kept is only the moment at which a bucket will be full again, and only for those that are not full.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._each_s = 1 / rate
        self._slack_s = (burst - 1) / rate
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str) -> float | None:
        """Take one from a key's bucket; where it is empty, return the seconds until there is one again."""
        now = self._clock()
        full_at = max(self._full_at.pop(key, now), now)
        wait = full_at - now - self._slack_s
        self._full_at[key] = full_at if wait > 0 else full_at + self._each_s
        self._forget(now)
        return wait if wait > 0 else None

    def check(self, key: str) -> None:
        """Take one, or refuse with 429 `too_many_requests` and `retry_after` in whole seconds."""
        wait = self.take(key)
        if wait is not None:
            raise DoorError(429, "too_many_requests", retry_after=max(1, math.ceil(wait)))

    def _forget(self, now: float) -> None:
        """Let full buckets go, the one used longest ago first; any bucket where there are too many."""
        while self._full_at:
            key, full_at = next(iter(self._full_at.items()))
            if full_at > now and len(self._full_at) <= MOST_KEPT:
                return
            del self._full_at[key]


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of a server: those whom it knows by who they are, strangers by where they call from."""

    actors: Limits
    strangers: Limits

    @classmethod
    def of(cls, settings: Settings) -> "Pace":
        """Make the limits that the settings name."""
        return cls(
            Limits(settings.rate_per_second, settings.rate_burst),
            Limits(settings.anonymous_rate_per_second, settings.anonymous_burst),
        )


def address_of(request: Request) -> str | None:
    """Return the IP address that a request came from; what a trusted proxy says counts, nothing else does."""
    try:
        found = ip_address(request.client.host.partition("%")[0]) if request.client else None
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found) if found else None


def stranger(request: Request) -> str:
    """Return the key under which a caller is limited whom nobody knows."""
    return neighbourhood(address_of(request))
