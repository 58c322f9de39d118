"""`wangge quality`, as whoever holds the machine uses it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest
import shapely
from click.testing import Result
from shapely import MultiPolygon, box
from typer.testing import CliRunner

from api.cli import app
from tests.support.place import Place, square

Run = Callable[..., Awaitable[Result]]
M = 1e-5  # degrees: about a metre


@pytest.fixture
async def run(server_url: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command, on this test's database: two grids with their people, drawn well."""
    await place.add_block(2, 1)
    for code in ("G00", "G10"):
        for role in ("grid_leader", "grid_worker"):
            await place.add_worker(f"{role}{code}", role=role, home=code)
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, app, ("quality", *arguments))


async def reach_over(place: Place) -> None:
    """Let the first grid take 30 m of the second's ground."""
    west, south, east, north = square(0, 0).bounds
    shape = MultiPolygon([box(west, south, east + 30 * M, north)])
    await place.run("UPDATE grid SET shape = st_geomfromwkb(:shape, 4326) WHERE code = 'G00'", shape=shape.wkb)


async def test_clean_ground_is_told_in_both_languages_and_ends_with_0(run: Run, place: Place) -> None:
    told = await run()
    assert told.exit_code == 0, told.stderr
    assert "· 相互重叠 Overlaps: 0" in told.stderr
    assert "网格 grids 2" in told.stderr
    (check,) = await place.run("SELECT status, asked_by FROM ground_check")
    assert (check.status, check.asked_by) == ("done", None)


async def test_faults_are_named_written_to_files_and_end_with_1(run: Run, place: Place, tmp_path: Path) -> None:
    await reach_over(place)
    told = await run("--json", str(tmp_path / "all.json"), "--geojson", str(tmp_path / "map.geojson"))
    assert told.exit_code == 1
    (line,) = (line for line in told.stderr.splitlines() if "Overlaps" in line)
    assert line.startswith("! 相互重叠 Overlaps: 1 (G00 / G10, ")
    written = json.loads((tmp_path / "all.json").read_text())
    assert written["counts"]["overlap"] == 1
    assert [fault["kind"] for fault in written["faults"]] == ["overlap"]
    (feature,) = json.loads((tmp_path / "map.geojson").read_text())["features"]
    assert feature["properties"]["code"] == "G00"
    assert shapely.from_geojson(json.dumps(feature["geometry"])).area == pytest.approx(30 * M * 0.01)
    assert (await run("--layer", "health")).exit_code == 0


async def test_while_another_look_runs_there_is_none(run: Run, place: Place) -> None:
    await place.run("INSERT INTO ground_check (id, started, status) VALUES (gen_random_uuid(), now(), 'running')")
    told = await run()
    assert (told.exit_code, "正在检查" in told.stderr) == (2, True)
    await place.run("UPDATE ground_check SET started = now() - interval '1 hour'")
    assert (await run()).exit_code == 0, "a look that never ended is given up"
    rows = await place.run("SELECT status, reason FROM ground_check ORDER BY started")
    assert [(row.status, row.reason) for row in rows] == [("stopped", "gone"), ("done", None)]


async def test_a_repair_is_proposed_and_its_id_printed(run: Run, place: Place) -> None:
    assert (await run("repair")).exit_code == 2
    await reach_over(place)
    told = await run("repair")
    assert told.exit_code == 0, told.stderr
    assert "Overlaps: 1 → 0" in told.stderr
    (made,) = await place.run("SELECT id::text FROM proposal WHERE status = 'proposed'")
    assert told.stdout.strip() == made.id
    refused = await run("repair", "--layer", "nowhere")
    assert (refused.exit_code, "there is no such layer" in refused.stderr) == (2, True)
