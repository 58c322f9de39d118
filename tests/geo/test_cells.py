import h3
import numpy as np
import shapely

from geo.cells import RESOLUTION, cell_of, cells_centred_in, cells_of, outlines, reach_m
from geo.nearest import metres
from geo.point import Point


def anywhere(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    return rng.uniform(-179, 179, count), np.degrees(np.arcsin(rng.uniform(-0.98, 0.98, count)))


def test_a_cell_is_the_h3_cell_and_fits_a_bigint() -> None:
    lng, lat = anywhere(300)
    ours = cells_of(lng, lat, RESOLUTION)
    assert ours.dtype == np.int64 and (ours > 0).all()
    assert [h3.int_to_str(int(cell)) for cell in ours] == [
        h3.latlng_to_cell(y, x, 11) for x, y in zip(lng, lat, strict=True)
    ]
    assert cell_of(Point(lng[0], lat[0])) == ours[0]


def test_no_position_leaves_the_outline_of_its_cell() -> None:
    lng, lat = anywhere(2000)
    for resolution in (4, 7, 11, 13):
        drawn = outlines(cells_of(lng, lat, resolution))
        plain = np.ptp(shapely.bounds(drawn)[:, [0, 2]], axis=1) < 180
        assert shapely.contains_xy(drawn[plain], lng[plain], lat[plain]).all()


def test_an_outline_is_a_little_larger_than_its_cell() -> None:
    cell = cell_of(Point(117.0, 36.6))
    corners = shapely.points([(lng, lat) for lat, lng in h3.cell_to_boundary(h3.int_to_str(cell))])
    outline = outlines(np.array([cell]))[0]
    assert shapely.contains_properly(outline, corners).all()
    assert outline.area < 1.05 * shapely.MultiPoint(corners).convex_hull.area


def test_no_corner_of_a_cell_is_farther_than_its_reach() -> None:
    lng, lat = anywhere(500)
    for resolution in (4, 8, 13):
        cells = [h3.latlng_to_cell(y, x, resolution) for x, y in zip(lng, lat, strict=True)] + list(
            h3.get_pentagons(resolution)
        )
        for cell in cells:
            y, x = h3.cell_to_latlng(cell)
            corners = np.array(h3.cell_to_boundary(cell))
            assert metres(Point(x, y), corners[:, 1], corners[:, 0]).max() < reach_m(resolution)


def test_cells_centred_in_a_ring_are_those_of_h3() -> None:
    ring = shapely.get_coordinates(shapely.Point(117.0, 36.6).buffer(0.01))
    theirs = h3.polygon_to_cells(h3.LatLngPoly([(lat, lng) for lng, lat in ring]), 10)
    assert {h3.int_to_str(int(cell)) for cell in cells_centred_in(ring, 10)} == set(theirs)


def test_no_cells_have_no_outlines() -> None:
    assert len(outlines(np.empty(0, np.int64))) == 0
