"""What a route is handed: who is asking, a reader of what that person may see, the city.

Every dependency is function-scoped, so that a book commits before the answer leaves: with the default scope a commit
that fails would still have answered 201.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from api.errors import DoorError
from api.limits import Pace, address_of, stranger
from api.process import Process
from api.same_site import check_same_site, cookie_name
from data.rights import Permission
from data.store import Reader
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.reckon import Reckoning


def process_of(request: Request) -> Process:
    """Return this server's process."""
    return cast(Process, request.app.state.process)


async def _city(request: Request) -> City:
    process = process_of(request)
    if not process.ready.is_set():
        raise DoorError(503, "try_again")
    return process.city


TheCity = Annotated[City, Depends(_city, scope="function")]


def token_of(request: Request) -> str | None:
    """Return what a request shows to be let in: its bearer token, else its cookie."""
    return _bearer(request) or request.cookies.get(cookie_name(request.app.state.settings))


async def actor_of(request: Request) -> Actor | None:
    """Return who is asking, by bearer token or by cookie; None when nobody known is. Too many at once are held back."""
    token, pace = token_of(request), cast(Pace, request.app.state.pace)
    request.state.shown_token = bool(token)
    actor = await process_of(request).store.who(token) if token else None
    if actor is None:
        pace.strangers.check(stranger(request))
        return None
    request.state.actor = actor = replace(actor, address=address_of(request))
    pace.actors.check(str(actor.account_id))
    return actor


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _actor(request: Request) -> Actor:
    actor = await actor_of(request)
    if actor is None:
        raise DoorError(401, "unauthenticated")
    check_same_site(request, by_cookie=not _bearer(request))
    return actor


Asking = Annotated[Actor, Depends(_actor, scope="function")]


async def _reader(request: Request, actor: Asking) -> AsyncIterator[Reader]:
    async with process_of(request).store.reader(actor) as reader:
        yield reader


Reading = Annotated[Reader, Depends(_reader, scope="function")]


async def _reckoning(request: Request, city: TheCity) -> Reckoning:
    reckoning = process_of(request).reckoning
    await reckoning.ready(city.zone)
    return reckoning


TheReckoning = Annotated[Reckoning, Depends(_reckoning, scope="function")]
"""Stands before a reader: while the ledger is being read, nobody who waits for it keeps a connection."""


def permitted(*any_of: Permission) -> Any:
    """Return the dependency on an actor who holds one of these permissions somewhere; where, the rows decide.

    None named: anybody signed in.
    """

    async def one_who_may(actor: Asking) -> Actor:
        if any_of and not actor.may(*any_of):
            raise DoorError(403, "forbidden")
        return actor

    return Depends(one_who_may, scope="function")
