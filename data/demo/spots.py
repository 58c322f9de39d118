"""Places outside the homes where something may be reported: pavements, shops, parks, the canal."""

from collections.abc import Iterator
from itertools import chain, islice

import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from data.demo.addresses import Directory, Named
from data.demo.buildings import Grounds
from data.demo.drafts import Drafts
from data.demo.frame import Floats, Frame
from data.demo.roads import HALF_WIDTH_M
from data.demo.rows import Spot
from data.demo.streets import METRES_PER_NUMBER

EVERY_M = 75.0
RASTER_M = 27.0
AT_MOST = 30_000


def make_spots(book: Directory, drafts: Drafts, named: Named, grounds: Grounds, frame: Frame) -> tuple[Spot, ...]:
    """Collect the spots of the town, all inside its blocks; of a large town every second, third … of them."""
    middles = drafts.middles()
    houses = (
        (kind, text, middles[row])
        for row, (kind, text) in enumerate(zip(named.kinds, named.addresses, strict=True))
        if kind != "home"
    )
    every = max(1, len(drafts) // AT_MOST)
    found = list(islice(chain(houses, _pavements(book), _outdoors(book, grounds)), 0, None, every))
    degrees = frame.to_degrees(np.array([place for _, _, place in found]))
    return tuple(
        Spot(kind, lng, lat, text) for (kind, text, _), (lng, lat) in zip(found, degrees.tolist(), strict=True)
    )


def _pavements(book: Directory) -> Iterator[tuple[str, str, Floats]]:
    for row, block in enumerate(book.ground.blocks):
        for front in block.fronts:
            road = book.ground.roads[front.road]
            line = LineString(front.line)
            kerb = 0.6 * HALF_WIDTH_M[road.road_class]
            stops = np.arange(EVERY_M / 2, line.length - kerb, EVERY_M)
            here = shapely.get_coordinates(shapely.line_interpolate_point(line, stops))
            ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, stops + 0.5)) - here
            left = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / 0.5
            numbers = 2 * (shapely.line_locate_point(road.line, shapely.points(here)) // METRES_PER_NUMBER) + 1
            for place, number in zip(here + kerb * left, numbers.astype(int).tolist(), strict=True):
                yield "street", f"{book.above[row]}{book.streets[front.road]}{number}号附近", place


def _outdoors(book: Directory, grounds: Grounds) -> Iterator[tuple[str, str, Floats]]:
    """Give places in the parks and gardens, on the sports grounds and the canal's banks."""
    tree = shapely.STRtree([block.shape for block in book.ground.blocks])
    words = {
        "park": ("park", "公园内"),
        "garden": ("park", "小区花园"),
        "track": ("park", "运动场"),
        "bank": ("water", "河堤"),
    }
    for _, sort, shape in grounds:
        if sort not in words:
            continue
        kind, text = words[sort]
        block = int(tree.nearest(shape.point_on_surface()))
        near = book.streets[book.ground.blocks[block].fronts[0].road]
        inner = shape.intersection(book.ground.blocks[block].shape)
        for place in _raster(inner):
            yield kind, f"{book.above[block]}{near}旁{text}", place


def _raster(shape: BaseGeometry) -> Floats:
    """Give the points (n, 2) of a square raster that lie inside a shape."""
    if shape.is_empty:
        return np.empty((0, 2))
    west, south, east, north = shape.bounds
    x, y = np.meshgrid(np.arange(west, east, RASTER_M) + 5, np.arange(south, north, RASTER_M) + 5)
    points = np.column_stack([x.ravel(), y.ravel()])
    inside: Floats = points[shapely.contains_xy(shape, points)]
    return inside
