"""Which database a command works on: the one the settings name, or the private cluster, started where needed."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import typer

from api.settings import Settings
from data import cluster
from data.engine import BROKEN
from data.postgres import ClusterError, find_binaries, install

DATABASE = "wangge"
UNREACHABLE: tuple[type[Exception], ...] = (*BROKEN, OSError)


@dataclass(frozen=True, slots=True)
class Logins:
    """Addresses of one database: the server's login, and the owner's for migrating and loading."""

    server: str = field(repr=False)
    owner_or_none: str | None = field(repr=False)

    @property
    def owner(self) -> str:
        """The owner's address; a command that needs it stops where there is none."""
        if self.owner_or_none is None:
            raise fail("This command needs the tables' owner: set WANGGE_OWNER_DATABASE_URL.")
        return self.owner_or_none


def say(line: str) -> None:
    """Print a line for the person at the terminal."""
    typer.echo(line, err=True)


def fail(line: str) -> typer.Exit:
    """Say why a command stops; raise what is returned."""
    typer.secho(f"✗ {line}", fg="red", err=True)
    return typer.Exit(1)


@contextmanager
def logins(settings: Settings, *, may_install: bool = False) -> Iterator[Logins]:
    """Lend the database's addresses; the last command to leave a private cluster stops it."""
    end_in_order()
    if settings.database_url is not None:
        server = settings.database_url.get_secret_value()
        owner = settings.owner_database_url
        yield Logins(server, owner.get_secret_value() if owner else None)
        return
    with ExitStack() as held:
        running = _lent(settings, held, may_install)
        yield Logins(running.url("wangge_server", DATABASE), running.url("wangge_owner", DATABASE))


def _lent(settings: Settings, held: ExitStack, may_install: bool) -> cluster.Cluster:
    try:
        if may_install and find_binaries() is None:
            say("· installing PostgreSQL with PostGIS by apt …")
            install()
        running = held.enter_context(cluster.lent(settings.home))
        cluster.provision(running, DATABASE)
    except ClusterError as error:
        raise fail(f"{error.code}: {', '.join(f'{name} {fact}' for name, fact in error.facts.items())}") from error
    return running


def end_in_order() -> None:
    """Let a closed terminal and a polite kill end a command as Ctrl-C does: what it started is stopped."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
