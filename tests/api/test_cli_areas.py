"""`wangge load areas`, `wangge load tree` and `wangge areas unplan`, as whoever sets up a town uses them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from shapely import box
from shapely.geometry import mapping
from typer.testing import CliRunner

from api.cli import app
from api.schemas.tree import TreeIn, written
from data.importing.tree import GridLayer, Level
from tests.support.place import SOUTH, STEP, WEST, Place, square

Run = Callable[..., Awaitable[Result]]
GRIDS = ("--level", "grid", "--layer", "governance", "--datum", "wgs84")


@pytest.fixture
def run(server_url: str, owner_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command, on this test's database; in a thread, which takes no signals."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.setenv("WANGGE_OWNER_DATABASE_URL", owner_url)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, app, arguments)


def file_of(folder: Path, **shapes: Any) -> str:
    """Write a GeoJSON file of areas by code."""
    features = [
        {"type": "Feature", "properties": {"code": code, "name": f"{code}格"}, "geometry": mapping(shape)}
        for code, shape in shapes.items()
    ]
    file = folder / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(file)


async def test_a_town_s_grids_a_mall_in_them_and_a_plan_for_next_century(
    run: Run, place: Place, tmp_path: Path
) -> None:
    two = {"A": square(0, 0), "B": square(1, 0)}
    assert "✓ new 2" in (await run("load", "areas", file_of(tmp_path, **two), *GRIDS, "--town", "试城")).stderr
    mall = box(WEST + 0.8 * STEP, SOUTH + 0.4 * STEP, WEST + 1.2 * STEP, SOUTH + 0.6 * STEP)
    cut = await run("load", "areas", file_of(tmp_path, M=mall), *GRIDS, "--dedicated", "mall")
    assert "cut for dedicated grids: 2 (A, B)" in cut.stderr
    whole = file_of(tmp_path, A=box(WEST, SOUTH, WEST + 2 * STEP, SOUTH + STEP))
    planned = await run("load", "areas", whole, *GRIDS, "--replace", "--from", "2099-12-01T00:00")
    assert (planned.exit_code, "ended: 1 (B)" in planned.stderr) == (0, True)
    [row] = await place.run("SELECT max(lower(valid))::text AS at FROM grid")
    assert row.at == "2099-11-30 16:00:00+00", "midnight of the town"
    refused = await run("load", "areas", whole, *GRIDS)
    assert (refused.exit_code, "later_planned" in refused.stderr) == (1, True)
    assert "✓ 1 planned" in (await run("areas", "unplan", "--layer", "governance")).stderr
    assert (await run("load", "areas", whole, *GRIDS)).exit_code == 0


async def test_the_tree_that_is_printed_can_be_changed_and_read_again(run: Run, place: Place, tmp_path: Path) -> None:
    printed = (await run("load", "tree")).stdout
    tree = TreeIn.read(printed)
    assert (tree.levels["grid"].name, tree.levels["grid"].digits) == ("网格", None)
    file = tmp_path / "tree.toml"
    file.write_text(printed.replace('name_en = "Grid"', 'name_en = "Grid"\ndigits = 15'), encoding="utf-8")
    assert (await run("load", "tree", str(file))).exit_code == 0
    short = await run("load", "areas", file_of(tmp_path, A=square(0, 0)), *GRIDS)
    assert (short.exit_code, "bad_code_structure: 1 (A)" in short.stderr) == (1, True)
    assert "digits = 15" in (await run("load", "tree")).stdout
    [row] = await place.run("SELECT count(*) AS levels FROM area_level")
    assert row.levels == 6


WRONG = {
    "no TOML": ("levels = [", "tree.toml"),
    "a word that is none": ("[levels.grid]\nrank = 50\nname = 'x'\nname_en = 'x'\ndigit = 15", "levels.grid.digit"),
    "a rank that is none": ("[levels.grid]\nrank = 'low'\nname = 'x'\nname_en = 'x'", "levels.grid.rank"),
    "sizes that cannot be": (
        "[layers.health]\nname = 'x'\nname_en = 'x'\nleast_households = 5\nmost_households = 3", "least_households"
    ),
    "a rank another level has": ("[levels.new]\nrank = 50\nname = 'x'\nname_en = 'x'", "rank_taken"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
async def test_refused_in_one_line_is_a_file_with(what: str, run: Run, tmp_path: Path) -> None:
    text, named = WRONG[what]
    file = tmp_path / "tree.toml"
    file.write_text(text, encoding="utf-8")
    done = await run("load", "tree", str(file))
    [line] = done.stderr.splitlines()
    assert (done.exit_code, named in line) == (1, True), line


def test_what_is_written_is_read_as_it_was_whatever_the_names_hold() -> None:
    levels = [Level("a", 1, '"网"\\格\nx', "x'y", 15), Level("b", 2, "é\u2028e", "y", None)]
    layers = [GridLayer("Z9", "=[x]", "#", 0, None)]
    assert TreeIn.read(written(levels, layers)).rows() == (levels, layers)
