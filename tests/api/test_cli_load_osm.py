"""`wangge load osm` and `wangge areas`, from nothing to a town with grids in which an incident is located."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from api.settings import Settings
from tests.support import osm
from tests.support.client import serving
from tests.support.extracts import shared_extract
from tests.support.osm import district
from tests.support.place import Place

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(server_url: str, owner_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command, on this test's database."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.setenv("WANGGE_OWNER_DATABASE_URL", owner_url)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, app, [str(one) for one in arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return district().write(tmp_path / "town.osm.pbf")


async def test_an_extract_is_loaded_and_grids_are_proposed_and_accepted(run: Run, file: Path, place: Place) -> None:
    loaded = await run("load", "osm", file, "--town", "试城", "--town-code", "350783")
    assert loaded.exit_code == 0, loaded.stderr
    assert "✓ buildings: new 100, changed 0, unchanged 0, gone 0" in loaded.stderr
    assert "✓ areas: new 3, redrawn 0, unchanged 0" in loaded.stderr
    proposed = await run("areas", "propose", "--least", 200, "--most", 400)
    assert proposed.exit_code == 0, proposed.stderr
    assert "homes counted by an estimate from the floors of buildings: 西街道, 东街道" in proposed.stderr
    [(id_,)] = await place.run("SELECT id FROM proposal")
    accepted = await run("areas", "accept", id_)
    assert accepted.exit_code == 0, accepted.stderr
    [(grids,)] = await place.run("SELECT count(*) FROM grid WHERE layer = 'governance' AND upper_inf(valid)")
    assert f"✓ layer governance: {grids} grids in force" in accepted.stderr and grids >= 4
    [town] = await place.run("SELECT code, name, demo FROM town")
    assert tuple(town) == ("350783", "试城", False)


async def test_what_is_left_out_is_told_with_its_reason(run: Run, tmp_path: Path) -> None:
    made = osm.Extract()
    made.way([(0, 0), (1, 0)], highway="residential")
    for at in range(12):
        made.way([(at, 1), (at, 2), (at, 3)], building="yes")
    told = (await run("load", "osm", made.write(tmp_path / "town.osm.pbf"))).stderr
    assert "· left out: building not_closed: 12 (osm:w2, osm:w3" in told and told.rstrip().endswith("…)")
    assert "! the file has no whole area of administration" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("load", "osm", "/nowhere.osm.pbf"), "file_missing"),
        (("load", "osm", "/"), "file_unreadable"),
        (("load", "osm", "/nowhere.osm.pbf", "--levels", "6=district,6=street"), "--levels is a list"),
        (("load", "osm", "/nowhere.osm.pbf", "--town-code", "12"), "--town-code has six digits"),
        (("areas", "propose", "--layer", "weather"), "unknown_layer"),
        (("areas", "propose", "--within", "nowhere"), "unknown_area"),
        (("areas", "propose"), "nothing_to_divide"),
        (("areas", "propose", "--least", "9", "--most", "3"), "--least is not more than --most"),
        (("areas", "accept", "01997f3a-8c2b-7d41-9e05-3b6a1f0c7d52"), "unknown_proposal"),
    ],
)
async def test_what_is_refused_is_said_in_one_line(run: Run, arguments: tuple[str, ...], told: str) -> None:
    refused = await run(*arguments)
    assert refused.exit_code == 1 and told in refused.stderr and "Traceback" not in refused.stderr


async def test_a_demo_town_is_not_mixed_with_a_real_one(run: Run, file: Path, place: Place) -> None:
    await place.add_town(demo=True)
    refused = await run("load", "osm", file)
    assert refused.exit_code == 1 and "demo town" in refused.stderr
    assert await place.run("SELECT 1 FROM building") == []


@pytest.mark.parametrize(
    ("name", "grids", "at", "parent"),
    [("liechtenstein", 41, (9.5215, 47.1410), "Vaduz"), ("haidian", 15, (116.3200, 40.0010), "海淀一角")],
    ids=["liechtenstein", "haidian"],
)
async def test_a_newcomer_with_nothing_but_an_extract_gets_a_town(
    run: Run, place: Place, settings: Settings, name: str, grids: int, at: tuple[float, float], parent: str
) -> None:
    extract = shared_extract(name)
    began = time.monotonic()
    loaded = await run("load", "osm", extract, "--town", "海淀一角")
    seconds = time.monotonic() - began
    assert loaded.exit_code == 0, loaded.stderr
    proposed = await run("areas", "propose", "--accept")
    assert proposed.exit_code == 0, proposed.stderr
    assert seconds < 60 and time.monotonic() - began < 90
    [(drawn,)] = await place.run("SELECT count(*) FROM grid WHERE upper_inf(valid)")
    assert abs(drawn - grids) <= 3
    async with serving(settings, await place.token("dispatcher")) as client:
        await client.caught_up()
        answer = await client.report(at=at)
        assert answer.status_code == 201, answer.text
        assert answer.json()["grid"]["name"].startswith(parent)
        again = await run("areas", "propose")
        assert "nothing_to_divide" in again.stderr
