"""`wangge token`."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from api.cli.database import Logins, fail, logins
from api.settings import Settings
from data.engine import Role
from data.store import transaction
from data.tokens import ActorKind, Tokens


def token(
    kind: Annotated[ActorKind, typer.Argument(help="Who it is for.")],
    worker: Annotated[str | None, typer.Option(help="The worker's code, for a worker's token.")] = None,
    days: Annotated[int, typer.Option(help="How long it is good for.", min=1, max=3650)] = 30,
) -> None:
    """Make a bearer token and print it once; only its hash is kept."""
    if (kind is ActorKind.WORKER) != (worker is not None):
        raise fail("A worker's token needs --worker CODE, and only a worker's.")
    with logins(Settings()) as urls:
        typer.echo(asyncio.run(_issue(urls, kind, worker, days)))


async def _issue(urls: Logins, kind: ActorKind, worker: str | None, days: int) -> str:
    async with transaction(urls.server, Role.DISPATCHER) as connection:
        tokens = Tokens(connection)
        worker_id: UUID | None = None
        if worker is not None:
            worker_id = await tokens.worker_of_code(worker)
            if worker_id is None:
                raise fail("There is no worker with this code.")
        return await tokens.issue(kind, worker_id, days)
