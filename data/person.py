"""The person a transaction serves: told to the database, whose row security reads it. It ends with the transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import Permission, Rights
from data.tokens import Actor

SERVE = text("""
    SELECT set_config('wangge.actor', :actor, true), set_config('wangge.account', :account, true),
           set_config('wangge.worker', :worker, true), set_config('wangge.rights', :rights, true),
           set_config('wangge.permission', :permission, true), set_config('wangge.responders', :responders, true),
           clock_timestamp() AS now
""")
COMMAND = text("SELECT set_config('wangge.permission', :permission, true)")
NOBODY = UUID(int=0)


async def serve(connection: AsyncConnection, actor: Actor, permission: Permission | None = None) -> datetime:
    """Tell this transaction whom it serves and, where something is commanded, with which permission; return its clock."""
    bound = {
        "actor": str(actor),
        "account": str(actor.account_id),
        "worker": str(actor.worker_id or ""),
        "rights": actor.rights.text,
        "permission": permission or "",
        "responders": "{" + ",".join(map(str, sorted(actor.responders))) + "}",
    }
    now: datetime = (await connection.execute(SERVE, bound)).one().now
    return now


async def command(connection: AsyncConnection, permission: Permission) -> None:
    """Tell this transaction with which other permission its person commands from here on."""
    await connection.execute(COMMAND, {"permission": permission})


def anybody_with(rights: Rights) -> Actor:
    """Return an actor who sees what these rights reach and nothing of anybody's own."""
    return Actor(NOBODY, None, None, rights)
