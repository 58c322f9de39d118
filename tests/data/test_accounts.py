"""What the database itself refuses of accounts and roles, whatever the desk lets through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from data.accounts import Accounts
from data.rights import Permission, Rights
from data.store import Store
from data.tokens import Actor, TokenKind
from tests.support.place import Place


def holding(account_id: UUID, **keys: str) -> Actor:
    """Return somebody who holds permissions (dots as underscores) each for one scope key."""
    return Actor(account_id, None, None, Rights({name.replace("_", "."): (key,) for name, key in keys.items()}))


@asynccontextmanager
async def refused(what: str = "row-level security") -> AsyncIterator[None]:
    with pytest.raises(DBAPIError, match=what):
        yield


@pytest.fixture
async def somebody(place: Place) -> UUID:
    """Lend an account in a town of two communities."""
    await place.add_block(1, 1)
    await place.add_area("C2")
    return await place.add_account()


async def test_no_role_is_given_beyond_the_giver_s_area(place: Place, store: Store, somebody: UUID) -> None:
    giver = holding(await place.add_account(), role_assign="_.C1")
    async with store.books.open(giver, Permission.ROLE_ASSIGN) as book:
        assert await book.accounts.give_role(somebody, "worker", False, place.areas["C1"], None)
        assert await book.accounts.give_role(somebody, "worker", False, place.areas["G00"], None)
    for area in (place.areas["C2"], None):
        async with refused(), store.books.open(giver, Permission.ROLE_ASSIGN) as book:
            await book.accounts.give_role(somebody, "worker", False, area, None)


async def test_no_role_is_taken_beyond_the_giver_s_area(place: Place, store: Store, somebody: UUID) -> None:
    async with store.books.open() as book:
        await book.accounts.give_role(somebody, "worker", False, place.areas["C2"], None)
        [held] = await book.accounts.held(somebody)
    giver = holding(await place.add_account(), role_assign="_.C1")
    async with store.books.open(giver, Permission.ROLE_ASSIGN) as book:
        assert not await book.accounts.take_role(somebody, held.id)


async def test_who_does_not_manage_accounts_adds_and_locks_none(place: Place, store: Store, somebody: UUID) -> None:
    for keys in ({"account_view": ""}, {"account_manage": "_.C1"}, {}):
        who = holding(await place.add_account(), **keys)
        async with refused(), store.books.open(who) as book:
            await book.accounts.add("li", "李", None, None)
        async with store.books.open(who) as book:
            assert not await book.accounts.lock(somebody)
        async with store.books.open() as book:
            assert (await book.accounts.one(somebody)).locked is False


async def test_nobody_makes_a_token_for_somebody_else(place: Place, store: Store, somebody: UUID) -> None:
    who = holding(await place.add_account(), account_manage="", role_assign="")
    async with refused(), store.books.open(who) as book:
        await book.tokens.issue(somebody, TokenKind.PROGRAM, 1)


async def test_an_administrator_s_role_is_no_other_role_s_row(place: Place, store: Store, somebody: UUID) -> None:
    with pytest.raises(IntegrityError):
        async with store.books.open() as book:
            await book.accounts.give_role(somebody, "auditor", False, None, None)


async def test_a_reader_sees_the_own_account_or_with_the_permission_all(
    place: Place, store: Store, somebody: UUID
) -> None:
    async def seen(**keys: str) -> list[str]:
        async with store.reader(holding(somebody, **keys)) as reader:
            rows, _ = await reader.accounts.page(None, None, 100)
            return rows

    await place.add_account(("worker", "C1"))
    assert len(await seen()) == 1
    assert len(await seen(account_view="_.C1")) == 1
    assert len(await seen(account_view="")) == 2


async def test_a_reader_without_a_person_sees_no_account_worker_or_area(place: Place, store: Store) -> None:
    worker_id = await place.add_worker("W1")
    await place.add_area("C1")
    id_ = await place.add_account(("worker", "C1"), worker_id=worker_id)
    [held] = await place.run("SELECT id FROM account_role")
    async with store._app.connect() as connection:
        assert await Accounts(connection).page(None, None, 100) == ([], None)
        for function, of in (("worker_of_account", id_), ("area_of_role", held.id)):
            found = await connection.exec_driver_sql(f"SELECT {function}('{of}')")
            assert found.scalar_one() is None, function


async def test_a_password_s_hash_is_not_the_reader_s_to_read(place: Place, store: Store) -> None:
    await place.add_account()
    async with store._app.connect() as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.exec_driver_sql("SELECT password_hash FROM account")


async def test_workers_without_an_account_are_found(place: Place, store: Store) -> None:
    first = await place.add_worker("W1")
    await place.add_worker("W2")
    await place.add_account(worker_id=first)
    async with store.books.open() as book:
        assert [one.code for one in await book.accounts.workers_without()] == ["W2"]
        one = await book.accounts.worker("W1")
        assert one is not None
        assert one.has_account
