"""One file by every engine: the same bytes, and those GEOS and the tie rule ask for."""

import builtins
import csv
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from data.points.index import shared
from tests.support import nasty
from tests.support.assign import Run, left, refusal, running
from tests.support.place import Place

COUNT = 20_000
ENGINES = ("own", "dask", "sedonadb")


@pytest.fixture
def run(server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command in the test's folder."""
    return running(server_url, tmp_path, monkeypatch)


@pytest.fixture
async def nasty_town(place: Place) -> Place:
    """Lend a town of grids that overlap, have holes and lie in pieces."""
    await place.add_town()
    for code, shape in nasty.grids().items():
        await place.add_grid(code, shape)
    shared.cache_clear()
    return place


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Lend a file with points of which most lie on borders, two without a position, and texts of every kind."""
    file = tmp_path / "in.csv"
    with file.open("w", encoding="gb18030", newline="") as stream:
        stream.write('编号,说明,"经度",纬度\r\n')
        for row, (lng, lat) in enumerate(nasty.points(COUNT).tolist()):
            stream.write(f'{row:07},"第{row}处, ""东""\n门",{lng!r},"{lat!r}"\r\n')
        stream.write("x,不详,,\r\n\r\ny,不详,200,27\n")
    return file


async def test_all_engines_write_equal_files(nasty_town: Place, run: Run, given: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("data.points.with_dask.PART", 200_000)
    written, tables = [], []
    for engine in ENGINES:
        for name in ("csv", "parquet"):
            done = await run("in.csv", "-o", f"{engine}.{name}", "--engine", engine)
            assert done.exit_code == 0, done.stderr
            assert "2 without a position (line 40002, 40004)" in done.stderr
        written.append((given.parent / f"{engine}.csv").read_bytes())
        tables.append(parquet.read_table(given.parent / f"{engine}.parquet"))
    assert written[0] == written[1] == written[2]
    assert tables[0].equals(tables[1]) and tables[0].equals(tables[2])
    rows = list(csv.DictReader(written[0].decode("gb18030").splitlines(keepends=True)))
    told = [code or "" for code in nasty.covering(nasty.points(COUNT))]
    assert [row["grid_code"] for row in rows] == [*told, "", ""]
    assert [name for name in left(given.parent) if name.startswith(".")] == []


async def test_all_engines_turn_a_table_into_equal_tables(nasty_town: Place, run: Run, given: Path) -> None:
    assert (await run("in.csv", "-o", "in.parquet")).exit_code == 0
    table = parquet.read_table(given.with_suffix(".parquet")).drop_columns(["grid_code", "areas"])
    parquet.write_table(table, given.with_suffix(".parquet"), row_group_size=3000)
    found = []
    for engine in ENGINES:
        done = await run("in.parquet", "-o", f"{engine}.parquet", "--engine", engine)
        assert done.exit_code == 0, done.stderr
        assert "2 without a position (line 20001, 20002)" in done.stderr
        found.append(parquet.read_table(given.parent / f"{engine}.parquet"))
    assert found[0].equals(found[1]) and found[0].equals(found[2])


async def test_a_kept_index_answers_the_same_until_the_ground_changes(
    nasty_town: Place, run: Run, given: Path
) -> None:
    folder = given.parent / "kept"
    folder.mkdir()
    assert (await run("in.csv", "-o", "a.csv")).exit_code == 0
    for name in ("b", "c"):
        assert (await run("in.csv", "-o", f"{name}.csv", "--keep", "kept")).exit_code == 0
        assert (given.parent / f"{name}.csv").read_bytes() == (given.parent / "a.csv").read_bytes()
    [kept] = folder.iterdir()
    before = kept.read_bytes()
    await nasty_town.run("UPDATE grid SET valid = tstzrange(lower(valid), now()) WHERE code = 'A1'")
    assert (await run("in.csv", "-o", "d.csv", "--keep", "kept", "--engine", "dask")).exit_code == 0
    assert b",A1," in (given.parent / "a.csv").read_bytes()
    assert b",A1," not in (given.parent / "d.csv").read_bytes()
    assert kept.read_bytes() != before
    kept.write_bytes(before[: len(before) // 2])
    assert (await run("in.csv", "-o", "e.csv", "--keep", "kept")).exit_code == 0
    assert (given.parent / "e.csv").read_bytes() == (given.parent / "d.csv").read_bytes()


@pytest.mark.parametrize(("engine", "module"), [("dask", "with_dask"), ("sedonadb", "with_sedonadb")])
async def test_an_engine_that_is_not_installed_says_how_to_install_it(
    nasty_town: Place, run: Run, given: Path, monkeypatch: pytest.MonkeyPatch, engine: str, module: str
) -> None:
    there = builtins.__import__

    def without(name: str, *others: Any) -> Any:
        if name.endswith(module):
            raise ModuleNotFoundError(f"No module named {engine!r}", name=engine)
        return there(name, *others)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install" in refusal(await run("in.csv", "-o", "out.csv", "--engine", engine))
    assert left(given.parent) == ["in.csv"]


async def test_a_ragged_row_stops_every_engine_and_leaves_nothing(nasty_town: Place, run: Run, given: Path) -> None:
    with given.open("ab") as stream:
        stream.write(b"1,2,3\n")
    for engine in ENGINES:
        assert "Line 40005 has 3 fields" in refusal(await run("in.csv", "-o", "out.csv", "--engine", engine))
        assert left(given.parent) == ["in.csv"]
