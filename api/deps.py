"""What a route is handed: the reader, the book, the city, who is asking.

Every dependency is function-scoped, so that a book commits before the answer leaves: with the default scope a commit
that fails would still have answered 201.
"""

from collections.abc import AsyncIterator
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.errors import DoorError
from api.process import Process
from data.book import Book
from data.store import Reader
from data.tokens import Actor, ActorKind
from dispatch.city import City

COOKIE = "wangge_key"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def process_of(request: Request) -> Process:
    """Return this server's process."""
    return cast(Process, request.app.state.process)


async def _reader(request: Request) -> AsyncIterator[Reader]:
    async with process_of(request).store.reader() as reader:
        yield reader


async def _book(request: Request) -> AsyncIterator[Book]:
    async with process_of(request).store.books.open() as book:
        yield book


def _city(request: Request) -> City:
    process = process_of(request)
    if not process.ready.is_set():
        raise DoorError(503, "try_again")
    return process.city


Reading = Annotated[Reader, Depends(_reader, scope="function")]
Writing = Annotated[Book, Depends(_book, scope="function")]
TheCity = Annotated[City, Depends(_city, scope="function")]


def token_of(request: Request) -> str | None:
    """Return what a request shows to be let in: its bearer token, else its cookie."""
    return _bearer(request) or request.cookies.get(COOKIE)


async def actor_of(request: Request) -> Actor | None:
    """Return who is asking, by bearer token or by cookie; None when nobody known is."""
    token = token_of(request)
    if not token:
        return None
    return await process_of(request).store.who(token)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _actor(request: Request) -> Actor:
    actor = await actor_of(request)
    if actor is None:
        raise DoorError(401, "unauthenticated")
    check_same_site(request)
    return actor


def check_same_site(request: Request) -> None:
    """Refuse a change that another site's page asks for with our cookie."""
    origin = request.headers.get("origin")
    by_cookie = not _bearer(request) and request.method not in SAFE
    if by_cookie and origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise DoorError(403, "cross_site")
    if by_cookie and request.headers.get("sec-fetch-site") == "cross-site":
        raise DoorError(403, "cross_site")


Asking = Annotated[Actor, Depends(_actor, scope="function")]


async def _dispatcher(actor: Asking) -> Actor:
    if actor.kind is not ActorKind.DISPATCHER:
        raise DoorError(403, "forbidden")
    return actor


async def _worker(actor: Asking) -> Actor:
    if actor.worker_id is None:
        raise DoorError(403, "forbidden")
    return actor


CommandCentre = Annotated[Actor, Depends(_dispatcher, scope="function")]
OnTheGround = Annotated[Actor, Depends(_worker, scope="function")]
