"""The person a transaction serves: told to the database, whose row security reads it. It ends with the transaction."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import Permission, Rights
from data.tokens import Actor

SERVE = text("""
    SELECT set_config('wangge.actor', :actor, true), set_config('wangge.account', :account, true),
           set_config('wangge.worker', :worker, true), set_config('wangge.rights', :rights, true),
           set_config('wangge.permission', :permission, true), set_config('wangge.responders', :responders, true)
""")
COMMAND = text("SELECT set_config('wangge.permission', :permission, true)")
NOBODY = UUID(int=0)


async def serve(connection: AsyncConnection, actor: Actor, permission: Permission | None = None) -> None:
    """Tell this transaction whom it serves and, where something is commanded, with which permission."""
    bound = {
        "actor": str(actor),
        "account": str(actor.account_id),
        "worker": str(actor.worker_id or ""),
        "rights": actor.rights.text,
        "permission": permission or "",
        "responders": "{" + ",".join(map(str, sorted(actor.responders))) + "}",
    }
    await connection.execute(SERVE, bound)


async def command(connection: AsyncConnection, permission: Permission) -> None:
    """Tell this transaction with which other permission its person commands from here on."""
    await connection.execute(COMMAND, {"permission": permission})


def anybody_with(rights: Rights) -> Actor:
    """Return an actor who sees what these rights reach and nothing of anybody's own."""
    return Actor(NOBODY, None, None, rights)
