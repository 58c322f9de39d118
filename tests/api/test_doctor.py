"""The doctor: it shows the settings, and no password by any way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.doctor import masked

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql+asyncpg://wangge_server:s3cret@db.example:5432/wangge",
            "wangge_server:***@db.example:5432/wangge",
        ),
        ("postgresql+asyncpg://wangge_server:s:3:c@[::1]:5432/wangge", "wangge_server:***@[::1]:5432/wangge"),
        ("postgresql+asyncpg://u:s3cret@db/wangge?password=s3cret&ssl=require", "u:***@db/wangge"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "s3cret",
        "postgresql://u:s3@cret/x@db/wangge",
        "postgresql://u:s3/cret@db/wangge",
        "postgresql://u:s3?cret@db/wangge",
        "postgresql://u:s3#cret@db/wangge",
        "postgresql://s3cret@@db/wangge",
        "postgresql:///wangge?user=u&password=s3cret",
        "postgresql://u:s3cret@db/wangge\npostgresql://u:s3cret@db/wangge",
    ],
)
def test_of_an_address_in_which_the_password_may_be_taken_for_something_else_nothing_is_shown(url: str) -> None:
    assert not any(part in masked(url) for part in ("s3", "cret"))


def test_doctor_tells_the_settings_and_no_password(server_url: str, owner_url: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "WANGGE_DATABASE_URL": server_url,
        "WANGGE_OWNER_DATABASE_URL": owner_url,
        "WANGGE_TRUSTED_PROXIES": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }
    code = "from api.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "doctor"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    told = ended.stdout + ended.stderr
    assert ended.returncode == 0, told
    for url in (server_url, owner_url):
        assert url.rpartition("@")[0].rpartition(":")[2] not in told
        assert url.rpartition("@")[2] in told
    assert "WANGGE_TRUSTED_PROXIES = 127.0.0.1/32" in told
    assert "argon2-cffi" in told
    assert "WANGGE_SECURE_COOKIES=true" in told
    assert "✗" not in told


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_address_that_is_set_to_nothing_is_not_set(tmp_path: Path, empty: str) -> None:
    environment = os.environ | {
        "WANGGE_DATABASE_URL": empty,
        "WANGGE_OWNER_DATABASE_URL": empty,
        "WANGGE_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
    }
    ended = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "doctor"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    told = ended.stdout + ended.stderr
    assert ended.returncode == 1, told
    assert "WANGGE_DATABASE_URL = –" in told
    assert "WANGGE_OWNER_DATABASE_URL = –" in told
    assert "no database: neither WANGGE_DATABASE_URL nor a private one" in told
    assert "Traceback" not in told
