"""Where a private cluster lies, whose it is, and the file of its port and passwords."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from data.postgres import Account, ClusterError

FOR_ROOT = Path("/var/lib/wangge")
ROLES = ("postgres", "wangge_owner", "wangge_server")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The port of a cluster and the password of each role that may log in."""

    port: int
    passwords: Mapping[str, str] = field(repr=False)

    @classmethod
    def fresh(cls, port: int) -> "Secrets":
        """Draw new passwords of 192 bits; their letters need no quoting anywhere."""
        return cls(port, {role: secrets.token_urlsafe(24) for role in ROLES})

    def at(self, port: int) -> "Secrets":
        """Move to another port."""
        return replace(self, port=port)


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one cluster: `home` keeps the secrets, `base` the data; `account` owns the data."""

    home: Path
    base: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The data directory of PostgreSQL."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.base / "server.log"

    @property
    def has_data(self) -> bool:
        """Whether a cluster was made here."""
        return (self.data / "PG_VERSION").is_file()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from making, starting or stopping this cluster meanwhile."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            lock = (self.home / "cluster.lock").open("a")
        except OSError as error:
            raise ClusterError("home_not_writable", home=str(self.home)) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._make_base()
            except OSError as error:
                raise ClusterError("home_not_writable", home=str(self.base)) from error
            yield

    def remove(self) -> None:
        """Delete the data and the secrets of a stopped cluster."""
        shutil.rmtree(self.base, ignore_errors=True)
        (self.home / "cluster.json").unlink(missing_ok=True)

    def pid(self) -> int | None:
        """Find the running server: a live process that works in our data directory; None if none."""
        said = self._pid_file(0)
        if said is None or not _works_in(said, self.data):
            return None
        return said

    def running_port(self) -> int | None:
        """Read the port on which the running server listens, as the server itself noted it."""
        return None if self.pid() is None else self._pid_file(3)

    def forget_stale_pid(self) -> None:
        """Remove the pid file of a server that is gone or is another's; its number may live again."""
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def read_secrets(self) -> Secrets | None:
        """Read port and passwords; None when the file is absent or damaged."""
        try:
            kept = json.loads((self.home / "cluster.json").read_text(encoding="utf-8"))
            return Secrets(int(kept["port"]), {role: str(kept["passwords"][role]) for role in ROLES})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        except OSError as error:
            raise ClusterError("home_not_readable", home=str(self.home)) from error

    def write_secrets(self, kept: Secrets) -> None:
        """Write port and passwords for the home's owner only."""
        new = self.home / "cluster.json.new"
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(asdict(kept), out)
        if os.geteuid() == 0:
            owner = self.home.stat()
            os.chown(new, owner.st_uid, owner.st_gid)
        new.replace(self.home / "cluster.json")

    def own(self, path: Path, content: str) -> Path:
        """Write a file that only the data's owner reads, at once and whole."""
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if self.account is not None:
            os.chown(new, self.account.uid, self.account.gid)
        return new.replace(path)

    def end_of_log(self) -> str:
        """Read the last 2,000 characters of the server's log; empty when there is none."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:] if self.log.exists() else ""

    def _make_base(self) -> None:
        if self.account is not None and not self.base.parent.exists():
            self.base.parent.mkdir()
            self.base.parent.chmod(0o711)  # the account of the data passes through, whatever the umask
        self.base.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(self.base, self.account.uid, self.account.gid)
            self.own(self.base / "home.txt", f"{self.home}\n")

    def _pid_file(self, line: int) -> int | None:
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return int(lines[line])
        except (FileNotFoundError, ValueError, IndexError):
            return None


def place_of(home: Path) -> Place:
    """Find where the cluster of `home` lies.

    In `home`, unless root asks: PostgreSQL refuses to run as root, and its own account cannot enter a
    folder like /root. Then the data lie in /var/lib/wangge/<hash of the path of home>. Data that an
    ordinary user made in `home` stay that user's, also when root asks.

    Raises
    ------
    ClusterError
        `home_of_another`: the data belong to another ordinary user; `account_missing`.
    """
    home = home.resolve()
    inside = home / "postgres"
    owner = inside.stat().st_uid if inside.exists() else os.geteuid()
    if os.geteuid() not in (0, owner):
        raise ClusterError("home_of_another", home=str(home), owner=owner)
    if os.geteuid() != 0:
        return Place(home, inside, None)
    if owner != 0:
        return Place(home, inside, Account.of(owner))
    name = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Place(home, FOR_ROOT / name, Account.of("postgres"))


def temporary_place(home: Path) -> Place:
    """Lay everything of a cluster into one existing folder, to be removed as a whole."""
    home.chmod(0o711)
    place = Place(home, home / "postgres", Account.of("postgres") if os.geteuid() == 0 else None)
    with place.locked():
        return place


def free_port() -> int:
    """Ask the system for a port of 127.0.0.1 that nobody holds now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Say whether a server could listen on a port of 127.0.0.1 now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _works_in(pid: int, folder: Path) -> bool:
    """Say whether a live process has `folder` as working directory, as a PostgreSQL server has its data."""
    try:
        if Path("/proc/self").exists():
            return Path(f"/proc/{pid}/cwd").samefile(folder)
        os.kill(pid, 0)
    except OSError:
        return False
    return True
