"""How PostgreSQL is installed, with an apt-get and a sudo that only write down what they were asked."""

import os
from pathlib import Path

import pytest

from data import postgres
from data.postgres import ClusterError

FAKE = """#!/bin/sh
echo "{name} $*" >> '{folder}/asked'
{then}
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a machine without PostgreSQL, where we are root and apt-get does well."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path / "postgresql")
    monkeypatch.setattr(postgres, "CREATE_NO_CLUSTER", tmp_path / "createcluster.d" / "wangge.conf")
    monkeypatch.setattr(postgres, "APT_LOG", tmp_path / "var" / "log" / "apt.log")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    fake(tmp_path, "apt-get", f"cat '{tmp_path}'/createcluster.d/* 2>/dev/null; true")
    return tmp_path


def fake(machine: Path, name: str, then: str) -> None:
    program = machine / "bin" / name
    program.write_text(FAKE.format(name=name, folder=machine, then=then))
    program.chmod(0o755)


def asked(machine: Path) -> list[str]:
    file = machine / "asked"
    return file.read_text().splitlines() if file.exists() else []


def test_a_machine_without_postgresql_gets_it_without_a_cluster_main(machine: Path) -> None:
    postgres.install()
    options = "-q -o DPkg::Lock::Timeout=300"
    assert asked(machine) == [
        f"apt-get {options} install --yes --no-install-recommends postgresql-postgis",
    ]
    assert "create_main_cluster = false" in postgres.APT_LOG.read_text()  # it was there while apt-get ran
    assert not postgres.CREATE_NO_CLUSTER.exists()


def test_postgis_is_installed_for_the_version_that_is_there(machine: Path) -> None:
    (machine / "postgresql" / "9" / "bin").mkdir(parents=True)
    (machine / "postgresql" / "15" / "bin").mkdir(parents=True)
    postgres.install()
    assert asked(machine)[0].endswith(" postgresql-15-postgis-3")
    assert not postgres.CREATE_NO_CLUSTER.parent.exists()


def test_the_package_lists_are_fetched_only_when_installing_fails_without(machine: Path) -> None:
    fake(machine, "apt-get", f"case $* in *update*) touch '{machine}/lists' ;; *) test -f '{machine}/lists' ;; esac")
    postgres.install()
    assert [line.split()[4] for line in asked(machine)] == ["install", "update", "install"]


def test_an_installation_that_fails_says_what_apt_said(machine: Path) -> None:
    fake(machine, "apt-get", "echo 'E: Unable to locate package'; exit 100")
    with pytest.raises(ClusterError) as refused:
        postgres.install()
    assert refused.value.code == "install_failed"
    assert "Unable to locate package" in str(refused.value.facts["said"])


def test_an_ordinary_user_installs_by_sudo_where_it_asks_nothing(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    fake(machine, "sudo", 'shift; exec "$@"')
    postgres.install()
    assert "sudo -n true" in asked(machine)
    assert any(line.startswith("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get") for line in asked(machine))


def test_an_ordinary_user_without_sudo_is_told_the_command(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    fake(machine, "sudo", "echo 'sudo: a password is required'; exit 1")
    with pytest.raises(ClusterError) as refused:
        postgres.install()
    assert refused.value.code == "install_by_hand"
    command = "sudo apt-get install --yes --no-install-recommends postgresql-postgis"
    assert refused.value.facts == {"command": command}
    assert not any("apt-get" in line for line in asked(machine))
