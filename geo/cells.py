"""H3 cells, the public index of places; the only importer of `h3`."""

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.point import Point

RESOLUTION = 11  # about 28 m from centre to corner: the cell stored with every position
FARTHEST_CORNER = 1.15  # of the mean edge; 1.103 measured over 20,000 cells of each of 7 resolutions
OUTLINE_MARGIN = 1.02  # a cell's true edge leaves the straight line between its corners by < 1 % (below 80°)


def cell_of(point: Point, resolution: int = RESOLUTION) -> int:
    """Name the H3 cell a point lies in; the number fits PostgreSQL's bigint."""
    cell: int = h3.latlng_to_cell(point.lat, point.lng, resolution)
    return cell


def cells_of(lng: NDArray[np.float64], lat: NDArray[np.float64], resolution: int = RESOLUTION) -> NDArray[np.int64]:
    """Name the H3 cell of each of the finite positions `lng`, `lat` (k,): int64 (k,)."""
    name = h3.latlng_to_cell
    return np.fromiter(
        (name(y, x, resolution) for x, y in zip(lng.tolist(), lat.tolist(), strict=True)), np.int64, len(lng)
    )


def cell_area_m2(resolution: int) -> float:
    """Say how large a cell of this resolution is on average."""
    area: float = h3.average_hexagon_area(resolution, unit="m^2")
    return area


def reach_m(resolution: int) -> float:
    """Say how far any point of any cell of this resolution is from the cell's centre at most."""
    edge: float = h3.average_hexagon_edge_length(resolution, unit="m")
    return edge * FARTHEST_CORNER


def cells_centred_in(ring: NDArray[np.float64], resolution: int) -> NDArray[np.int64]:
    """List the cells whose centre lies in the ring of lng, lat (n, 2): int64 (c,), no order."""
    cells = h3.h3shape_to_cells(h3.LatLngPoly(ring[:, ::-1].tolist()), resolution)
    return np.asarray(cells, dtype=np.int64)


def outlines(cells: NDArray[np.int64]) -> NDArray[np.object_]:
    """Draw each cell as a lng, lat polygon a little larger than the cell: object (c,).

    Every position that `cells_of` gives to a cell lies inside its outline. Not for cells beyond 80° of
    latitude or across the antimeridian.
    """
    rings = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    corners = np.array([len(ring) for ring in rings], dtype=np.int64)
    places = np.array([corner for ring in rings for corner in ring], dtype=np.float64).reshape(-1, 2)[:, ::-1]
    owner = np.repeat(np.arange(len(rings)), corners)
    starts = np.cumsum(corners) - corners
    centres = np.add.reduceat(places, starts, axis=0) / corners[:, None] if rings else places
    larger = centres[owner] + (places - centres[owner]) * OUTLINE_MARGIN
    return np.asarray(shapely.polygons(shapely.linearrings(larger, indices=owner)), dtype=np.object_)


def icosahedron() -> NDArray[np.float64]:
    """Return the 12 corners of the icosahedron that H3 is drawn on, the pentagons' centres: lng, lat float64 (12, 2)."""
    centres = [h3.cell_to_latlng(cell) for cell in sorted(h3.get_pentagons(0))]
    return np.array(centres, dtype=np.float64)[:, ::-1]
