"""The way in: the script, and the locks it installs from."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "wangge"
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock", "requirements-tools.lock"]


def find_python(path: list[Path | str], home: Path) -> subprocess.CompletedProcess[str]:
    """Ask the script which Python it would use, in an otherwise empty environment, from another folder."""
    environment = {"PATH": os.pathsep.join(map(str, path)), "HOME": str(home)}
    if "LD_LIBRARY_PATH" in os.environ:  # some Pythons do not start without it
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    command = [str(SCRIPT), "--find-python"]
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)


def shim(folder: Path, name: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("script", [SCRIPT, ROOT / ".ci" / "run"])
def test_a_script_is_executable_and_valid_bash(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    lying = tmp_path / "shims"
    for name in ("python3.13", "python3.12", "python3.14", "python3.15", "python3", "python"):
        shim(lying, name, "echo 'command not found' >&2; exit 127")
    real = tmp_path / "home" / ".pyenv" / "versions" / "3 x" / "bin"
    real.mkdir(parents=True)
    (real / "python3.12").symlink_to(Path(sys.executable).resolve())
    found = find_python([lying, "/usr/bin", "/bin"], tmp_path / "home")
    assert found.returncode == 0, found.stderr
    chosen = found.stdout.strip()
    assert not chosen.startswith(str(lying))
    version = subprocess.run([chosen, "-c", "import sys; print(sys.version_info >= (3, 12))"], capture_output=True)
    assert version.stdout.strip() == b"True"


def test_a_python_that_is_too_old_is_passed_over_and_the_path_goes_first(tmp_path: Path) -> None:
    old, good = tmp_path / "old", tmp_path / "good"
    shim(old, "python3.13", "exit 1")  # as an old Python answers the question for its version
    shim(good, "python3.13", "exit 0")
    found = find_python([old, good, "/usr/bin", "/bin"], tmp_path)
    assert found.stdout.strip() == str(good / "python3.13")


def test_a_broken_python_is_not_taken_for_want_of_a_better_one(tmp_path: Path) -> None:
    for name in ("python3.13", "python3"):
        shim(tmp_path, name, "exit 127")
    for name in ("bash", "cat", "date", "dirname", "env", "readlink"):
        place = next(Path(folder) / name for folder in ("/usr/bin", "/bin") if (Path(folder) / name).exists())
        (tmp_path / name).symlink_to(place)
    found = find_python([tmp_path], tmp_path)
    assert not found.stdout.startswith(str(tmp_path))
    assert (found.returncode == 0) == bool(found.stdout.strip())


@pytest.mark.parametrize("name", [*LOCKS, "package-lock.json"])
def test_a_lock_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "index-url" not in text
    assert str(ROOT) not in text


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    requirements = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement), requirement


def test_a_development_environment_can_stand_in_for_the_runtime() -> None:
    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


def test_uv_is_of_the_series_that_builds_the_project_by_itself() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    series = re.fullmatch(r"uv_build>=(\d+\.\d+),<.*", project["build-system"]["requires"][0])
    assert series is not None
    assert pinned("requirements-tools.lock")["uv"].startswith(f"{series.group(1)}.")


def test_every_package_for_pages_is_pinned_by_its_content() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert name == "" or package["integrity"].startswith("sha512-"), name
        assert {"resolved", "funding"}.isdisjoint(package), name


def test_every_asset_comes_from_a_locked_package_with_its_licence() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    lines = [line.split() for line in (ROOT / "assets.txt").read_text().splitlines()]
    assets = [line for line in lines if line and line[0] != "#"]
    for origin, target in assets:
        assert f"node_modules/{origin.split('/')[0]}" in packages
        assert ".." not in target
    licensed = {target.split("/")[0] for _, target in assets if re.search("LICENSE|README", target)}
    assert licensed == {target.split("/")[0] for _, target in assets}
