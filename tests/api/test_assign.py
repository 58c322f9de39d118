"""`wangge assign`, as whoever holds the machine uses it."""

import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from geo.datum import Datum, from_wgs84
from tests.support import nasty
from tests.support.assign import Run, left, refusal, running
from tests.support.place import Place, middle, square

GIVEN = "id,lng,lat\n1,118.305,27.005\n2,118.315,27.005\n3,0,0\n"
WRITTEN = "id,lng,lat,grid_code,areas\n1,118.305,27.005,G00,D1/C1/G00\n2,118.315,27.005,G10,D1/C1/G10\n3,0,0,,\n"
POSTGIS = """
    SELECT (SELECT min(g.code COLLATE "C") FROM grid g
            WHERE g.layer = 'governance' AND st_covers(g.shape, st_setsrid(st_makepoint(p.lng, p.lat), 4326)))
    FROM unnest(CAST(:lng AS float8[]), CAST(:lat AS float8[])) WITH ORDINALITY AS p (lng, lat, nth) ORDER BY nth
"""


@pytest.fixture
async def town(place: Place) -> Place:
    """Lend a town of four grids in a community of a district."""
    await place.add_area("D1", "district")
    await place.add_area("C1", "community", "D1")
    await place.add_block(2, 2)
    return place


@pytest.fixture
def run(server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command in the test's folder."""
    return running(server_url, tmp_path, monkeypatch)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "in.csv").write_text(GIVEN)
    return tmp_path


async def test_each_row_gets_its_grid_and_the_areas_above_it(town: Place, run: Run, here: Path) -> None:
    done = await run("in.csv", "-o", "out.csv")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines() == ["3 rows, 2 in a grid, 1 in none, 0 without a position"]
    assert (here / "out.csv").read_text() == WRITTEN
    assert left(here) == ["in.csv", "out.csv"]
    assert not (here / "out.csv").stat().st_mode & stat.S_IXUSR


async def test_standard_input_and_output_carry_csv_and_nothing_else(town: Place, run: Run) -> None:
    done = await run("-", "-o", "-", says=GIVEN)
    assert (done.exit_code, done.stdout) == (0, WRITTEN)
    assert "3 rows" in done.stderr


async def test_a_table_goes_to_csv_and_back(town: Place, run: Run, here: Path) -> None:
    table = pa.table({"lng": [118.305, None, 118.315], "lat": [27.005, 1.0, 27.015], "n": pa.array([1, 2, None])})
    parquet.write_table(table, here / "in.parquet")
    assert (await run("in.parquet", "-o", "out.parquet")).exit_code == 0
    out = parquet.read_table(here / "out.parquet")
    assert out.drop_columns(["grid_code", "areas"]).equals(table)
    assert out["areas"].to_pylist() == ["D1/C1/G00", None, "D1/C1/G11"]
    done = await run("in.parquet", "-o", "-")
    assert done.stdout.splitlines()[2:] == [",1,2,,", "118.315,27.015,,G11,D1/C1/G11"]
    assert "1 without a position (line 2)" in done.stderr


@pytest.mark.parametrize("datum", list(Datum))
async def test_every_datum_is_understood(town: Place, run: Run, datum: Datum) -> None:
    spots = np.array([middle(column, row) for column in range(2) for row in range(2)])
    lng, lat = from_wgs84(*spots.T, datum)
    says = "lng,lat\n" + "".join(f"{x!r},{y!r}\n" for x, y in zip(lng.tolist(), lat.tolist(), strict=True))
    done = await run("-", "-o", "-", says=says, datum=datum)
    assert [row.split(",")[2] for row in done.stdout.splitlines()[1:]] == ["G00", "G01", "G10", "G11"]


async def test_only_grids_in_force_of_that_layer_count(town: Place, run: Run) -> None:
    await town.add_grid("H1", square(0, 0), layer="health")
    await town.add_grid("G9", square(5, 5), valid="[2020-01-01,2020-02-01)")
    lng, lat = middle(5, 5)
    says = f"lng,lat\n118.305,27.005\n{lng},{lat}\n"
    out = await run("-", "-o", "-", says=says, layer="health")
    assert [row.split(",")[2] for row in out.stdout.splitlines()[1:]] == ["H1", ""]
    assert (await run("-", "-o", "-", says=says)).stdout.splitlines()[2].endswith(",,")


async def test_rows_without_a_position_are_told_by_line_and_never_by_content(
    town: Place, run: Run, here: Path
) -> None:
    says = GIVEN + "secret,x,27\nhidden,,\n"
    done = await run("-", "-o", "out.csv", says=says)
    assert done.exit_code == 0
    assert done.stderr.splitlines() == ["5 rows, 2 in a grid, 1 in none, 2 without a position (line 5, 6)"]
    assert (here / "out.csv").read_text() == WRITTEN + "secret,x,27,,\nhidden,,,,\n"


async def test_strict_leaves_nothing_where_a_row_has_no_position(town: Place, run: Run, here: Path) -> None:
    (here / "out.csv").write_text("before")
    done = await run("-", "-o", "out.csv", "--strict", says=GIVEN + "4,x,27\n")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "1 without a position (line 5)" in done.stderr
    assert (here / "out.csv").read_text() == "before"
    assert left(here) == ["in.csv", "out.csv"]
    assert (await run("in.csv", "-o", "out.csv", "--strict")).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("none.csv", "-o", "out.csv"), "no such file"),
        ((".", "-o", "out.csv"), "neither in .csv"),
        (("in.csv", "-o", "out.xlsx"), "neither in .csv"),
        (("in.csv", "-o", "in.csv"), "at the same time"),
        (("in.csv", "-o", "also.csv"), "at the same time"),
        (("in.csv", "-o", "folder.csv"), "no file"),
        (("in.csv", "-o", "none/out.csv"), "cannot be written"),
        (("in.csv", "-o", "out.csv", "--lng", "nowhere"), "There are: id, lng, lat."),
        (("in.csv", "-o", "out.csv", "--keep", "none"), "--keep"),
        (("false.parquet", "-o", "out.csv"), "cannot be read"),
        (("cut.parquet", "-o", "out.csv"), "cannot be read"),
        (("lists.parquet", "-o", "out.csv"), "'l' cannot be written as CSV"),
        (("words.parquet", "-o", "out.csv", "--lng", "l"), "no degrees but list"),
        (("ragged.csv", "-o", "out.csv"), "Line 3 has 4 fields, the header 3."),
        (("in.csv", "-o", "-", "--engine", "dask"), "name both"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line_and_leaves_nothing(
    town: Place, run: Run, here: Path, arguments: tuple[str, ...], word: str
) -> None:
    (here / "also.csv").symlink_to("in.csv")
    (here / "folder.csv").mkdir()
    (here / "false.parquet").write_text(GIVEN)
    (here / "ragged.csv").write_text("id,lng,lat\n1,1,1\n1,1,1,1\n")
    parquet.write_table(pa.table({"lng": [1.0], "lat": [1.0], "l": [[1]]}), here / "lists.parquet")
    parquet.write_table(pa.table({"l": [[1]], "lat": [1.0]}), here / "words.parquet")
    (here / "cut.parquet").write_bytes((here / "lists.parquet").read_bytes()[:-20])
    before = left(here)
    assert word in refusal(await run(*arguments))
    assert left(here) == before


async def test_what_needs_kernels_says_so_where_there_are_none(
    town: Place, run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_KERNELS", "0")
    assert "WANGGE_KERNELS" in refusal(await run("in.csv", "-o", "out.csv", "--keep", "."))
    assert "WANGGE_KERNELS" in refusal(await run("in.csv", "-o", "out.csv", "--engine", "dask"))
    assert (await run("in.csv", "-o", "out.csv")).exit_code == 0
    assert (here / "out.csv").read_text() == WRITTEN


async def test_an_unknown_layer_and_an_unknown_datum_are_refused(town: Place, run: Run, here: Path) -> None:
    assert "Layers: governance, health." in refusal(await run("in.csv", "-o", "out.csv", layer="none"))
    assert (await run("in.csv", "-o", "out.csv", datum="pulkovo")).exit_code == 2
    assert left(here) == ["in.csv"]


async def test_a_table_broken_in_the_middle_leaves_no_half_a_file(town: Place, run: Run, here: Path) -> None:
    noise = np.random.default_rng(0).random(300_000)
    parquet.write_table(pa.table({"lng": noise, "lat": noise}), here / "in.parquet")
    whole = bytearray((here / "in.parquet").read_bytes())
    whole[len(whole) // 2 :][:5000] = bytes(5000)
    whole[len(whole) // 2 - 300_000 : len(whole) // 2 + 300_000] = b"\xff" * 600_000
    (here / "in.parquet").write_bytes(whole)
    assert "cannot be read" in refusal(await run("in.parquet", "-o", "out.csv"))
    assert left(here) == ["in.csv", "in.parquet"]


@pytest.mark.parametrize("kernels", ["1", "0"])
async def test_the_answers_are_those_of_postgis_on_every_border(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch, kernels: str
) -> None:
    monkeypatch.setenv("WANGGE_KERNELS", kernels)
    await place.add_town()
    for code, shape in nasty.grids().items():
        await place.add_grid(code, shape)
    at = nasty.points(6000)
    says = "lng,lat\n" + "".join(f"{lng!r},{lat!r}\n" for lng, lat in at.tolist())
    done = await run("-", "-o", "-", says=says)
    found = [row.split(",")[2] for row in done.stdout.splitlines()[1:]]
    told = await place.run(POSTGIS, lng=at[:, 0].tolist(), lat=at[:, 1].tolist())
    assert found == [row[0] or "" for row in told]
    assert found == [code or "" for code in nasty.covering(at)]
