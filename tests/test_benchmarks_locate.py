"""The benchmark of locating: its grids and points are what they claim, and one wrong answer makes it fail."""

import argparse
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import shapely
from numpy.typing import ArrayLike, NDArray

from benchmarks import locate, locate_growth, locate_pairs, locate_redraw, locate_sets, run
from benchmarks.locate_key import keys_of
from benchmarks.rows import Measured
from geo.locate import Locator
from tests.test_benchmarks import PROMISED, written

POINTS = 2_000
SMALL = locate.Sizes(repetitions=1, builds=1, points=POINTS, single_points=20, redraws=4)


class WrongOnce(Locator):
    """Takes one point of many, the last, for one in another grid."""

    def locate_many(self, lng: ArrayLike, lat: ArrayLike, threads: int = 1) -> NDArray[np.int32]:
        """Answer, the last place falsely."""
        found = super().locate_many(lng, lat, threads)
        found[-1] = 0 if found[-1] != 0 else 1
        return found


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the benchmark once, very small, and lend what it wrote."""
    return written("locate", tmp_path_factory.mktemp("bench"))


def test_every_part_runs_and_every_answer_is_every_peer_s(quick: dict[str, Any]) -> None:
    assert all(row.keys() >= PROMISED for row in quick["rows"])
    assert {row["differing"] for row in quick["rows"]} <= {0, None}
    peers = {row["peer"]["name"] for row in quick["rows"] if row["peer"] is not None}
    assert peers >= {*locate.SHAPELY, *locate.SJOIN, *locate.POSTGIS, "DuckDB, 1 thread", "SedonaDB, 1 partition"}
    assert peers >= {"lattice key alone", "h3ronpy", "polars-h3", "h3-py, a loop", "STRtree", "PostGIS prepared"}
    figures = " ".join(row["figure"] for row in quick["rows"])
    assert all(part in figures for part in ("redraw 1 grid", "build", "start from saved", "memory", "1 point"))
    assert quick["skipped"] == []


def test_the_plan_and_the_settings_of_postgis_are_told(quick: dict[str, Any]) -> None:
    told = {row["peer"]["name"]: row["how"] for row in quick["rows"] if row["peer"] is not None}
    assert all("Index Scan" in told[form] for form in locate.POSTGIS)
    assert "shared_buffers" in quick["machine"]["PostgreSQL's settings"]


@pytest.mark.parametrize(("locator", "wrong"), [(Locator, False), (WrongOnce, True)])
def test_one_wrong_answer_among_many_is_counted_and_the_benchmark_fails(
    locator: type[Locator], wrong: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def measure(_: bool, given: argparse.Namespace) -> Measured:
        ground = locate_sets.coverage_of(given.size, POINTS)
        seen = locate.Seen()
        await locate.contest(given.size, ground, locator(ground.codes, ground.shapes), (seen, None, SMALL))
        return Measured(seen.rows, {}, seen.skipped, quick=True)

    monkeypatch.setattr(locate, "measure", measure)
    file = tmp_path / "found.json"
    code = run.main(["locate", "--quick", "--size", "district", "--json", str(file)])
    rows = [row for row in json.loads(file.read_text())["rows"] if row["peer"]["name"] != "ours"]
    assert code == int(wrong)
    assert {row["differing"] for row in rows} == {int(wrong)}


async def test_a_wrong_answer_after_a_redraw_is_counted() -> None:
    ground = locate_sets.coverage_of("district", POINTS)
    rows = await locate_redraw.measure("district", ground, WrongOnce(ground.codes, ground.shapes), (1, 2))
    assert all(row.differing for row in rows)


async def test_a_peer_that_cannot_is_named_with_its_reason() -> None:
    async def runs_out() -> Any:
        raise MemoryError("no room for 8 GB")

    ground = locate_sets.coverage_of("district", POINTS)
    locator = Locator(ground.codes, ground.shapes)
    found = await locate_pairs.contend(ground, {**locate_pairs.ours(ground, locator), "peer": runs_out}, 2)
    assert found.dropped == {"peer": "MemoryError: no room for 8 GB"}
    assert set(found.seconds) == {"ours", "ours, threads=2"}


@pytest.mark.parametrize("size", ["district", "city", "20k"])
def test_grids_fit_their_neighbours_corner_by_corner(size: str) -> None:
    ground = locate_sets.coverage_of(size, POINTS)
    assert len(ground.codes) == len(ground.shapes) == locate_sets.SIZES[size]
    assert list(ground.codes) == sorted(ground.codes)
    assert locate_sets.faults(size, ground.shapes) == 0
    assert set(shapely.get_num_coordinates(ground.shapes).tolist()) == {locate_sets.RING}
    places = shapely.get_coordinates(ground.shapes)
    assert np.array_equal(places, np.round(places, 7))


def test_the_cities_of_a_nation_have_places_of_their_own() -> None:
    widths = {width for _, width in locate_sets._places(np.random.default_rng(3))}
    assert len(widths) == locate_sets.CITIES
    assert min(widths) >= 150 and max(widths) <= 1_000
    boxes = [
        shapely.box(*corner, *_far(corner, width)) for corner, width in locate_sets._places(np.random.default_rng(3))
    ]
    assert shapely.STRtree(boxes).query(boxes, predicate="intersects").shape[1] == len(boxes)


def _far(corner: tuple[float, float], width_m: float) -> tuple[float, float]:
    degrees = width_m / locate_sets.METRES_PER_DEGREE
    across = degrees / np.cos(np.radians(corner[1] + 20 * degrees))
    return corner[0] + 50 * across, corner[1] + 40 * degrees


def test_points_lie_at_borders_and_on_corners_too_and_a_seed_gives_the_same_again() -> None:
    ground = locate_sets.coverage_of("district", 20_000)
    again = locate_sets.coverage_of("district", 20_000)
    assert np.array_equal(ground.lng, again.lng) and np.array_equal(ground.lat, again.lat)
    points = shapely.points(ground.lng, ground.lat)
    borders = shapely.union_all(shapely.boundary(ground.shapes))
    shapely.prepare(borders)
    assert np.count_nonzero(shapely.dwithin(borders, points, 1e-5)) >= 0.05 * len(points)
    corners = set(map(tuple, shapely.get_coordinates(ground.shapes).tolist()))
    assert sum(place in corners for place in zip(ground.lng.tolist(), ground.lat.tolist(), strict=True)) >= 20


def test_a_moved_border_stays_shared_by_its_two_grids() -> None:
    ground = locate_sets.coverage_of("district", 10)
    moves, shapes = locate_redraw.borders("district", ground, 1, seed=2), ground.shapes.copy()
    for _ in range(30):
        for row, shape in locate_redraw._moved(shapes, next(moves)) or []:
            shapes[row] = shape
    assert np.count_nonzero(~shapely.equals_exact(shapes, ground.shapes)) > 20
    assert locate_sets.faults("district", shapes) == 0


def test_of_several_grids_the_lowest_is_kept() -> None:
    at, row = np.array([0, 2, 0, 2, 3]), np.array([7, 3, 5, 9, 0])
    assert locate_pairs.lowest(5, at, row).tolist() == [5, -1, 3, 0, -1]


def test_keys_of_the_lattice_tell_cells_apart() -> None:
    keys = keys_of(np.array([109.0, 109.0 + 1e-9, 109.01]), np.array([34.0, 34.0, 34.0]))
    assert keys[0] == keys[1] != keys[2]


def test_the_picture_is_a_whole_one_with_a_line_for_everybody(tmp_path: Path) -> None:
    lines = {"ours": [(59, 25.0), (2_000, 60.0)], "a peer < others": [(59, 400.0), (2_000, 1_900.0)]}
    locate_growth.draw(tmp_path / "picture.svg", lines)
    picture = Xml.parse(tmp_path / "picture.svg").getroot()
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ours", "a peer < others", "10", "1,000", "grids"} <= set(texts)


def test_sizes_are_options_of_this_benchmark_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run.main(["audit", "--size", "city"])
    assert refused.value.code == 2
    with pytest.raises(SystemExit) as helped:
        run.main(["locate", "--help"])
    assert helped.value.code == 0
    assert "--growth" in capsys.readouterr().out
