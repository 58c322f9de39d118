"""Which cells an edge meets, against every cell that dense places along it come near."""

import numpy as np
import pytest

from geo.cells import cells_of
from geo.kernels.raster import centre_of, edge_cells, place_of
from geo.kernels.sphere import nearest_face, unit_vector

NEAR = 0.0065  # of the distance between centres: what comes this near to a cell must be among its edges


@pytest.mark.parametrize("resolution", [7, 10, 13])
def test_an_edge_just_outside_a_cell_is_among_its_edges(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    face = nearest_face(*unit_vector(117.0, 36.6))
    i, j = (round(axis) for axis in place_of(117.0, 36.6, face, resolution))
    window, out = np.array([i - 16, j - 16, 32, 32]), np.empty(1000, np.int32)
    for _ in range(200):
        off, (q, other) = 0.5 + NEAR, rng.uniform(-0.25, 0.25, 2)
        ends = np.array([(off + q / 2, q), (off + other / 2, other)]) * rng.choice([-1, 1])
        ends = ends[:, ::-1] if rng.random() < 0.5 else ends  # beyond another side
        edge = np.array([centre_of(i + p, j + r, face, resolution) for p, r in ends])
        places = [place_of(*corner, face, resolution) for corner in edge]
        met = edge_cells(edge, 0, *places[0], *places[1], face, resolution, window, out)
        assert 16 * 32 + 16 in out[:met]


@pytest.mark.parametrize("resolution", [7, 9, 11, 13])
@pytest.mark.parametrize("at", [(117.0, 36.6), (0.0, 0.0), (25.0, 79.0), (-68.3, -55.0)])
def test_every_cell_that_an_edge_comes_near_is_listed(resolution: int, at: tuple[float, float]) -> None:
    rng = np.random.default_rng(resolution)
    face = nearest_face(*unit_vector(*at))
    pitch = 3.0 * 7 ** ((7 - resolution) / 2) * 0.0075  # about, in degrees
    out = np.empty(100_000, np.int32)
    for _ in range(20):
        begin = np.array(at) + rng.uniform(-1, 1, 2) * pitch
        edge = np.vstack([begin, begin + rng.uniform(-1, 1, 2) * pitch * rng.choice([0.3, 3.0, 20.0])])
        ends = [place_of(*corner, face, resolution) for corner in edge]
        i, j = (int(np.floor(axis)) - 100 for axis in ends[0])
        window = np.array([i, j, 224, 224])
        met = edge_cells(edge, 0, *ends[0], *ends[1], face, resolution, window, out)
        assert _expected(edge, face, resolution, window) <= set(out[:met].tolist())


def _expected(edge: np.ndarray, face: int, resolution: int, window: np.ndarray) -> set[int]:
    """List the cells that places along an edge lie in, or in which they would lie were those a little larger."""
    expected = set()
    for share in np.linspace(0, 1, 1001):
        a, b = place_of(*(edge[0] + share * (edge[1] - edge[0])), face, resolution)
        for i in (np.floor(a), np.floor(a) + 1):
            for j in (np.floor(b), np.floor(b) + 1):
                p, q = a - i, b - j
                row, column = int(i) - window[0], int(j) - window[1]
                near = max(abs(2 * p - q), abs(2 * q - p), abs(p + q)) <= 1 + 2 * NEAR
                if near and 0 <= row < window[2] and 0 <= column < window[3]:
                    expected.add(row * int(window[3]) + column)
    return expected


def test_the_middle_of_a_cell_is_where_h3_has_it() -> None:
    lng, lat = 117.0, 36.6
    face = nearest_face(*unit_vector(lng, lat))
    a, b = place_of(lng, lat, face, 9)
    middle = centre_of(round(a), round(b), face, 9)
    assert cells_of(*np.array([middle]).T, 9).tolist()[0] in cells_of(
        *(np.array(middle) + np.random.default_rng(0).uniform(-1e-4, 1e-4, (5, 2))).T, 9
    )
    assert np.allclose(place_of(*middle, face, 9), (round(a), round(b)), atol=1e-9)
