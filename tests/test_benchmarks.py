"""The benchmarks run, write what they promise, and fail when an answer is wrong."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, box

from benchmarks import ground, point, rows, run
from geo.locate import Locator
from geo.point import Point

ROOT = Path(__file__).resolve().parents[1]
BOXES = {
    f"G{x}{y}": MultiPolygon([box(8 + x / 64, 47 + y / 64, 8 + (x + 1) / 64, 47 + (y + 1) / 64)])
    for x in range(3)
    for y in range(3)
}
PROMISED = {"case", "figure", "value", "unit", "peer", "must", "aim", "holds"}


class WrongOnce(Locator):
    """Takes one point, the last, for one in the first grid."""

    def locate_many(self, lng: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Answer, the last place falsely."""
        found = super().locate_many(lng, lat)
        found[-1] = 0 if found[-1] != 0 else 1
        return found

    def locate(self, point: Point) -> int | None:
        """Answer, falsely in the northernmost row of grids."""
        return None if point.lat > 47 + 2 / 64 else super().locate(point)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the main benchmark once, very small, and lend what it wrote."""
    return written("main", tmp_path_factory.mktemp("bench"))


def written(name: str, folder: Path) -> dict[str, Any]:
    """Run a benchmark, very small, and return what it wrote."""
    file = folder / f"{name}.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), name, "--quick", "--json", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    whole: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return whole


def test_every_row_has_the_promised_keys_and_the_seconds_of_every_repetition_of_each_side(
    quick: dict[str, Any],
) -> None:
    for row in quick["rows"]:
        assert row.keys() >= PROMISED
        for side in filter(None, (row["ours"], row["peer"])):
            assert len(side["values"]) == len(side["seconds"]) == 1
            assert all(math.isfinite(number) and number >= 0 for number in (*side["values"], *side["seconds"]))


def test_all_six_cases_run_and_every_answer_is_the_peer_s(quick: dict[str, Any]) -> None:
    cases = {row["case"].split()[0].rstrip(",") for row in quick["rows"]}
    assert cases >= {"report", "commit", "tile", "locate", "rank", "town"}
    compared = [row for row in quick["rows"] if row["peer"] is not None]
    assert {row["peer"]["name"] for row in compared} >= {
        "by hand",
        "STRtree covered_by",
        "sjoin intersects",
        "PostGIS",
    }
    assert all(row["differing"] == 0 for row in compared)


def test_what_a_report_must_keep_stands_in_its_rows(quick: dict[str, Any]) -> None:
    musts = {(row["case"].split(",")[0], row["must"]) for row in quick["rows"]}
    assert musts >= {
        ("report", "≥ 300"),
        ("report", "≤ 150"),
        ("commit to event", "≤ 250"),
        ("tile grids z14", "≤ 50"),
    }


def test_the_machine_is_told_by_versions_and_cores_not_by_name(quick: dict[str, Any]) -> None:
    machine = quick["machine"]
    assert machine.keys() >= {"cores", "python", "postgresql", "postgis", "shapely", "numpy"}
    assert machine["fsync"] == "on"
    assert str(ROOT) not in json.dumps(quick)


@pytest.mark.parametrize(("locator", "unlike"), [(Locator, False), (WrongOnce, True)])
async def test_one_wrong_answer_among_many_fails_its_row(locator: type[Locator], unlike: bool) -> None:
    scattered = ground.ground_of(BOXES, 500)
    asked = locator(scattered.codes, list(scattered.shapes))
    many = await ground.measure(scattered, asked, None, repetitions=1)
    single = await point.measure(scattered, asked, None, (1, 200))
    assert [row.holds for row in (*many, *single)] == [not unlike] * len((*many, *single))
    measured = rows.Measured([*many, *single], {}, quick=True)
    assert bool(measured.failing) == unlike


def test_a_wrong_answer_is_shown_loudly(capsys: pytest.CaptureFixture[str]) -> None:
    side = rows.Side("ours", [1.0], [1.0])
    rows.show(rows.Measured([rows.Row("locate", "all", "M/s", side, side, differing=3)], {}))
    assert "3 ANSWERS DIFFER" in capsys.readouterr().out


def test_points_at_borders_and_on_vertices_are_among_those_compared() -> None:
    scattered = ground.ground_of(BOXES, 2_000)
    east, north = (np.abs(axis * 64 - np.round(axis * 64)) / 64 for axis in (scattered.lng, scattered.lat))
    assert np.count_nonzero(np.minimum(east, north) <= 1e-5) >= 0.05 * 2_000
    assert np.count_nonzero((east == 0) & (north == 0)) >= 2


def test_the_audit_s_benchmark_leaves_a_whole_chain_with_a_row_for_every_refusal(tmp_path: Path) -> None:
    rows_ = written("audit", tmp_path)["rows"]
    assert {row["case"] for row in rows_} >= {"append, 1 connection", "append, 8 connections", "verify"}
    assert all(row["differing"] in (0, None) for row in rows_)


def test_the_ground_s_benchmark_draws_and_keeps_the_same_tiles_and_loads_what_was_made(tmp_path: Path) -> None:
    rows_ = written("ground", tmp_path)["rows"]
    layers = {row["case"].split()[3] for row in rows_ if " tile " in row["case"]}
    assert layers == {"households", "grids", "areas", "buildings", "streets", "ground"}
    assert {row["figure"] for row in rows_} >= {"outlines redrawn", "drawn, p99", "kept, p99", "make and load"}
    assert all(row["differing"] in (0, None) for row in rows_)


@pytest.mark.parametrize(
    ("limit", "value", "met"),
    [
        (rows.at_least(300), 300.0, True),
        (rows.at_least(300), 299.0, False),
        (rows.at_most(50), 50.5, False),
        (rows.Limit("≤", 1.0, of_peer=True), 3.0, False),
        (rows.Limit("≥", 1.0, of_peer=True), 3.0, True),
    ],
)
def test_a_bound_is_met_or_not(limit: rows.Limit, value: float, met: bool) -> None:
    assert limit.met(value, peer=2.0) is met


def test_an_unknown_benchmark_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run.main(["swiftness"])
    assert refused.value.code == 2
    said = capsys.readouterr().err
    assert "swiftness" in said
    assert all(name in said for name in run.BENCHMARKS)
