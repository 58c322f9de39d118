"""Accounts: who may sign in, and which roles they hold where."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import RESERVED
from data.schema import id_column, metadata, moment, new_id, statement

LOGIN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What a login may look like when somebody types it; it is kept in lower case."""

account = Table(
    "account",
    metadata,
    id_column(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("worker_id", ForeignKey("worker.id"), unique=True),
    moment("created_at"),
    moment("locked_at", required=False),
    Column("has_password", Boolean, Computed("password_hash IS NOT NULL", persisted=True), nullable=False),
    CheckConstraint("login ~ '^[[:alnum:]][[:alnum:]._-]{0,63}$' AND login = lower(login)", name="login"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"),
)

account_role = Table(
    "account_role",
    metadata,
    id_column(),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("administrator", Boolean, nullable=False),
    Column("area_id", ForeignKey("area.id")),
    Column("layer", ForeignKey("grid_layer.code")),
    moment("given_at"),
    ForeignKeyConstraint(["role", "administrator"], ["role.code", "role.administrator"]),
    UniqueConstraint("account_id", "role", "area_id", "layer", postgresql_nulls_not_distinct=True),
    CheckConstraint("NOT administrator OR (area_id IS NULL AND layer IS NULL)", name="administrators_are_townwide"),
    Index(
        "account_role_one_administrator_role",
        "account_id",
        unique=True,
        postgresql_where=text("administrator"),
    ),
)
"""A role held for an area (none: the whole town) and a layer (none: all). Nobody is two administrators at once."""

ROWS = text(statement("account_rows"))
ONE = """
    SELECT a.id, a.login, a.name, a.password_hash, a.worker_id, a.locked_at IS NOT NULL AS locked,
           EXISTS (SELECT FROM account_role ar LEFT JOIN role_permission rp ON rp.role = ar.role
                   WHERE ar.account_id = a.id AND (ar.administrator OR rp.permission = ANY(:reserved))) AS administrator
    FROM account a WHERE """
BY_ID = text(f"{ONE} a.id = :id")
BY_LOGIN = text(f"{ONE} a.login = lower(:login)")
ADD = text("""
    INSERT INTO account (id, login, name, password_hash, worker_id, created_at)
    VALUES (:id, :login, :name, :password_hash, :worker_id, now()) ON CONFLICT DO NOTHING
""")
TAKEN = text("SELECT EXISTS (SELECT FROM account WHERE login = :login)")
LOCK = text("UPDATE account SET locked_at = now() WHERE id = :id AND locked_at IS NULL RETURNING id")
UNLOCK = text("UPDATE account SET locked_at = NULL WHERE id = :id AND locked_at IS NOT NULL RETURNING id")
REPLACE_PASSWORD = text("""
    UPDATE account SET password_hash = :after WHERE id = :id AND password_hash = :before RETURNING id
""")
SET_PASSWORD = text("UPDATE account SET password_hash = :password_hash WHERE id = :id")
GIVE = text("""
    INSERT INTO account_role (id, account_id, role, administrator, area_id, layer, given_at)
    VALUES (:id, :account_id, :role, :administrator, :area_id, :layer, now()) ON CONFLICT DO NOTHING
""")
HELD = text("""
    SELECT ar.id, ar.role, p.code AS area_code, ltree2text(p.path) AS area_path, ar.layer
    FROM account_role ar LEFT JOIN area p ON p.id = ar.area_id
    WHERE ar.account_id = :account_id ORDER BY ar.id
""")
PERMISSIONS = text("""
    SELECT DISTINCT rp.permission FROM account_role ar JOIN role_permission rp ON rp.role = ar.role
    WHERE ar.account_id = :account_id
""")
TAKE = text("DELETE FROM account_role WHERE id = :id AND account_id = :account_id RETURNING id")
WORKER = text("""
    SELECT w.id, w.code, w.name, a.id IS NOT NULL AS has_account
    FROM worker w LEFT JOIN account a ON a.worker_id = w.id WHERE w.code = :code
""")
WITHOUT_ACCOUNT = text("""
    SELECT w.id, w.code, w.name, false AS has_account FROM worker w
    WHERE NOT EXISTS (SELECT FROM account a WHERE a.worker_id = w.id) ORDER BY w.code
""")


@dataclass(frozen=True, slots=True)
class Account:
    """Whoever may sign in. `administrator`: holds a role that is an administrator's by what it permits."""

    id: UUID
    login: str
    name: str
    password_hash: str | None
    worker_id: UUID | None
    locked: bool
    administrator: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account holds; no area is the whole town, no layer all of them."""

    id: UUID
    role: str
    area_code: str | None
    area_path: str | None
    layer: str | None


@dataclass(frozen=True, slots=True)
class Employed:
    """A worker as one for whom an account is made."""

    id: UUID
    code: str
    name: str
    has_account: bool


class Accounts:
    """Statements on accounts and the roles they hold."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, login: str, name: str, password_hash: str | None, worker_id: UUID | None) -> UUID | None:
        """Add an account and return its id; None when the login or the worker has one already.

        Two who add the same at once wait for each other, and the second is told.
        """
        id_ = new_id()
        row = {"id": id_, "login": login, "name": name, "password_hash": password_hash, "worker_id": worker_id}
        return id_ if (await self._connection.execute(ADD, row)).rowcount else None

    async def taken(self, login: str) -> bool:
        """Say whether somebody has this login."""
        return bool((await self._connection.execute(TAKEN, {"login": login})).scalar_one())

    async def one(self, id_: UUID) -> Account | None:
        """Read one account."""
        row = (await self._connection.execute(BY_ID, {"id": id_, "reserved": list(RESERVED)})).one_or_none()
        return None if row is None else Account(*row)

    async def by_login(self, login: str) -> Account | None:
        """Read the account with this login, in whatever case it is written."""
        row = (await self._connection.execute(BY_LOGIN, {"login": login, "reserved": list(RESERVED)})).one_or_none()
        return None if row is None else Account(*row)

    async def row(self, id_: UUID) -> str | None:
        """Return the JSON row of one account."""
        rows = await self._rows(id_=id_)
        return rows[0][1] if rows else None

    async def page(self, search: str | None, after: UUID | None, limit: int) -> tuple[list[str], UUID | None]:
        """Return one page of JSON rows by login, and the id after which the next page starts.

        `search` is found in logins and names as it stands, in either case.
        """
        found = await self._rows(search=search, after=after, limit=limit + 1)
        page = found[:limit]
        return [row for _, row in page], page[-1][0] if len(found) > limit else None

    async def _rows(
        self, id_: UUID | None = None, search: str | None = None, after: UUID | None = None, limit: int = 1
    ) -> list[tuple[UUID, str]]:
        bound = {"id": id_, "search": search, "after": after, "limit": limit}
        return [(row.id, row.row) for row in await self._connection.execute(ROWS, bound)]

    async def lock(self, id_: UUID) -> bool:
        """Lock an account; False when it was locked already."""
        return (await self._connection.execute(LOCK, {"id": id_})).first() is not None

    async def unlock(self, id_: UUID) -> bool:
        """Unlock an account; False when it was not locked."""
        return (await self._connection.execute(UNLOCK, {"id": id_})).first() is not None

    async def set_password(self, id_: UUID, password_hash: str) -> None:
        """Put another password's hash in place."""
        await self._connection.execute(SET_PASSWORD, {"id": id_, "password_hash": password_hash})

    async def replace_password(self, id_: UUID, before: str | None, after: str) -> bool:
        """Put another password's hash in the place of one; False when that stands no longer."""
        bound = {"id": id_, "before": before, "after": after}
        return (await self._connection.execute(REPLACE_PASSWORD, bound)).first() is not None

    async def held(self, account_id: UUID) -> list[Held]:
        """Read the roles that an account holds."""
        return [Held(*row) for row in await self._connection.execute(HELD, {"account_id": account_id})]

    async def permissions(self, account_id: UUID) -> set[str]:
        """Read what an account may do anywhere."""
        return set((await self._connection.execute(PERMISSIONS, {"account_id": account_id})).scalars())

    async def give_role(
        self, account_id: UUID, role: str, administrator: bool, area_id: UUID | None, layer: str | None
    ) -> bool:
        """Give a role; False when it is held already, or another administrator's role is."""
        row = {"id": new_id(), "account_id": account_id, "role": role, "administrator": administrator}
        return bool((await self._connection.execute(GIVE, row | {"area_id": area_id, "layer": layer})).rowcount)

    async def take_role(self, account_id: UUID, held_id: UUID) -> bool:
        """Take a role away; False when the account does not hold it."""
        bound = {"id": held_id, "account_id": account_id}
        return (await self._connection.execute(TAKE, bound)).first() is not None

    async def worker(self, code: str) -> Employed | None:
        """Read the worker with this code."""
        row = (await self._connection.execute(WORKER, {"code": code})).one_or_none()
        return None if row is None else Employed(*row)

    async def workers_without(self) -> list[Employed]:
        """Read the workers who have no account, by code."""
        return [Employed(*row) for row in await self._connection.execute(WITHOUT_ACCOUNT)]
