"""Lines and areas of an extract become rows: whole arrays at a time, parts told apart, what is invalid left out."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon

from data.importing.osm_rows import AddressRow, AdminArea, Batch, BuildingRow, GroundRow, LeftOut, StreetRow
from data.importing.osm_tags import (
    Tags,
    address_of,
    building_kind,
    ground_kind,
    is_building,
    name_of,
    storeys_of,
)
from data.schema import new_id
from geo.cells import cells_of
from geo.errors import ShapeError
from geo.nearest import METRES_PER_DEGREE
from geo.shapes import check_area

type Box = tuple[float, float, float, float]
type Wkb = str | bytes
type Shapes = NDArray[np.object_]

LEAST_DEGREES = 0.001
ROUND = 2  # segments of a quarter circle at a waterway's ends


class Shaper:
    """Gathers what was read until a batch is asked for; knows how far streets and buildings reach."""

    def __init__(self, left_out: LeftOut) -> None:
        self.taken = 0
        self.waiting = 0
        self._left_out = left_out
        self._built = self._drawn = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._empty()

    def _empty(self) -> None:
        self.taken += self.waiting
        self.waiting = 0
        self._streets: list[tuple[str, str | None, str, Wkb]] = []
        self._waterways: list[tuple[str, str | None, float, Wkb]] = []
        self._areas: list[tuple[str, Tags, Wkb]] = []
        self._addresses: list[tuple[str, tuple[str | None, str, str], float, float]] = []

    def add_street(self, ref: str, name: str | None, kind: str, line: Wkb) -> None:
        """Take a street's line."""
        self._streets.append((ref, name, kind, line))
        self.waiting += 1

    def add_waterway(self, ref: str, name: str | None, width_m: float, line: Wkb) -> None:
        """Take the line in the middle of a waterway."""
        self._waterways.append((ref, name, width_m, line))
        self.waiting += 1

    def add_area(self, ref: str, tags: Tags, shape: Wkb) -> None:
        """Take a building, ground, an address, or several of them at once."""
        self._areas.append((ref, tags, shape))
        self.waiting += 1

    def add_address(self, ref: str, told: tuple[str | None, str, str], lng: float, lat: float) -> None:
        """Take a house number at a point."""
        self._addresses.append((ref, told, lng, lat))
        self.waiting += 1

    def admin_area(self, ref: str, tags: Tags, wkb: Wkb) -> AdminArea | None:
        """Take an area of administration, or count why not."""
        try:
            shape = check_area(shapely.from_wkb(wkb))
        except ShapeError as wrong:
            self._left_out.add_broken("area", str(wrong.facts["reason"]), ref)
            return None
        return AdminArea(ref, int(tags["admin_level"]), name_of(tags) or ref.removeprefix("osm:"), shape)

    def box_within(self, told: Box | None) -> Box:
        """Return how far streets and buildings reach, cut to what the file tells where the two meet.

        Without any it is how far all else reaches, and never less than some steps.
        """
        found = self._built if np.isfinite(self._built).all() else self._drawn
        if told is not None:
            cut = np.concatenate([np.maximum(found[:2], told[:2]), np.minimum(found[2:], told[2:])])
            found = cut if bool((cut[:2] < cut[2:]).all()) else found
        if bool((found[2:] - found[:2] < LEAST_DEGREES).any()):
            found = found + np.repeat((-LEAST_DEGREES, LEAST_DEGREES), 2)
        west, south, east, north = found.tolist()
        return west, south, east, north

    def batch(self) -> Batch:
        """Make rows of all that waits."""
        batch = Batch()
        self._write_streets(batch)
        self._write_waterways(batch)
        self._write_areas(batch)
        self._write_addresses(batch)
        self._empty()
        return batch

    def _write_streets(self, batch: Batch) -> None:
        lines = np.asarray(shapely.from_wkb([line for *_, line in self._streets]))
        self._widen(lines)
        for (ref, name, kind, _), wkb in zip(self._streets, shapely.to_wkb(lines), strict=True):
            batch.streets.append(StreetRow(new_id(), ref, name, kind, wkb))

    def _write_waterways(self, batch: Batch) -> None:
        lines = shapely.from_wkb([line for *_, line in self._waterways])
        self._widen(lines, built=False)
        water = buffered(lines, np.array([width / 2 for _, _, width, _ in self._waterways]))
        for (ref, name, _, _), shape in zip(self._waterways, water, strict=True):
            batch.ground.append(GroundRow(new_id(), f"{ref}.line", "water", name, shapely.to_wkb(shape)))

    def _write_areas(self, batch: Batch) -> None:
        shapes = shapely.from_wkb([shape for *_, shape in self._areas])
        self._widen(shapes, built=False)
        sound = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
        for (ref, tags, _), shape, good in zip(self._areas, shapes, sound.tolist(), strict=True):
            if not good:
                self._left_out.add_broken("building" if is_building(tags) else "ground", "invalid", ref)
                continue
            if is_building(tags):
                self._write_building(batch, ref, tags, shape)
            kind = ground_kind(tags)
            if kind is not None:
                batch.ground += [
                    GroundRow(new_id(), part, kind, name_of(tags), wkb) for part, wkb in _parts(ref, shape)
                ]
            told = address_of(tags)
            if told is not None:
                inside = shapely.point_on_surface(shape)
                self._addresses.append((ref, told, inside.x, inside.y))

    def _write_building(self, batch: Batch, ref: str, tags: Tags, shape: MultiPolygon) -> None:
        self._widen(shapely.get_parts(shape))
        kind, storeys, name = building_kind(tags), storeys_of(tags), name_of(tags)
        batch.buildings += [
            BuildingRow(new_id(), part, part.replace(":", "_"), name, kind, storeys, wkb)
            for part, wkb in _parts(ref, shape)
        ]

    def _write_addresses(self, batch: Batch) -> None:
        lng, lat = (np.array([one[axis] for one in self._addresses], dtype=np.float64) for axis in (2, 3))
        places = np.asarray(shapely.points(lng, lat), dtype=np.object_)
        self._widen(places, built=False)
        points = shapely.to_wkb(places)
        for (ref, told, _, _), point, cell in zip(self._addresses, points, cells_of(lng, lat).tolist(), strict=True):
            batch.addresses.append(AddressRow(new_id(), ref, *told, point, cell))

    def _widen(self, shapes: Shapes, *, built: bool = True) -> None:
        if len(shapes) == 0:
            return
        bounds = shapely.total_bounds(shapes)
        if built:
            self._built = _around(self._built, bounds)
        self._drawn = _around(self._drawn, bounds)


def _around(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([np.fmin(one[:2], other[:2]), np.fmax(one[2:], other[2:])])


def lines_known(nodes: Sequence[tuple[float, float] | None]) -> list[bytes]:
    """Return a line, WKB, for each run of two or more different nodes that are known."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in nodes:
        if node is None:
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != node:
            runs[-1].append(node)
    return [shapely.to_wkb(LineString(run)) for run in runs if len(run) > 1]


def buffered(lines: Shapes, half_m: NDArray[np.float64]) -> Shapes:
    """Widen lines in degrees by metres to each side: polygons in degrees, in the same order."""
    places, row = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(row, np.arange(len(lines)))
    narrow = np.cos(np.radians(places[first, 1])) if len(lines) else np.empty(0)
    flat = shapely.set_coordinates(lines.copy(), places * np.column_stack([narrow[row], np.ones(len(row))]))
    wide = shapely.buffer(flat, half_m / METRES_PER_DEGREE, quad_segs=ROUND)
    places, row = shapely.get_coordinates(wide, return_index=True)
    return np.asarray(shapely.set_coordinates(wide, places / np.column_stack([narrow[row], np.ones(len(row))])))


def _parts(ref: str, shape: MultiPolygon) -> list[tuple[str, bytes]]:
    """Tell the polygons of an area apart: by the area's own reference where it is one, numbered where several."""
    parts = shapely.to_wkb(shapely.get_parts(shape)).tolist()
    return [(ref, parts[0])] if len(parts) == 1 else [(f"{ref}.{n}", wkb) for n, wkb in enumerate(parts, 1)]
