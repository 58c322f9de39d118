"""The private PostgreSQL of a clone, made and broken for real."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import cluster as clusters
from data.cluster import Cluster, ClusterStatus
from data.place import FOR_ROOT, place_of
from data.postgres import Account, ClusterError, find_binaries, run

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """Lend a home for a durable cluster in a folder that no other user may enter."""
    outer = Path(tempfile.mkdtemp(prefix="wangge-home-"))
    home = outer / "a clone" / "var"
    home.mkdir(parents=True)
    place = place_of(home)
    yield home
    clusters.stop(home)
    shutil.rmtree(outer)
    if place.base.parent == FOR_ROOT:
        shutil.rmtree(place.base, ignore_errors=True)


@pytest.fixture(scope="module")
def lent() -> Iterator[Cluster]:
    """Lend one provisioned temporary cluster to the tests that leave it as it is."""
    with clusters.temporary() as cluster:
        clusters.provision(cluster, "town")
        yield cluster


def psql_as(cluster: Cluster, role: str, password: str, script: str) -> str:
    """Run a script as one of the roles, independently of how the cluster does it."""
    command = [cluster.binaries.path("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
    command += ["-p", str(cluster.port), "-U", role, "-d", "town"]
    return run(command, environment={"PGPASSWORD": password}, text_in=script)


def server_pid(cluster: Cluster) -> int:
    return int((cluster.place.data / "postmaster.pid").read_text().splitlines()[0])


def kill_and_wait(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while _is_alive(pid):
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_cluster_is_made_stopped_and_started_again_with_its_data_and_its_port(home: Path) -> None:
    assert clusters.status(home) is ClusterStatus.ABSENT
    made = clusters.ensure(home)
    assert clusters.status(home) is ClusterStatus.RUNNING
    made.psql("postgres", "create table kept as select 7 as n")
    assert clusters.ensure(home).secrets == made.secrets
    assert clusters.stop(home)
    assert clusters.status(home) is ClusterStatus.STOPPED
    assert not clusters.stop(home)
    again = clusters.ensure(home)
    assert again.port == made.port
    assert again.psql("postgres", "select n from kept").strip() == "7"


def test_the_secrets_are_for_the_owner_only(home: Path) -> None:
    cluster = clusters.ensure(home)
    kept = home / "cluster.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.place.base.stat().st_mode) == 0o700
    for password in cluster.secrets.passwords.values():
        assert password in kept.read_text()
        assert password not in repr(cluster)
        assert password not in cluster.place.end_of_log()
    assert len(set(cluster.secrets.passwords.values())) == 3


def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    cluster = clusters.ensure(home)
    cluster.psql("postgres", "create table kept as select 7 as n")
    kill_and_wait(server_pid(cluster))
    assert clusters.status(home) is ClusterStatus.STOPPED
    assert clusters.ensure(home).psql("postgres", "select n from kept").strip() == "7"


def test_a_pid_file_that_names_a_living_stranger_is_not_believed(home: Path) -> None:
    cluster = clusters.ensure(home)
    clusters.stop(home)
    stranger = cluster.place.data / "postmaster.pid"
    stranger.write_text(f"{os.getpid()}\n{cluster.place.data}\n")
    assert clusters.status(home) is ClusterStatus.STOPPED
    assert clusters.ensure(home).psql("postgres", "select 1").strip() == "1"


def test_a_port_taken_meanwhile_is_left_to_the_stranger(home: Path) -> None:
    port = clusters.ensure(home).port
    clusters.stop(home)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the cluster's last connections may linger
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with pytest.raises(ClusterError) as refused:
            clusters.ensure(home, port=port)
        assert refused.value.code == "port_taken"
        moved = clusters.ensure(home)
        assert moved.port != port
    clusters.stop(home)
    assert clusters.ensure(home, port=port).port == port


def test_lost_passwords_are_replaced_and_the_data_kept(home: Path) -> None:
    lost = clusters.ensure(home)
    clusters.provision(lost, "town")
    lost.psql("town", "create table kept as select 7 as n")
    (home / "cluster.json").unlink()
    cluster = clusters.ensure(home)
    clusters.provision(cluster, "town")
    assert cluster.secrets.passwords != lost.secrets.passwords
    assert cluster.psql("town", "select n from kept").strip() == "7"
    assert psql_as(cluster, "wangge_owner", cluster.secrets.passwords["wangge_owner"], "select 1") == "1\n"


def test_two_who_ask_at_the_same_time_get_one_server(home: Path) -> None:
    got: list[Cluster] = []
    asking = [threading.Thread(target=lambda: got.append(clusters.ensure(home))) for _ in range(3)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(got) == 3
    assert len({(one.port, server_pid(one)) for one in got}) == 1


def test_a_temporary_cluster_leaves_nothing_behind() -> None:
    with clusters.temporary() as cluster:
        pid = server_pid(cluster)
        assert cluster.psql("postgres", "show fsync").strip() == "off"
    assert not cluster.place.home.exists()
    assert not _is_alive(pid)


def test_provisioning_twice_changes_nothing(lent: Cluster) -> None:
    def described() -> str:
        question = "select * from pg_authid where rolname like 'wangge%' order by 1;"
        question += "select * from pg_database; select * from pg_extension; select * from pg_auth_members;"
        question += "select nspname, nspowner, nspacl from pg_namespace;"
        return re.sub(r"SCRAM[^|]*", "", lent.psql("town", question))

    before = described()
    clusters.provision(lent, "town")
    assert described() == before


def test_a_provisioned_database_has_the_extensions_and_belongs_to_the_owner(lent: Cluster) -> None:
    extensions = lent.psql("town", "select extname from pg_extension order by 1").split()
    assert extensions == ["btree_gist", "ltree", "pg_trgm", "plpgsql", "postgis"]
    owner = "select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'public'"
    assert lent.psql("town", owner).strip() == "wangge_owner"


def test_chinese_is_made_of_letters(lent: Cluster) -> None:
    assert len(lent.psql("town", "select unnest(show_trgm('网格'))").split()) == 3
    assert lent.psql("town", "select '网格.社区'::ltree").strip() == "网格.社区"


def test_the_owner_makes_tables_and_the_server_does_not(lent: Cluster) -> None:
    passwords = lent.secrets.passwords
    made = psql_as(lent, "wangge_owner", passwords["wangge_owner"], "create table t (); drop table t; select 1")
    assert made.strip() == "1"
    with pytest.raises(ClusterError, match="permission denied for schema public"):
        psql_as(lent, "wangge_server", passwords["wangge_server"], "create table t ()")


def test_the_server_acts_as_its_two_roles_only_after_saying_so(lent: Cluster) -> None:
    password = lent.secrets.passwords["wangge_server"]
    usage = "select pg_has_role('wangge_server', 'wangge_app', 'usage')"
    assert psql_as(lent, "wangge_server", password, usage).strip() == "f"
    for role in ("wangge_app", "wangge_dispatcher"):
        said = psql_as(lent, "wangge_server", password, f"set role {role}; select current_user")
        assert said.strip() == role
    with pytest.raises(ClusterError, match="permission denied"):
        psql_as(lent, "wangge_server", password, "set role wangge_owner")


def test_a_server_that_forgets_its_transaction_is_cut_off(lent: Cluster) -> None:
    question = "show idle_in_transaction_session_timeout"
    assert psql_as(lent, "wangge_server", lent.secrets.passwords["wangge_server"], question).strip() == "15s"


@pytest.mark.parametrize("role", ["postgres", "wangge_owner", "wangge_server", "wangge_app"])
def test_a_wrong_password_is_refused(lent: Cluster, role: str) -> None:
    with pytest.raises(ClusterError, match="password authentication failed"):
        psql_as(lent, role, "wrong", "select 1")


def test_passwords_are_kept_as_scram_only(lent: Cluster) -> None:
    kinds = "select distinct left(rolpassword, 13) from pg_authid where rolpassword is not null"
    assert lent.psql("postgres", kinds).split() == ["SCRAM-SHA-256"]
    assert "trust" not in (lent.place.data / "pg_hba.conf").read_text()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs the kernel's list of sockets")
def test_the_server_listens_on_loopback_only_and_has_no_socket_file(lent: Cluster) -> None:
    sockets = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    heard = re.findall(rf"([0-9A-F]+):{lent.port:04X} [0-9A-F]+:0000 0A", sockets)
    assert heard == ["0100007F"]
    assert lent.psql("postgres", "show unix_socket_directories").strip() == ""


def test_an_address_carries_role_password_port_and_database(lent: Cluster) -> None:
    password = lent.secrets.passwords["wangge_owner"]
    expected = f"postgresql+asyncpg://wangge_owner:{password}@127.0.0.1:{lent.port}/town"
    assert lent.url("wangge_owner", "town") == expected


def test_the_newest_postgresql_with_all_extensions_is_found() -> None:
    found = find_binaries()
    assert found is not None
    said = subprocess.run([found.path("postgres"), "--version"], capture_output=True, text=True, check=True)
    assert f"(PostgreSQL) {found.version}" in said.stdout
    assert find_binaries(found.major) == found
    assert find_binaries(9) is None


def test_data_of_a_version_that_is_gone_are_not_opened_by_another(home: Path) -> None:
    place = place_of(home)
    place.data.mkdir(parents=True)
    (place.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ClusterError) as refused:
        clusters.ensure(home)
    assert (refused.value.code, refused.value.facts) == ("binaries_missing", {"major": 9})


@ROOT_ONLY
def test_root_keeps_the_data_where_the_account_of_postgres_can_go(home: Path) -> None:
    outer = home.parents[1]
    assert stat.S_IMODE(outer.stat().st_mode) == 0o700
    cluster = clusters.ensure(home)
    assert cluster.place.base.parent == FOR_ROOT
    owner = Path(f"/proc/{server_pid(cluster)}").stat().st_uid
    assert owner == Account.of("postgres").uid
    assert (cluster.place.base / "home.txt").read_text() == f"{home}\n"


@ROOT_ONLY
def test_an_ordinary_user_has_a_cluster_in_the_clone_and_root_respects_it() -> None:
    nobody = Account.of("nobody")
    home = Path(tempfile.mkdtemp(prefix="wangge-nobody-"))
    os.chown(home, nobody.uid, nobody.gid)
    try:
        assert as_user(nobody, lambda: clusters.ensure(home)) == 0
        cluster = clusters.ensure(home)
        assert cluster.place.base == home / "postgres"
        assert Path(f"/proc/{server_pid(cluster)}").stat().st_uid == nobody.uid
        clusters.stop(home)
        clusters.ensure(home)
        assert (home / "cluster.json").stat().st_uid == nobody.uid
        assert as_user(nobody, lambda: clusters.provision(clusters.ensure(home), "town")) == 0
        assert as_user(nobody, lambda: clusters.stop(home)) == 0
        assert clusters.status(home) is ClusterStatus.STOPPED
    finally:
        clusters.stop(home)
        shutil.rmtree(home)


def as_user(account: Account, action: Callable[[], object]) -> int:
    """Run an action in a child process that has become another user for good; 0 when it went well."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            action()
            os._exit(0)
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
