"""Find, install and run the programs of PostgreSQL and PostGIS."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = ("postgis", "ltree", "btree_gist", "pg_trgm")
PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql")
WHERE_PACKAGES_PUT_THEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")  # below /
DEBIAN = Path("/usr/lib/postgresql")
CREATE_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/wangge.conf")
APT_LOG = Path(__file__).parents[1] / "var" / "log" / "apt.log"
CLEAN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}


class ClusterError(Exception):
    """Refuse something about the private database server; `code` is stable, `facts` explain it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(f"{code} {facts}" if facts else code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine for whom a program runs; only root can choose one."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, who: str | int) -> "Account":
        """Look up a name or a user id.

        Raises
        ------
        ClusterError
            `account_missing`.
        """
        try:
            entry = pwd.getpwnam(who) if isinstance(who, str) else pwd.getpwuid(who)
        except KeyError:
            raise ClusterError("account_missing", account=who) from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one PostgreSQL that can also load every extension of `EXTENSIONS`."""

    folder: Path
    major: int
    version: str

    def path(self, program: str) -> str:
        """Name a program by its whole path."""
        return str(self.folder / program)


def run(
    command: Sequence[str],
    *,
    account: Account | None = None,
    cwd: Path = Path("/"),
    text_in: str | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> str:
    """Run a program to its end in a clean environment and return what it printed.

    Nothing of the caller's environment is passed on, so a PGHOST or PGSERVICE cannot lead elsewhere.

    Raises
    ------
    ClusterError
        `program_failed` with the program, its return code and the end of what it said.
    """
    as_who: dict[str, object] = {}
    if account is not None and os.geteuid() == 0:
        groups = os.getgrouplist(account.name, account.gid)
        as_who = {"user": account.uid, "group": account.gid, "extra_groups": groups}
    program = Path(command[0]).name
    try:
        ended = subprocess.run(  # type: ignore[call-overload]  # noqa: S603
            command,
            cwd=cwd,
            env={**CLEAN_ENVIRONMENT, **(environment or {})},
            input=text_in if text_in is not None else "",
            capture_output=True,
            text=True,
            timeout=seconds,
            umask=0o077,
            check=False,
            **as_who,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClusterError("program_failed", program=program, returned=None, said=str(error)) from error
    if ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip())[-2000:]
        raise ClusterError("program_failed", program=program, returned=ended.returncode, said=said)
    return str(ended.stdout)


def find_binaries(major: int | None = None) -> Binaries | None:
    """Find the newest PostgreSQL of this machine that has PostGIS, or the newest of one major version.

    Returns
    -------
    Binaries | None
        None when no folder has all programs and the control files of all extensions.
    """
    found = [binaries for folder in _folders() if (binaries := _binaries_in(folder)) is not None]
    wanted = [binaries for binaries in found if major is None or binaries.major == major]
    return max(wanted, key=lambda binaries: _numbers(binaries.version), default=None)


def install() -> None:
    """Install PostgreSQL with PostGIS by apt, as root or by `sudo -n`; make no cluster `main`.

    Raises
    ------
    ClusterError
        `install_by_hand` with the `command` to run; `install_failed` with the log's path and end.
    """
    packages = ["postgresql-postgis"]
    majors = sorted(int(programs.parent.name) for programs in DEBIAN.glob("*/bin"))
    if majors:
        packages = [f"postgresql-{majors[-1]}-postgis-3"]
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    as_root = _as_root()
    if shutil.which("apt-get") is None or as_root is None:
        raise ClusterError("install_by_hand", command=" ".join(["sudo", *command]))
    if not majors:
        _shell([*as_root, "mkdir", "-p", str(CREATE_NO_CLUSTER.parent)])
        _shell([*as_root, "tee", str(CREATE_NO_CLUSTER)], text_in="create_main_cluster = false\n")
    try:
        _apt(as_root, command[1:])
    finally:
        if not majors:
            _shell([*as_root, "rm", "-f", str(CREATE_NO_CLUSTER)])


def _apt(as_root: list[str], arguments: list[str]) -> None:
    """Run apt-get; when it fails, fetch the package lists and try once more."""
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive"]
    apt += ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    if _shell([*apt, *arguments]).returncode == 0:
        return
    _shell([*apt, "update"])
    ended = _shell([*apt, *arguments])
    if ended.returncode != 0:
        tried = " ".join(["apt-get", *arguments])
        raise ClusterError("install_failed", command=tried, said=ended.stdout[-2000:])


def _shell(command: list[str], text_in: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in the caller's environment, because apt needs its proxy; log it to var/log/apt.log."""
    ended = subprocess.run(  # noqa: S603
        command, input=text_in, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if APT_LOG.parents[1].is_dir():
        APT_LOG.parent.mkdir(exist_ok=True)
        with APT_LOG.open("a", encoding="utf-8") as out:
            out.write(f"$ {' '.join(command)}\n{ended.stdout}")
    return ended


def _as_root() -> list[str] | None:
    """Say what to put before a command to run it as root without a question; None when impossible."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is not None and _shell([sudo, "-n", "true"]).returncode == 0:
        return [sudo, "-n"]
    return None


def _folders() -> list[Path]:
    folders = [folder for pattern in WHERE_PACKAGES_PUT_THEM for folder in Path("/").glob(pattern)]
    for program in ("pg_config", "initdb"):
        place = shutil.which(program)
        if place is not None:
            folders.append(Path(place).resolve().parent)
    return list(dict.fromkeys(folders))


def _binaries_in(folder: Path) -> Binaries | None:
    """Judge a folder: all programs, a version, and every extension beside them."""
    if not all((folder / program).is_file() for program in PROGRAMS):
        return None
    try:
        said = run([str(folder / "postgres"), "--version"])
        share = Path(run([str(folder / "pg_config"), "--sharedir"]).strip())
    except ClusterError:
        return None
    version = re.search(r"\d+(\.\d+)?", said)
    complete = all((share / "extension" / f"{name}.control").is_file() for name in EXTENSIONS)
    if version is None or not complete:
        return None
    return Binaries(folder, _numbers(version.group())[0], version.group())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
