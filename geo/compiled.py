"""The locator by compiled kernels over the lattice index, and its redraws."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from threading import Lock
from typing import Any, NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.index import Floats, Index, Ints, Longs, Rings, build, rings_of, suited
from geo.kernels import find, redraw, region
from geo.kernels.find import find_one
from geo.kernels.records import TILE
from geo.kernels.reread import PAGE

type Changed = Mapping[int, shapely.Geometry | None]

INDEX = {"bins": "i4", "faces": "i8", "windows": "i4", "tiles": "i4", "pages": "i4", "words": "i4", "rank": "i4"}
RINGS = {"xy": "f8", "ends": "i8", "of": "i8", "parts": "i8"}
OTHERS = {"boxes": "f8", "loose": "i8", "loose_wkb": "u1", "loose_ends": "i8"}
"""Name and type of what a locator is laid out in."""
SPARE = 1024  # corners of neighbours' edges that a redraw may need beside the shape's own
MOST_ADDED = 1 << 26  # bytes: from there on no more is added than there was at first
MOST_RECENT = 256  # rows copied at every redraw; when there are more, they are put to the others
MOST_AT_ONCE = 0.2  # of the grids; more are built anew rather than redrawn one by one


class Additions:
    """What redraws have added behind an index: shared by its versions, each of which knows its own part of it."""

    def __init__(self) -> None:
        self.tiles, self.pages = np.empty(1 << 19, np.int32), np.empty(1 << 21, np.int32)
        self.words, self.corners = np.empty(1 << 20, np.int32), np.empty((1 << 16, 2))
        self.used = np.zeros(4, dtype=np.int64)  # tiles, pages of 1,024 words, words, corners
        self.lock = Lock()  # one redraw at a time; readers need none

    def grow(self) -> None:
        """Make room, in new arrays, where more than half is taken, else in all: older versions keep theirs."""
        arrays = {name: getattr(self, name) for name in ("tiles", "pages", "words", "corners")}
        taken = self.used * [1, PAGE, 1, 1]
        due = [name for (name, old), used in zip(arrays.items(), taken, strict=True) if used >= len(old) // 2]
        for name in due or arrays:
            larger = np.empty((2 * len(arrays[name]), *arrays[name].shape[1:]), arrays[name].dtype)
            larger[: len(arrays[name])] = arrays[name]
            setattr(self, name, larger)

    def exceed(self, index: Index) -> bool:
        """Say whether so much was added that it is time to build anew."""
        at_first = index.tiles.nbytes + index.pages.nbytes + index.words.nbytes + index.rings.xy.nbytes
        return bool(self.used @ [4, 4 * PAGE, 4, 16] > max(at_first, MOST_ADDED))


@dataclass(frozen=True, slots=True, eq=False)
class _Version:
    """One state of an index and its additions. `kept` are the arrays at the table's addresses."""

    table: Longs
    windows: Ints
    kept: tuple[NDArray[np.generic], ...]


@dataclass(slots=True, eq=False)
class Compiled:
    """Answers which of some shapes covers a point; of several that of least rank. Never changes."""

    index: Index
    base_boxes: Floats
    loose: tuple[tuple[int, shapely.Geometry], ...]
    """Rows and prepared shapes the lattice does not suit, by rank."""
    changed: Changed = field(default_factory=dict)
    """Rows that have other shapes than the index was built with; `recent` ones stand before them."""
    recent: Changed = field(default_factory=dict)
    additions: Additions = field(default_factory=Additions)
    version: _Version = field(init=False)
    address: int = field(init=False)

    def __post_init__(self) -> None:
        self._stand_on(_Version(self.index.table, self.index.windows, ()))

    def _stand_on(self, version: _Version) -> None:
        self.version, self.address = version, int(version.table.ctypes.data)

    @classmethod
    def of(
        cls, shapes: NDArray[np.object_], rank: Ints, resolution: int | None = None, threads: int = 1
    ) -> "Compiled":
        """Index shapes in WGS 84 degrees."""
        boxes = np.asarray(shapely.bounds(shapes), dtype=np.float64).reshape(-1, 4)
        index = build(rings_of(shapes), boxes, rank, resolution, threads)
        rows = np.flatnonzero(~suited(boxes) & ~np.isnan(boxes[:, 0]))
        return cls(index, boxes, tuple((int(row), _ready(shapes[row])) for row in rows[np.argsort(rank[rows])]))

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Lay out all of it in arrays by name; redraws are built in first."""
        if self.changed or self.recent:
            shapes = self.shapes_of(np.arange(len(self.base_boxes)))
            return Compiled.of(shapes, np.array(self.rank)).to_arrays()
        wkb = [shapely.to_wkb(shape) for _, shape in self.loose]
        index, rings = self.index, self.index.rings
        own = {name: getattr(index, name) for name in INDEX}
        loose = {
            "loose": np.array([row for row, _ in self.loose], dtype=np.int64),
            "loose_wkb": np.frombuffer(b"".join(wkb), dtype=np.uint8),
            "loose_ends": np.cumsum([len(one) for one in wkb], dtype=np.int64),
        }
        return {**own, **{name: getattr(rings, name) for name in RINGS}, "boxes": self.base_boxes, **loose}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], beside: Mapping[str, str]) -> "Compiled":
        """Take up what `to_arrays` gave; arrays `beside` are looked at, too: name and type."""
        for name, kind in {**INDEX, **RINGS, **OTHERS, **beside}.items():
            if name not in arrays or arrays[name].dtype != kind or not arrays[name].flags.c_contiguous:
                raise ValueError(f"not the arrays of a locator: {name}")
        given: Any = arrays
        _check(given)
        rings = Rings(*(given[name] for name in RINGS))
        index = Index(**{name: given[name] for name in INDEX}, rings=rings)
        wkb, ends = bytes(given["loose_wkb"]), [0, *given["loose_ends"].tolist()]
        shapes = [shapely.from_wkb(wkb[a:b]) for a, b in pairwise(ends)]
        return cls(index, given["boxes"], tuple(zip(given["loose"].tolist(), map(_ready, shapes), strict=True)))

    def __reduce__(self) -> NoReturn:
        raise TypeError("it holds addresses of this process: keep the arrays of a locator instead")

    @property
    def rank(self) -> Ints:
        """The order in which shapes answer where several cover a point: int32 (n,)."""
        return self.index.rank

    def one(self, lng: float, lat: float) -> int:
        """Find the row of the shape that covers a position; -1 if none does."""
        found: int = find_one(self.address, lng, lat)
        return self._or_loose(found, lng, lat) if self.loose else found

    def _or_loose(self, found: int, lng: float, lat: float) -> int:
        for row, shape in self.loose:
            if found >= 0 and self.rank[row] > self.rank[found]:
                break
            if shapely.intersects_xy(shape, lng, lat):
                return row
        return found

    def many(self, lng: Floats, lat: Floats) -> Ints:
        """Find the rows of the shapes that cover positions: int32 (k,), -1 for none and for what is not on Earth."""
        found = np.empty(len(lng), dtype=np.int32)
        find.find_many(self.address, lng, lat, found)
        if self.loose:
            best = np.where(found < 0, np.iinfo(np.int32).max, np.append(self.rank, 0)[found])
            on_earth = (np.abs(lng) <= 180) & (np.abs(lat) <= 90)
            for row, shape in self.loose:
                asked = np.flatnonzero(on_earth & (best > self.rank[row]))
                hit = asked[shapely.intersects_xy(shape, lng[asked], lat[asked])]
                found[hit], best[hit] = row, self.rank[row]
        return found

    def boxes(self) -> Floats:
        """Return each shape's box of degrees: float64 (n, 4), NaN for an empty one."""
        other = {**self.changed, **self.recent}
        boxes = np.array(self.base_boxes) if other else self.base_boxes
        for row, shape in other.items():
            boxes[row] = shapely.bounds(shape)
        return boxes

    def shapes_of(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Draw some of the shapes again: object (k,)."""
        drawn = np.empty(len(rows), dtype=np.object_)
        other = {**self.changed, **self.recent}
        for place, row in enumerate(rows.tolist()):
            drawn[place] = other[row] if row in other else _drawn(self.index.rings, row)
        return drawn

    def redrawn(self, changes: Changed) -> "Compiled":
        """Return a version in which some rows have other shapes, None for no ground; this one stays as it is."""
        boxes = np.array([shapely.bounds(shape) for shape in changes.values()]).reshape(-1, 4)
        fits = bool(np.all(suited(boxes) | np.isnan(boxes[:, 0])))
        on_lattice = fits and not {row for row, _ in self.loose} & changes.keys()
        few = len(changes) <= max(MOST_AT_ONCE * len(self.base_boxes), 1)
        full = self.additions.exceed(self.index)
        version = self._patched(changes) if on_lattice and few and not full else None
        if version is None:
            shapes = self.shapes_of(np.arange(len(self.base_boxes)))
            for row, shape in changes.items():
                shapes[row] = shape
            return Compiled.of(shapes, np.array(self.rank))  # mapped ones cannot be written to: another type
        both = {**self.recent, **changes}
        many = len(both) > MOST_RECENT
        changed, recent = ({**self.changed, **both}, {}) if many else (self.changed, both)
        other = replace(self, changed=changed, recent=recent)
        other._stand_on(version)
        return other

    def _patched(self, changes: Changed) -> _Version | None:
        """Write what changes behind the index; None where the new shapes leave the ground it was built for."""
        more = self.additions
        with more.lock:
            before, spare = more.used.copy(), SPARE
            while True:
                version, done = self._patch(changes, spare)
                if done == redraw.DONE:
                    return version
                if done == redraw.NO_ROOM:
                    more.grow()
                more.used[:] = before
                if done == redraw.OUTSIDE:
                    return None
                if done == redraw.CRAMPED:
                    spare *= 4

    def _patch(self, changes: Changed, spare: int) -> tuple[_Version, int]:
        more = self.additions
        windows, table = self.version.windows.copy(), self.version.table.copy()
        kept = (more.tiles, more.pages, more.words, more.corners)
        table[find.WINDOWS] = windows.ctypes.data
        table[find.NEW + find.TILES : find.NEW + find.CORNERS + 1] = [array.ctypes.data for array in kept]
        version = _Version(table, windows, kept)
        fresh = int(more.used[1])
        for row, shape in changes.items():
            old = self._rings(row)
            done = self._patch_one(version, row, old, shape, (fresh, spare))
            if done != redraw.DONE:
                return version, done
        return version, redraw.DONE

    def _patch_one(
        self, version: _Version, row: int, old: Floats, shape: shapely.Geometry | None, room: tuple[int, int]
    ) -> int:
        rings = shapely.get_rings(shapely.get_parts([] if shape is None else shape))
        xy, ends = shapely.get_coordinates(rings), np.cumsum([0, *shapely.get_num_coordinates(rings)])
        more, count, (fresh, spare) = self.additions, len(xy), room
        if more.used[3] + count > len(more.corners):
            more.used[3] += count
            return redraw.NO_ROOM
        more.corners[more.used[3] : more.used[3] + count] = xy
        with_spare, names = np.empty((count + spare, 2)), np.empty(count + spare, np.int32)
        with_spare[:count] = xy
        names[:count] = np.arange(count) + (len(self.index.rings.xy) + more.used[3])
        more.used[3] += count
        done: int = redraw.redraw_everywhere(
            version.table.ctypes.data, row, old, with_spare, count, ends[:-1], ends[1:], names,
            more.tiles, more.pages, more.words, more.used, fresh,
        )  # fmt: skip
        return done

    def _rings(self, row: int) -> Floats:
        """Return the corners a row's shape has now."""
        for other in (self.recent, self.changed):
            if row in other:
                return np.asarray(shapely.get_coordinates(other[row]))
        rings = self.index.rings
        return np.array(rings.xy[rings.ends[rings.of[row]] : rings.ends[rings.of[row + 1]]])


def _check(given: Any) -> None:
    """Refuse arrays that do not fit together. What pages and words say is taken on trust: they are gigabytes."""
    count, faces = len(given["rank"]), given["faces"]
    bins, windows, tiles = given["bins"], given["windows"], given["tiles"]
    lists = windows[:, 5] + windows[:, 3] // TILE * (windows[:, 4] // TILE) if windows.ndim == 2 else windows
    fits = (
        faces.shape == (20,)
        and bins.ndim == 2
        and bins.shape[1] == region.ACROSS**2
        and int(faces.max()) < len(bins),
        windows.ndim == 2 and windows.shape[1] == find.WINDOW and int(bins.max(initial=-1)) < len(windows),
        int(lists.max(initial=0)) <= len(tiles) and len(given["pages"]) % PAGE == 0,
        -2 - count < int(tiles.min(initial=0)) and int(tiles.max(initial=-1)) < len(given["pages"]) // PAGE,
        given["boxes"].shape == (count, 4) and len(given["of"]) == count + 1 and len(given["code_ends"]) == count,
        given["xy"].ndim == 2 and given["xy"].shape[1] == 2 and int(given["ends"][-1]) == len(given["xy"]),
    )
    if not all(fits):
        raise ValueError("not the arrays of a locator: they do not fit together")


def _ready(shape: shapely.Geometry) -> shapely.Geometry:
    """Prepare a shape for being asked by several threads."""
    shapely.prepare(shape)
    shapely.intersects_xy(shape, 0, 0)  # builds now the index that threads will share
    return shape


def _drawn(rings: Rings, row: int) -> shapely.Geometry:
    """Draw one shape from its rings."""
    first, last = rings.of[row], rings.of[row + 1]
    begins = np.unique(rings.parts[np.searchsorted(rings.parts, first) : np.searchsorted(rings.parts, last)])
    parts = []
    for shell, behind in zip(begins, np.append(begins, last)[1:], strict=True):
        lines = [rings.xy[rings.ends[ring] : rings.ends[ring + 1]] for ring in range(shell, behind)]
        parts.append(shapely.Polygon(lines[0], lines[1:]))
    return shapely.MultiPolygon(parts)
