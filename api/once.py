"""Once: a command is carried out at most once per `Idempotency-Key`; repeated, it gets the first answer again."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from api.deps import permitted, process_of
from api.errors import DoorError
from api.plain import json_of
from data.book import Book
from data.rights import Permission
from data.tokens import Actor

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class Once:
    """Carry out a request of one actor at most once per key; the answer is kept in the same transaction."""

    def __init__(self, book: Book, actor: str, key: str | None, request_hash: bytes) -> None:
        self._book, self._actor, self._key, self._hash = book, actor, key, request_hash

    async def __call__(
        self, work: Callable[[], Awaitable[Any]], status: int = 200, not_kept: str | None = None
    ) -> Response:
        """Return the kept answer, or do the work and keep its answer; `not_kept` names a secret of it, kept as null."""
        if self._key is None:
            return _json(json_of(await work()), status)
        before = await self._book.answers.before(self._actor, self._key, self._hash)
        if before is not None and before.request_hash != self._hash:
            raise DoorError(422, "idempotency_key_reused")
        if before is not None:
            return _json(before.body, before.status, {"idempotency-replayed": "true"})
        done = await work()
        kept = done if not_kept is None else done | {not_kept: None}
        await self._book.answers.keep(self._actor, self._key, status, json_of(kept))
        return _json(json_of(done), status)


def _json(body: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Command:
    """Who commands, the book opened for it, and how to do it at most once."""

    actor: Actor
    book: Book
    once: Once


def commanding(*any_of: Permission) -> Any:
    """Return the dependency on a command: its actor holds one of these permissions, its book is opened for the first held.

    Without a permission anybody signed in may give it, about what is the own.
    """

    async def opened(
        request: Request, actor: Annotated[Actor, permitted(*any_of)], key: Key = None
    ) -> AsyncIterator[Command]:
        permission = next((one for one in any_of if actor.may(one)), None)
        may = actor.rights.text  # what was answered to more rights is not told again to fewer
        asked = f"{request.method} {request.url.path}\n{may}\n".encode() + await request.body()
        async with process_of(request).store.books.open(actor, permission) as book:
            yield Command(actor, book, Once(book, str(actor), key, hashlib.sha256(asked).digest()))

    return Depends(opened, scope="function")
