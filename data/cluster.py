"""Keep the private PostgreSQL of one clone: make it, start it, stop it, provision its databases."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from data.place import Place, Secrets, free_port, place_of, port_is_free, temporary_place
from data.postgres import Binaries, ClusterError, find_binaries, run

HOST = "127.0.0.1"
START_SECONDS = 60
LOG_KEPT_BYTES = 10_000_000
FOR_TESTS = """fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
jit = off
shared_preload_libraries = 'postgis-3,ltree,btree_gist,pg_trgm'  # loaded once, not by each of many connections
"""
SERVER_SETTINGS = """# Written by wangge at every start; changes are lost.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_error_verbosity = 'terse'  # details would carry people's rows into the log
{extra}"""
HOST_BASED_ACCESS = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


class ClusterStatus(StrEnum):
    """Where a home's cluster stands."""

    ABSENT = "absent"
    STOPPED = "stopped"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running private server; the passwords are not shown."""

    place: Place
    binaries: Binaries
    secrets: Secrets

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return self.secrets.port

    def url(self, role: str, database: str) -> str:
        """Write SQLAlchemy's asyncpg address for `postgres`, `wangge_owner` or `wangge_server`."""
        password = self.secrets.passwords[role]
        return f"postgresql+asyncpg://{role}:{password}@{HOST}:{self.port}/{database}"

    def psql(self, database: str, script: str) -> str:
        """Run a script as superuser; what it selects comes back as unaligned lines.

        Raises
        ------
        ClusterError
            `program_failed`; the script stops at its first error.
        """
        return _psql(self.binaries, self.secrets, database, script)


def ensure(home: Path, port: int | None = None) -> Cluster:
    """Make the cluster of `home` if it is absent, start it if it is stopped, and return it running.

    A running cluster is returned at once and keeps its port, whatever `port` says. Without `port` the one
    of last time is taken again, or another free one when a stranger holds it.

    Raises
    ------
    ClusterError
        `binaries_missing` (with the major version the data need, or None), `port_taken`,
        `home_not_writable`, `account_missing`, `server_did_not_start`, `program_failed`.
    """
    place = place_of(home)
    with place.locked():
        return _ensure(place, port)


@contextmanager
def lent(home: Path) -> Iterator[Cluster]:
    """Lend the running cluster of `home`; the last of all programs to give it back stops it.

    Raises
    ------
    ClusterError
        As `ensure`.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "cluster.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield ensure(home)
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(home)


def stop(home: Path) -> bool:
    """Stop the cluster of `home`, ending its connections; False when it was not running."""
    place = place_of(home)
    if not place.has_data:
        return False
    with place.locked():
        if place.pid() is None:
            return False
        _stop(place, _binaries(place), "fast")
        return True


def remove(home: Path) -> None:
    """Stop the cluster of `home` and delete its data, port and passwords."""
    place = place_of(home)
    stop(home)
    with place.locked():
        place.remove()


def status(home: Path) -> ClusterStatus:
    """Say whether the cluster of `home` is absent, stopped or running."""
    place = place_of(home)
    if not place.has_data:
        return ClusterStatus.ABSENT
    return ClusterStatus.STOPPED if place.pid() is None else ClusterStatus.RUNNING


@contextmanager
def temporary(fast: bool = True, within: Path | None = None) -> Iterator[Cluster]:
    """Lend a cluster of its own folder, `within` another, and port; stopped and removed on leaving.

    `fast` gives up durability (no fsync): for tests only.
    """
    place = temporary_place(Path(tempfile.mkdtemp(prefix="wangge-", dir=within)))
    try:
        yield _ensure(place, extra=FOR_TESTS if fast else "")
    finally:
        if place.has_data and place.pid() is not None:
            _stop(place, _binaries(place), "immediate")
        shutil.rmtree(place.home, ignore_errors=True)


def provision(cluster: Cluster, database: str) -> None:
    """Give the cluster its roles and one database with its extensions; twice does no harm.

    The database has C.UTF-8 and UTF8, so that names in Chinese are letters to ltree and pg_trgm.
    """
    passwords = cluster.secrets.passwords
    names = f"\\set owner_password '{passwords['wangge_owner']}'\n"
    names += f"\\set server_password '{passwords['wangge_server']}'\n"
    quoted = database.replace("\\", "\\\\").replace("'", "\\'")
    named = f"\\set database '{quoted}'\n"
    with cluster.place.locked():
        cluster.psql("postgres", names + _script("roles.sql"))
        cluster.psql("postgres", named + _script("create_database.sql"))
        cluster.psql(database, named + _script("database.sql"))


def _ensure(place: Place, port: int | None = None, extra: str = "") -> Cluster:
    binaries = _binaries(place)
    kept = place.read_secrets()
    secrets = kept or Secrets.fresh(port or free_port())
    if kept is None:
        place.write_secrets(secrets)
    if not place.has_data:
        _make(place, binaries, secrets, durable=not extra)
    elif kept is None:
        _set_password(place, binaries, secrets)
    secrets = _start(place, binaries, secrets, port, extra)
    try:
        _await_answer(place, binaries, secrets)
    except ClusterError as error:
        if "password authentication failed" not in str(error.facts.get("said")):
            raise
        _set_password(place, binaries, secrets)
        secrets = _start(place, binaries, secrets, port, extra)
        _await_answer(place, binaries, secrets)
    return Cluster(place, binaries, secrets)


def _binaries(place: Place) -> Binaries:
    """Find the programs; data made by one major version are opened by that version only."""
    major = int((place.data / "PG_VERSION").read_text()) if place.has_data else None
    binaries = find_binaries(major)
    if binaries is None:
        raise ClusterError("binaries_missing", major=major)
    return binaries


def _make(place: Place, binaries: Binaries, secrets: Secrets, durable: bool) -> None:
    """Run initdb beside its final place and move the result there, so that half a cluster is never used."""
    half = place.base / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    given = place.own(place.base / "password", secrets.passwords["postgres"])
    try:
        command = [binaries.path("initdb"), "-D", str(half), "--username=postgres", f"--pwfile={given}"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--data-checksums"]
        run(command if durable else [*command, "--no-sync"], account=place.account, cwd=place.base)
    finally:
        given.unlink()
    place.own(half / "pg_hba.conf", HOST_BASED_ACCESS)
    with (half / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("\ninclude 'wangge.conf'\n")
    half.rename(place.data)


def _start(place: Place, binaries: Binaries, secrets: Secrets, port: int | None, extra: str) -> Secrets:
    """Start the server unless it runs; on a port lost to a stranger in the last moment, try another."""
    running = place.running_port()
    if running is not None:
        return secrets.at(running)
    error: ClusterError | None = None
    for _ in range(5):
        wanted = port or secrets.port
        if not port_is_free(wanted):
            if port is not None:
                raise ClusterError("port_taken", port=port)
            wanted = free_port()
        secrets = secrets.at(wanted)
        place.write_secrets(secrets)
        try:
            _start_once(place, binaries, SERVER_SETTINGS.format(port=wanted, extra=extra))
        except ClusterError as refused:
            if place.pid() is not None:
                return secrets  # it needs longer, perhaps after a crash; whoever asks waits for its answer
            error = refused
            time.sleep(0.5)  # the last processes of a killed server need a moment to go
        else:
            return secrets
    raise ClusterError("server_did_not_start", log=str(place.log), said=place.end_of_log()) from error


def _start_once(place: Place, binaries: Binaries, settings: str) -> None:
    place.forget_stale_pid()
    place.own(place.data / "wangge.conf", settings)
    if place.log.exists() and place.log.stat().st_size > LOG_KEPT_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    # Names relative to the folder: pg_ctl hands them to a shell, where a path could do harm.
    command = [binaries.path("pg_ctl"), "start", "-s", "-w", "-t", str(START_SECONDS), "-D", place.data.name]
    run([*command, "-l", place.log.name], account=place.account, cwd=place.base)


def _stop(place: Place, binaries: Binaries, mode: str) -> None:
    command = [binaries.path("pg_ctl"), "stop", "-s", "-w", "-m", mode, "-D", place.data.name]
    run(command, account=place.account, cwd=place.base)


def _await_answer(place: Place, binaries: Binaries, secrets: Secrets) -> None:
    """Wait until the server answers a query; it may be recovering from a crash."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            _psql(binaries, secrets, "postgres", "select 1")
        except ClusterError as error:
            said = str(error.facts.get("said"))
            if "authentication failed" in said or place.pid() is None or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _set_password(place: Place, binaries: Binaries, secrets: Secrets) -> None:
    """Give the superuser a new password, its file being lost: whoever owns the data may. Leaves it stopped."""
    if place.pid() is not None:
        _stop(place, binaries, "fast")
    place.forget_stale_pid()
    command = [binaries.path("postgres"), "--single", "-D", place.data.name, "postgres"]
    change = f"alter role postgres password '{secrets.passwords['postgres']}'\n"
    run(command, account=place.account, cwd=place.base, text_in=change)


def _psql(binaries: Binaries, secrets: Secrets, database: str, script: str) -> str:
    command = [binaries.path("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    command += ["-h", HOST, "-p", str(secrets.port), "-U", "postgres", "-d", database]
    secret = {"PGPASSWORD": secrets.passwords["postgres"], "PGCONNECT_TIMEOUT": "5", "PGSSLMODE": "disable"}
    return run(command, environment=secret, text_in=script)


def _script(name: str) -> str:
    return files("data").joinpath("sql", name).read_text(encoding="utf-8")
