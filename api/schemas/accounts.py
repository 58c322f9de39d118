"""Accounts, roles and tokens in; one's own account out."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.fields import Code, Incoming, Name, Secret, Text
from data.accounts import LOGIN
from data.rights import Permission
from data.tokens import Actor, Token
from data.town import Town
from dispatch.desk.accounts import NewAccount, RoleWanted
from dispatch.desk.own import TokenWanted
from dispatch.passwords import AT_MOST

Login = Annotated[Text, StringConstraints(pattern=LOGIN), AfterValidator(str.lower)]
Password = Annotated[Secret, StringConstraints(max_length=AT_MOST), Field(repr=False)]


class AccountsIn(Incoming):
    """Which accounts to list."""

    search: Name | None = Field(default=None, description="part of a login or a name")
    after: UUID | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=1000)


class NewAccountIn(Incoming):
    """A person, or a worker, who shall be able to sign in."""

    login: Login
    name: Name
    worker_code: Code | None = None

    def wanted(self) -> NewAccount:
        """Turn it into what the desk takes."""
        return NewAccount(self.login, self.name, self.worker_code)


class RoleIn(Incoming):
    """A role, and the area and layer it shall be held for; none: the whole town, all layers."""

    role: Code
    area_code: Code | None = None
    layer: Code | None = None

    def wanted(self) -> RoleWanted:
        """Turn it into what the desk takes."""
        return RoleWanted(self.role, self.area_code, self.layer)


class PasswordIn(Incoming):
    """The present password and the one to take its place."""

    current: Password
    new: Password


class TokenIn(Incoming):
    """A program's token; without permissions it may do all that its account may."""

    label: Name
    days: int = Field(ge=1, le=3650, strict=True)
    permissions: list[Permission] | None = Field(default=None, min_length=1, max_length=len(Permission))

    def wanted(self) -> TokenWanted:
        """Turn it into what the desk takes."""
        return TokenWanted(self.label, self.days, self.permissions)


def oneself(actor: Actor, row: str, tokens: Iterable[Token], town: Town | None, now: datetime) -> dict[str, Any]:
    """Shape what everybody may know of the own account; `row` is the account's JSON row."""
    account = json.loads(row)
    return {
        "account": {name: account[name] for name in ("id", "login", "name")},
        "worker": actor.worker_id and {"id": actor.worker_id, "code": account["worker"]},
        "permissions": sorted(actor.rights.held),
        "roles": account["roles"],
        "tokens": [_token(one, actor) for one in tokens if not actor.program or one.id == actor.token_id],
        "now": now,
        "time_zone": town.time_zone if town else "UTC",
    }


def _token(token: Token, actor: Actor) -> dict[str, Any]:
    names = ("id", "kind", "label", "permissions", "created_at", "used_at", "expires_at")
    return {name: getattr(token, name) for name in names} | {"current": token.id == actor.token_id}
