"""Clients that do not give up: they ask again, at another server, until they are answered."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

AGAIN_AFTER_S = 0.05
GIVES_UP_AFTER_S = 5.0
"""On one try; then the next server is asked."""


@dataclass
class Persistent:
    """A person's or program's client; `tries` counts what it met on the way to its answers."""

    addresses: Sequence[str]
    token: str
    tries: Counter[str] = field(default_factory=Counter)

    async def post(
        self, path: str, body: dict[str, Any], key: str | None, client: httpx2.AsyncClient, first: int = 0
    ) -> httpx2.Response:
        """Ask, beginning at a server, until there is an answer that is no 5xx."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({} if key is None else {"Idempotency-Key": key})
        for row in itertools.count(first):
            address = self.addresses[row % len(self.addresses)]
            try:
                answer = await client.post(f"{address}{path}", json=body, headers=headers)
            except httpx2.TransportError as error:
                self.tries[type(error).__name__] += 1
            else:
                self.tries[str(answer.status_code)] += 1
                if answer.status_code < 500:
                    return answer
            await asyncio.sleep(AGAIN_AFTER_S)
        raise AssertionError("never asked")


def client() -> httpx2.AsyncClient:
    """Make what the requests go through."""
    return httpx2.AsyncClient(timeout=GIVES_UP_AFTER_S)
