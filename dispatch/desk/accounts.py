"""Accounts: who may sign in, and which roles they hold where. Nobody administers oneself, nor an administrator.

Each of these is asked by a person with the permission, or, `by` None, by whoever holds the machine, at the command line.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from data.accounts import Account
from data.audit import Note, noted
from data.book import Book
from data.rights import Permission, Rights
from data.tokens import Actor
from dispatch.errors import (
    AdministratorsAreSeparateError,
    AdministratorsAreTownwideError,
    AtTheMachineOnlyError,
    LoginTakenError,
    NotYourselfError,
    OutOfScopeError,
    RoleHeldError,
    UnknownAccountError,
    UnknownAreaError,
    UnknownLayerError,
    UnknownRoleError,
    UnknownRoleHeldError,
    UnknownWorkerError,
    WeakPasswordError,
    WorkerHasAccountError,
)
from dispatch.passwords import AT_LEAST, fresh_password, hashed, weak

COMMAND_LINE = "cli"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as it is asked for; without a password one is drawn."""

    login: str
    name: str
    worker_code: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RoleWanted:
    """A role and where it is to be held: no area is the whole town, no layer all of them."""

    role: str
    area_code: str | None = None
    layer: str | None = None


async def add_account(new: NewAccount, by: Actor | None, book: Book) -> tuple[UUID, str]:
    """Add an account and return its id and its password, which cannot be read again.

    Raises
    ------
    LoginTakenError, UnknownWorkerError, WorkerHasAccountError, WeakPasswordError, OutOfScopeError
        If it cannot be added.
    """
    _manages_the_town(by)
    worker_id = await _free_worker(new.worker_code, book) if new.worker_code is not None else None
    password = new.password or fresh_password()
    id_ = await book.accounts.add(new.login, new.name, await strong(password, new.login), worker_id)
    if id_ is None:
        raise LoginTakenError if await book.accounts.taken(new.login) else WorkerHasAccountError
    await note(book, by, "account_added", id_)
    return id_, password


async def lock_account(account_id: UUID, by: Actor | None, book: Book) -> None:
    """Let nobody in by an account, and end all that is open by it.

    Raises
    ------
    UnknownAccountError, NotYourselfError, AtTheMachineOnlyError, OutOfScopeError
        If there is no such account, it is the caller's own or an administrator's, or it is not the caller's to lock.
    """
    _manages_the_town(by)
    await _another(account_id, by, book)
    if await book.accounts.lock(account_id):
        await book.tokens.revoke_all(account_id)
        await book.outbox.put("rights", account_id)
        await note(book, by, "account_locked", account_id)


async def unlock_account(account_id: UUID, by: Actor | None, book: Book) -> None:
    """Let an account's owner in again; what locking ended stays ended. Raises what `lock_account` raises."""
    _manages_the_town(by)
    await _another(account_id, by, book)
    if await book.accounts.unlock(account_id):
        await note(book, by, "account_unlocked", account_id)


async def reset_password(account_id: UUID, by: Actor | None, book: Book, password: str | None = None) -> str:
    """Give an account another password, end all that is open by it, and return the password; without one it is drawn.

    Raises
    ------
    UnknownAccountError, NotYourselfError, AtTheMachineOnlyError, WeakPasswordError, OutOfScopeError
        If it cannot be reset.
    """
    _manages_the_town(by)
    account = await _another(account_id, by, book)
    password = password or fresh_password()
    await book.accounts.set_password(account_id, await strong(password, account.login))
    await book.tokens.revoke_all(account_id)
    await book.outbox.put("rights", account_id)
    await note(book, by, "password_reset", account_id)
    return password


async def give_role(account_id: UUID, wanted: RoleWanted, by: Actor | None, book: Book) -> None:
    """Give a role for an area and a layer, both within those for which the caller may give roles.

    Two who make one account two administrators at once: the second is refused, by the database.

    Raises
    ------
    UnknownAccountError, NotYourselfError, AtTheMachineOnlyError
        If there is no such account, it is the caller's own, or an administrator would be made or changed.
    UnknownRoleError, UnknownAreaError, UnknownLayerError
        If what is named does not exist.
    OutOfScopeError, AdministratorsAreTownwideError, AdministratorsAreSeparateError, RoleHeldError
        If the role may not be given, or is held already.
    """
    await _another(account_id, by, book)
    kind = await book.roles.kind(wanted.role)
    if kind is None:
        raise UnknownRoleError
    if by is not None and kind.reserved:
        raise AtTheMachineOnlyError
    area_id, path = await _area(wanted.area_code, by, book)
    _may_assign(by, await _layers(wanted.layer, book), path)
    if kind.administrator and (area_id or wanted.layer):
        raise AdministratorsAreTownwideError
    if not await book.accounts.give_role(account_id, wanted.role, kind.administrator, area_id, wanted.layer):
        held = [(one.role, one.area_code, one.layer) for one in await book.accounts.held(account_id)]
        is_held = (wanted.role, wanted.area_code, wanted.layer) in held
        raise RoleHeldError if is_held else AdministratorsAreSeparateError
    await book.outbox.put("rights", account_id)
    await note(book, by, "role_given", account_id, role=wanted.role, area=wanted.area_code, layer=wanted.layer)


async def appoint(account_id: UUID, wanted: RoleWanted, book: Book) -> str | None:
    """Give a role at the command line; who becomes an administrator by it gets another password, which is returned.

    All that was open by the account ends: no password and no token of before shall open an administrator's.
    Raises what `give_role` raises.
    """
    await give_role(account_id, wanted, None, book)
    kind = await book.roles.kind(wanted.role)
    return await reset_password(account_id, None, book) if kind is not None and kind.reserved else None


async def take_role(account_id: UUID, held_id: UUID, by: Actor | None, book: Book) -> None:
    """Take a role away that lies within what the caller may give.

    Raises
    ------
    UnknownAccountError, NotYourselfError, AtTheMachineOnlyError, UnknownRoleHeldError, OutOfScopeError
        If it is not there to take, or not the caller's to take.
    """
    await _another(account_id, by, book)
    held = next((one for one in await book.accounts.held(account_id) if one.id == held_id), None)
    if held is None:
        raise UnknownRoleHeldError(id=held_id)
    _may_assign(by, await _layers(held.layer, book), held.area_path)
    if not await book.accounts.take_role(account_id, held_id):
        raise UnknownRoleHeldError(id=held_id)
    await book.outbox.put("rights", account_id)
    await note(book, by, "role_taken", account_id, role=held.role, area=held.area_code, layer=held.layer)


async def strong(password: str, login: str) -> str:
    """Hash a password for keeping.

    Raises
    ------
    WeakPasswordError
        If it is too short, or one of the first that anybody tries.
    """
    if weak(password, login):
        raise WeakPasswordError(at_least=AT_LEAST)
    return await hashed(password)


async def note(book: Book, by: Actor | None, action: str, account_id: UUID, **facts: object) -> None:
    """Put an administrative act on an account into the audit."""
    subject = f"account:{account_id}"
    told = noted(by, action, subject, **facts) if by else Note(action, COMMAND_LINE, subject=subject, facts=facts)
    await book.audit.note(told)


async def _another(account_id: UUID, by: Actor | None, book: Book) -> Account:
    """Read an account that the caller may see, that is not the caller's own and no administrator's.

    Who could reset, lock or appoint an administrator could become one: that is for who holds the machine.
    """
    account = await book.accounts.one(account_id)
    if account is None or not (by is None or by.rights.may_everywhere(Permission.ACCOUNT_VIEW)):
        raise UnknownAccountError(id=account_id)
    if by is not None and by.account_id == account_id:
        raise NotYourselfError
    if by is not None and account.administrator:
        raise AtTheMachineOnlyError
    return account


async def _free_worker(code: str, book: Book) -> UUID:
    worker = await book.accounts.worker(code)
    if worker is None:
        raise UnknownWorkerError
    if worker.has_account:
        raise WorkerHasAccountError
    return worker.id


async def _area(code: str | None, by: Actor | None, book: Book) -> tuple[UUID | None, str | None]:
    """Read id and path of an area that the caller may see; nothing for the whole town."""
    if code is None:
        return None, None
    found = await book.areas.of_code(code)
    if found is None or not (by is None or by.rights.covers(Permission.GROUND_VIEW, None, found[1])):
        raise UnknownAreaError
    return found


async def _layers(wanted: str | None, book: Book) -> list[str]:
    """Return the layers a role would reach."""
    layers = [one["code"] for one in await book.grids.layers()]
    if wanted is not None and wanted not in layers:
        raise UnknownLayerError
    return layers if wanted is None else [wanted]


def _manages_the_town(by: Actor | None) -> None:
    """Refuse who manages accounts for a part of the town only: an account lies in no area."""
    if by is not None and not by.rights.may_everywhere(Permission.ACCOUNT_MANAGE):
        raise OutOfScopeError


def _may_assign(by: Actor | None, layers: Collection[str], path: str | None) -> None:
    if by is not None and not reaches(by.rights, layers, path):
        raise OutOfScopeError


def reaches(rights: Rights, layers: Collection[str], path: str | None) -> bool:
    """Say whether roles may be given in an area (None: the whole town) for these layers.

    Every role reaches what has no layer too, so that must be the giver's as well.
    """
    if path is None or rights.may_everywhere(Permission.ROLE_ASSIGN):
        return rights.may_everywhere(Permission.ROLE_ASSIGN)
    return all(rights.covers(Permission.ROLE_ASSIGN, layer, path) for layer in (None, *layers))
