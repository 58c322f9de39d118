"""Connections: one driver (asyncpg), one login, two roles that can do no more than their work asks."""

from enum import StrEnum

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


class Role(StrEnum):
    """What a connection may do: read what is a person's to see, or carry out the rules' own work."""

    APP = "wangge_app"
    DISPATCHER = "wangge_dispatcher"


def engine_for(url: str, role: Role | None, *, pool_size: int = 12) -> AsyncEngine:
    """Make the engine whose connections act as `role` (None: as the login itself, for migrations and loading)."""
    limits = {
        "application_name": "wangge",
        "timezone": "UTC",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "15s",
    }
    if role is not None:
        limits |= {"role": role.value, "statement_timeout": "10s"}
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,  # a connection beyond the pool is opened and closed for one request: dearer than waiting
        pool_timeout=1,  # twice, for who asks and for the work: a refusal within two seconds
        hide_parameters=True,
        connect_args={"server_settings": limits, "timeout": 5},
    )


BROKEN: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout)
GONE = frozenset({"08000", "08001", "08003", "08004", "08006"})
"""The connection broke, perhaps while it was being made."""
PASSING = GONE | {"55P03", "57014", "40001", "40P01", "57P01", "57P02", "57P03", "53300"}
"""That, lock or statement time-out, serialisation, deadlock, shutting down, starting up, too many connections."""

SHUT_OUT = frozenset({"3D000", "28000", "28P01", "55000"})
"""No such database, no such login, another password, a database that takes no connections."""


def is_shut_out(error: Exception) -> bool:
    """Say whether the database did not let us in at all."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in SHUT_OUT


def is_guarded(error: Exception) -> bool:
    """Say whether row security or a missing grant kept us from a row; nothing was written."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "42501"


def is_lost(error: Exception) -> bool:
    """Say whether the connection is gone, and with it the transaction."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error, InterfaceError))


def constraint_of(error: Exception) -> str | None:
    """Return the name of the constraint that a statement broke, if it broke one."""
    name: str | None = getattr(getattr(getattr(error, "orig", None), "__cause__", None), "constraint_name", None)
    return name


def is_passing(error: Exception) -> bool:
    """Say whether trying again later may well succeed: nothing was written."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return is_lost(error) or getattr(error.orig, "sqlstate", None) in PASSING
