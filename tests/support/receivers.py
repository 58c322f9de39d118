"""Receivers as whoever manages notices has them, and what is sent to them."""

from dataclasses import dataclass
from typing import Any

from tests.support.client import Client, bearing
from tests.support.place import Place


@dataclass
class Notices:
    """A served place with who manages notices."""

    place: Place
    client: Client
    headers: dict[str, str]

    @classmethod
    async def of(cls, place: Place, client: Client) -> "Notices":
        """Appoint a system administrator in a place that was built."""
        return cls(place, client, bearing(await place.token("system_admin")))

    async def add(self, address: str, **given: Any) -> Any:
        """Add a receiver and return the answer; by default a program that is told of what is reported."""
        body = {"kind": "webhook", "label": "程序", "address": address, "events": ["reported"]} | given
        return await self.client.post("/api/receivers", json=body, headers=self.headers)

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        """Ask something and return the answer."""
        return await self.client.request(method, f"/api{path}", headers=self.headers, **given)

    async def rows(self) -> list[Any]:
        """Return the receivers as they are listed."""
        items: list[Any] = (await self.ask("GET", "/receivers")).json()["items"]
        return items

    async def deliveries(self, receiver: str) -> list[Any]:
        """Return what was told to a receiver, the newest first."""
        items: list[Any] = (await self.ask("GET", f"/receivers/{receiver}/deliveries")).json()["items"]
        return items

    async def let_pass(self, seconds: float) -> None:
        """Let what waits be due so much earlier."""
        await self.place.run(
            "UPDATE delivery SET due_at = due_at - make_interval(secs => :s) WHERE state = 'waiting'", s=seconds
        )
