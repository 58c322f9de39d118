"""Chains of the audit: grown, verified, tampered with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.audit import Audit, Note
from data.chain import Verified
from data.engine import Role
from data.rights import Permission, Rights
from data.store import transaction
from tests.support.sql import acting

AUDITOR = Rights({Permission.AUDIT_VIEW: ("",)})
ROWS = 8
COLUMNS = "at, account_id, actor, action, subject, result, code, address, facts"


async def note(url: str, *notes: Note) -> None:
    async with transaction(url, Role.DISPATCHER) as connection:
        for one in notes:
            await Audit(connection).note(one)


async def grow(url: str, count: int = ROWS) -> None:
    await note(url, *(Note("signed_in", f"account:{n}", subject="网格" if n % 2 else None) for n in range(count)))


async def verified(url: str, kept_elsewhere: bytes | None = None) -> Verified:
    async with transaction(url, Role.DISPATCHER) as connection:
        audit = Audit(connection)
        await audit.hold_still()
        return await audit.verify(kept_elsewhere)


async def faults(url: str) -> list[tuple[int, str]]:
    return [(fault.id, str(fault.fault)) for fault in (await verified(url)).faults]


@asynccontextmanager
async def unguarded(owner_url: str) -> AsyncIterator[AsyncConnection]:
    """Let the owner do what only an owner can who means harm."""
    async with acting(owner_url) as connection:
        for switch in ("DISABLE", "ENABLE"):
            for table in ("audit", "audit_head"):
                await connection.execute(text(f"ALTER TABLE {table} {switch} TRIGGER USER"))
            if switch == "DISABLE":
                yield connection


async def tamper(owner_url: str, *statements: str) -> None:
    async with unguarded(owner_url) as connection:
        for statement in statements:
            await connection.execute(text(statement))
