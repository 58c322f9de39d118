"""A client of the served application, over ASGI, with the process and its loops running."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI

from api.app import create_app
from api.settings import Settings
from dispatch.city import City
from tests.support.place import Place, middle


class Client(httpx2.AsyncClient):
    """An HTTP client that knows the process behind the door."""

    app: FastAPI

    async def report(self, category: str = "other", at: tuple[float, float] = middle(0, 0), **given: Any) -> Any:
        """Report an incident and return the answer."""
        headers = {"Idempotency-Key": given.pop("key")} if "key" in given else {}
        if "token" in given:
            headers["Authorization"] = f"Bearer {given.pop('token')}"
        body = {"lng": at[0], "lat": at[1], "datum": "wgs84", "category": category, "description": "路灯不亮"}
        return await self.post("/api/incidents", json=body | given, headers=headers)

    async def opened(self, place: Place) -> None:
        """Let the city load what was built in a place, and wait until it holds it."""
        process = self.app.state.process
        await process.ready.wait()
        before = process.city.layers
        await place.run("INSERT INTO outbox (kind, at) VALUES ('ground', now())")
        process.store.bell.ring()
        await until(lambda: process.city.layers is not before)
        await self.caught_up()

    async def caught_up(self) -> None:
        """Wait until the process's city holds the workers and grids that the database holds now."""
        process = self.app.state.process
        await process.ready.wait()
        async with process.store.books.open() as book:
            workers = await book.workers.all()
            grids = await book.grids.in_force()
        ids = {grid.id for grid in grids}
        await until(lambda: process.city.crew.workers == workers and _held(process.city) == ids)


def _held(city: City) -> set[UUID]:
    return {grid.id for layer in city.layers.values() for grid in layer.grids}


def kept(answer: Any) -> bytes:
    """Return what of the answer to a report is kept under its key: all but the receipt, which is shown once."""
    return re.sub(rb'"receipt":"[^"]+"', b'"receipt":null', answer.content)


def bearing(token: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


async def until(holds: Callable[[], bool | Awaitable[bool]], seconds: float = 5.0) -> None:
    """Wait until something holds, or fail."""
    async with asyncio.timeout(seconds):
        while not await _answered(holds()):  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)


async def _answered(holds: bool | Awaitable[bool]) -> bool:
    return holds if isinstance(holds, bool) else await holds


@asynccontextmanager
async def serving(settings: Settings, token: str) -> AsyncIterator[Client]:
    """Serve an application and lend a client with a token; the city is loaded at the first `caught_up`."""
    app = create_app(settings)
    headers = {"Authorization": f"Bearer {token}"}
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with Client(transport=transport, base_url="http://test", headers=headers) as client:
            client.app = app
            yield client
