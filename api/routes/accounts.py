"""Accounts: list, add, lock, another password, roles. What roles there are."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Reading, permitted
from api.once import Command, commanding
from api.routes.answers import PROBLEMS, json_text
from api.schemas.accounts import AccountsIn, NewAccountIn, RoleIn
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.accounts import (
    add_account,
    give_role,
    lock_account,
    reset_password,
    take_role,
    unlock_account,
)

router = APIRouter(prefix="/api", tags=["accounts"], responses=PROBLEMS)
Viewing = Annotated[Actor, permitted(Permission.ACCOUNT_VIEW)]
Managing = Annotated[Command, commanding(Permission.ACCOUNT_MANAGE)]
Giving = Annotated[Command, commanding(Permission.ROLE_ASSIGN)]


@router.get("/accounts")
async def listed(wanted: Annotated[AccountsIn, Query()], actor: Viewing, reading: Reading) -> Response:
    """List accounts by login; `after` takes the `next` of the page before."""
    rows, after = await reading.accounts.page(wanted.search, wanted.after, wanted.limit)
    return json_text({"items": rows}, {"next": after})


@router.post("/accounts", status_code=201)
async def added(body: NewAccountIn, by: Managing) -> Response:
    """Add an account; its password is shown this once, and null when the request is repeated under its key."""

    async def work() -> dict[str, object]:
        id_, password = await add_account(body.wanted(), by.actor, by.book)
        return {"id": id_, "login": body.login, "password": password}

    return await by.once(work, 201, not_kept="password")


@router.post("/accounts/{account_id}/lock")
async def locked(account_id: UUID, by: Managing) -> Response:
    """Let nobody in by an account; what is open by it ends."""

    async def work() -> object:
        await lock_account(account_id, by.actor, by.book)
        return await _row(account_id, by)

    return await by.once(work)


@router.post("/accounts/{account_id}/unlock")
async def unlocked(account_id: UUID, by: Managing) -> Response:
    """Let an account's owner in again."""

    async def work() -> object:
        await unlock_account(account_id, by.actor, by.book)
        return await _row(account_id, by)

    return await by.once(work)


@router.post("/accounts/{account_id}/password")
async def reset(account_id: UUID, by: Managing) -> Response:
    """Draw another password; it is shown this once, and null when the request is repeated under its key."""

    async def work() -> dict[str, object]:
        return {"password": await reset_password(account_id, by.actor, by.book)}

    return await by.once(work, not_kept="password")


@router.post("/accounts/{account_id}/roles")
async def given(account_id: UUID, body: RoleIn, by: Giving) -> Response:
    """Give a role for an area and a layer, or for the whole town."""

    async def work() -> object:
        await give_role(account_id, body.wanted(), by.actor, by.book)
        return await _row(account_id, by)

    return await by.once(work)


@router.delete("/accounts/{account_id}/roles/{role_id}")
async def taken(account_id: UUID, role_id: UUID, by: Giving) -> Response:
    """Take a role away; `role_id` is the `id` it is listed with under the account."""

    async def work() -> object:
        await take_role(account_id, role_id, by.actor, by.book)
        return await _row(account_id, by)

    return await by.once(work)


@router.get("/roles")
async def roles(actor: Viewing, reading: Reading) -> Response:
    """List the roles with their permissions, administrators last."""
    return Response(f"[{','.join(await reading.roles.all())}]", media_type="application/json")


async def _row(account_id: UUID, by: Command) -> Any:
    return json.loads(await by.book.accounts.row(account_id) or "null")
