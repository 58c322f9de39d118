"""Oneself: what one may do where, another password, tokens for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Asking, Reading, process_of
from api.once import Command, commanding
from api.plain import json_of
from api.routes.answers import PROBLEMS
from api.schemas.accounts import PasswordIn, TokenIn, oneself
from data.town import Towns
from dispatch.desk.own import change_password, end_own_token, make_own_token
from dispatch.errors import UnknownAccountError

router = APIRouter(prefix="/api/me", tags=["me"], responses=PROBLEMS)
Mine = Annotated[Command, commanding()]


@router.get("")
async def me(actor: Asking, reading: Reading) -> Response:
    """Show the own account: permissions, roles, and what is open by it."""
    row = await reading.accounts.row(actor.account_id)
    if row is None:
        raise UnknownAccountError
    tokens, town = await reading.tokens.of(actor.account_id), await Towns(reading.connection).the()
    said = oneself(actor, row, tokens, town, await reading.board.now())
    return Response(json_of(said), media_type="application/json")


@router.post("/password")
async def password(request: Request, body: PasswordIn, actor: Asking) -> dict[str, bool]:
    """Change the own password; all other sessions end.

    An `Idempotency-Key` is not looked at: the mark that is kept of a request would be one of the password too.
    """
    await change_password(body.current, body.new, actor, process_of(request).store.books)
    return {"changed": True}


@router.post("/tokens", status_code=201)
async def made(body: TokenIn, by: Mine) -> Response:
    """Make a program's token; it is shown this once, and null when the request is repeated under its key."""

    async def work() -> dict[str, object]:
        token, kept = await make_own_token(body.wanted(), by.actor, by.book)
        return {"id": kept.id, "token": token, "expires_at": kept.expires_at}

    return await by.once(work, 201, not_kept="token")


@router.delete("/tokens/{token_id}")
async def ended(token_id: UUID, by: Mine) -> Response:
    """End one of one's sessions or tokens, also the one that asks."""

    async def work() -> object:
        await end_own_token(token_id, by.actor, by.book)
        return {"revoked": True}

    return await by.once(work)
