"""`wangge serve`."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from api.cli.database import fail, logins, say
from api.settings import Settings
from data.engine import Role

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from api.process import Process

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
Beside = Callable[["Process"], Coroutine[None, None, None]]


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the API and the pages."""
    settings = Settings()
    check_port(host, port)
    with logins(settings) as urls:
        from data import migrate

        if asyncio.run(migrate.pending(urls.server, Role.APP)):
            raise fail("The database lacks migrations: run `wangge db upgrade` first.")
        say(f"✓ http://{host}:{port}/")
        serve_until_stopped(settings, urls.server, (host, port))


def check_port(host: str, port: int) -> None:
    """Say clearly when somebody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise fail(
                f"Port {port} on {host} cannot be used ({error.strerror}): choose another with --port."
            ) from error


def serve_until_stopped(settings: Settings, url: str, at: tuple[str, int], beside: Sequence[Beside] = ()) -> None:
    """Serve until Ctrl-C or SIGTERM; what runs `beside` starts once the town is loaded and ends with the server."""
    import uvicorn

    from api.app import create_app

    app = create_app(settings.model_copy(update={"database_url": SecretStr(url)}))

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.process.hub.end()  # open streams would hold the server up
            self._captured_signals.clear()  # else uvicorn raises them again before the database is stopped
            await super().shutdown(sockets)

    server = Server(listener(app, settings, at))

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        while not (server.started or serving.done()):  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
        companions = [asyncio.create_task(_once_ready(app.state.process, work)) for work in beside]
        await serving
        for companion in companions:
            companion.cancel()
        await asyncio.gather(*companions, return_exceptions=True)

    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(run())


def listener(app: "FastAPI", settings: Settings, at: tuple[str, int]) -> "uvicorn.Config":
    """Say how to listen: whom to believe what a request says of its caller, and what is never taken."""
    import uvicorn

    from api.protocol import Line

    return uvicorn.Config(
        app,
        *at,
        http=Line,
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies.split(","),  # never from the environment
    )


async def _once_ready(process: "Process", work: Beside) -> None:
    await process.ready.wait()
    await work(process)
