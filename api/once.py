"""Once: a request repeated under its `Idempotency-Key` gets the first answer again and changes nothing."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from api.deps import Asking, Writing
from api.errors import DoorError
from api.plain import json_of
from data.book import Book

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class Once:
    """Carry out a request of one actor at most once per key; the answer is kept in the same transaction."""

    def __init__(self, book: Book, actor: str, key: str | None, request_hash: bytes) -> None:
        self._book, self._actor, self._key, self._hash = book, actor, key, request_hash

    async def __call__(self, work: Callable[[], Awaitable[Any]], status: int = 200) -> Response:
        """Return the kept answer, or do the work and keep its answer."""
        if self._key is None:
            return _json(json_of(await work()), status)
        before = await self._book.answers.before(self._actor, self._key, self._hash)
        if before is not None and before.request_hash != self._hash:
            raise DoorError(422, "idempotency_key_reused")
        if before is not None:
            return _json(before.body, before.status, {"idempotency-replayed": "true"})
        body = json_of(await work())
        await self._book.answers.keep(self._actor, self._key, status, body)
        return _json(body, status)


def _json(body: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")


async def _once(request: Request, actor: Asking, book: Writing, key: Key = None) -> Once:
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Once(book, str(actor), key, hashlib.sha256(asked).digest())


AtMostOnce = Annotated[Once, Depends(_once, scope="function")]
