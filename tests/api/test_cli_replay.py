"""`wangge replay` at the terminal: what it prints and writes, and how it refuses a file. The record is a noon in memory."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app, replay
from api.i18n import texts
from data.record import Record
from tests.support.replays import noon

DAYS = ("replay", "--from", "2026-11-20", "--to", "2026-11-20")


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the noon in place of a database."""

    @contextmanager
    def nowhere(_: Any) -> Iterator[Any]:
        yield SimpleNamespace(server="")

    async def record(*_: Any) -> Record:
        return noon()

    monkeypatch.setattr(replay, "logins", nowhere)
    monkeypatch.setattr(replay, "_record", record)


def run(*more: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, [*DAYS, *more])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_is_printed_in_either_language_and_written_as_csv_page_and_json(lang: str, tmp_path: Path) -> None:
    (tmp_path / "off.csv").write_text("worker,day,starts,ends\nB,2026-11-20,,\n", encoding="utf-8")
    files = [tmp_path / f"out.{ending}" for ending in ("csv", "html", "json")]
    for file in files:
        done = run("--roster", str(tmp_path / "off.csv"), "--lang", lang, "-o", str(file))
        assert done.exit_code == 0, done.output
    assert texts(lang)["replay.head.changed"] in done.output
    assert "A" in done.output
    rows = list(csv.reader(files[0].read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][1:3] == [texts(lang)["replay.head.as_it_is"], texts(lang)["replay.head.changed"]]
    assert {len(row) for row in rows} == {4}
    page = files[1].read_text(encoding="utf-8")
    assert "<svg" in page
    assert "http" not in page, "a page asks for nothing from anywhere"
    assert "<script" not in page
    told = json.loads(files[2].read_text(encoding="utf-8"))
    assert told["record"]["another_way"] == {"choice": 2}
    again = tmp_path / "again.json"
    run("--roster", str(tmp_path / "off.csv"), "--lang", lang, "-o", str(again))
    assert again.read_bytes() == files[2].read_bytes()


def test_made_up_incidents_are_said_to_be_estimates() -> None:
    done = run("--generate", "4", "--seed", "9", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "4 incidents were made up" in done.output


@pytest.mark.parametrize(
    ("option", "name", "words", "told"),
    [
        ("--rules", "rules.toml", "[category.flood]\nskill=''", "category flood: there is none"),
        ("--rules", "rules.toml", "[[[", "TOML"),
        ("--rules", "none.toml", None, "none.toml: FileNotFoundError"),
        ("--roster", "roster.csv", "worker,day,starts,ends\nZ,1,08:00,16:00", "there is no worker Z"),
        ("--roster", "roster.toml", "[[shift]]\nday='all'", "shift 1: has worker"),
        ("--grids", "grids.geojson", "{}", "file_unreadable"),
        ("--grids", "none.geojson", None, "file_missing"),
        ("-o", "out.pdf", None, ".json, .csv, .html"),
        ("--to", "2026-11-19", None, "--to"),
        ("--lang", "fr", None, "--lang is one of zh, en"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_line(
    option: str, name: str, words: str | None, told: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    if words is not None:
        file.write_text(words, encoding="utf-8")
    done = run(option, str(file) if "." in name else name)
    assert done.exit_code == 1
    assert told in done.output
    assert done.output.count("\n") <= 2
    assert isinstance(done.exception, SystemExit)
