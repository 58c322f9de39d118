"""OpenStreetMap extracts, read in one stream; the only importer of `osmium`.

An area is made of a closed way or of a relation. Member ways of a boundary often repeat its tags, so areas of
administration are made of relations only. What osmium lends is gone with the next object, so it is copied at once.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import osmium
from osmium.geom import WKBFactory

from data.importing.errors import FileMissingError, FileTooLargeError, FileUnreadableError, NoFeaturesError
from data.importing.osm_rows import AdminArea, Batch, LeftOut
from data.importing.osm_shapes import Box, Shaper, lines_known
from data.importing.osm_tags import (
    Tags,
    address_of,
    ground_kind,
    is_building,
    name_of,
    street_class,
    text_of,
    waterway_width_m,
)

MOST_BYTES = 1 << 30  # all of China is about this large; a town's extract has some megabytes
AT_ONCE = 10_000
WANTED = (
    "highway", "waterway", "building", "natural", "landuse", "leisure", "place", "boundary",
    "addr:housenumber", "addr:interpolation",
)  # fmt: skip
UNDRAWABLE = (RuntimeError, osmium.InvalidLocationError)
AREA_RELATIONS = {"multipolygon", "boundary"}


class Extract:
    """One reading of a file: `batches` first, then `areas`, `box` and `left_out` are whole."""

    def __init__(self, path: Path, levels: Mapping[int, str]) -> None:
        """Take the levels of administration that are asked for; the others are counted."""
        self.left_out = LeftOut()
        self.areas: list[AdminArea] = []
        self._path = path
        self._levels = levels
        self._wkb = WKBFactory()
        self._shaper = Shaper(self.left_out)
        self._waiting: dict[str, str] = {}
        self._told_box: Box | None = None

    @property
    def box(self) -> Box:
        """West, south, east, north of streets and buildings, as far as the file says that it goes."""
        return self._shaper.box_within(self._told_box)

    def batches(self) -> Iterator[Batch]:
        """Read the file, a batch of rows at a time.

        Raises
        ------
        FileMissingError, FileTooLargeError, FileUnreadableError, NoFeaturesError
            Where the file as a whole cannot be used; rows may have been lent before that was seen.
        """
        file = self._checked()
        try:
            told = osmium.FileProcessor(file)
            self._told_box = _box(told.header.box())
            wanted = osmium.filter.KeyFilter(*WANTED)
            for one in told.with_areas(wanted).with_filter(wanted):
                self._take(one)
                if self._shaper.waiting >= AT_ONCE:
                    yield self._shaper.batch()
        except RuntimeError as broken:  # osmium has no class of its own for a file that it cannot read
            raise FileUnreadableError(file=self._path.name, detail=str(broken)[:300]) from broken
        yield self._shaper.batch()
        self.areas.sort(key=lambda area: (area.level, area.source_ref))
        for ref, what in self._waiting.items():
            self.left_out.add_broken(what, "not_complete", ref)
        if self._shaper.taken == 0:
            raise NoFeaturesError(layer="OpenStreetMap", where=None)

    def _checked(self) -> Any:
        if not self._path.exists():
            raise FileMissingError(file=self._path.name)
        if not self._path.is_file():
            raise FileUnreadableError(file=self._path.name, detail="not a file")
        size = self._path.stat().st_size
        if size > MOST_BYTES:
            raise FileTooLargeError(file=self._path.name, bytes=size, most=MOST_BYTES)
        with self._path.open("rb") as file:
            binary = b"OSMHeader" in file.read(64)
        return osmium.io.File(str(self._path), "pbf" if binary else "")

    def _take(self, one: Any) -> None:
        try:
            tags = {tag.k: tag.v for tag in one.tags}
        except UnicodeDecodeError:
            self.left_out.add("object", "text_broken", f"osm:{one.type_str()}{one.id}")
            return
        if one.is_area():
            self._take_area(one, tags)
        elif one.is_way():
            self._take_way(one, tags)
        elif one.is_relation():
            self._take_relation(f"osm:r{one.id}", tags)
        elif one.is_node():
            self._take_node(one, tags)

    def _take_node(self, node: Any, tags: Tags) -> None:
        told = address_of(tags)
        if told is not None and node.location.valid():
            self._shaper.add_address(f"osm:n{node.id}", told, node.lon, node.lat)

    def _take_relation(self, ref: str, tags: Tags) -> None:
        what = self._area_of(tags, of_relation=True)
        if tags.get("type") in AREA_RELATIONS:
            self._expect(ref, what)
        elif what is not None:
            self.left_out.add(what, "not_an_area", ref)

    def _take_way(self, way: Any, tags: Tags) -> None:
        ref = f"osm:w{way.id}"
        if "addr:interpolation" in tags:
            self.left_out.add("address", "interpolated", ref)
        if "highway" in tags:
            self._take_street(way, ref, tags)
        width = waterway_width_m(tags)
        if width is not None:
            for part, line in self._lines(way, ref, "water"):
                self._shaper.add_waterway(part, name_of(tags), width, line)
        what = self._area_of(tags, of_relation=False)
        if way.is_closed():
            self._expect(ref, what)
        elif what is not None:
            self.left_out.add_broken(what, "not_closed", ref)

    def _take_street(self, way: Any, ref: str, tags: Tags) -> None:
        kind = street_class(tags)
        if kind is not None:
            for part, line in self._lines(way, ref, "street"):
                self._shaper.add_street(part, name_of(tags), kind, line)
        elif tags.get("area") != "yes":
            self.left_out.add("street", f"highway={text_of(tags['highway'])}", ref)

    def _lines(self, way: Any, ref: str, what: str) -> Iterator[tuple[str, str | bytes]]:
        """Draw a way; where the file does not hold all its nodes, each run of those it holds."""
        try:
            whole = self._wkb.create_linestring(way)
        except UNDRAWABLE:
            known = lines_known([(node.lon, node.lat) if node.location.valid() else None for node in way.nodes])
            self.left_out.add_broken(what, "nodes_missing" if known else "no_line", ref)
            for number, line in enumerate(known, 1):
                self.left_out.broken.add(f"{ref}.{number}")
                yield f"{ref}.{number}", line
        else:
            yield ref, whole

    def _take_area(self, area: Any, tags: Tags) -> None:
        ref = f"osm:{'w' if area.from_way() else 'r'}{area.orig_id()}"
        what = self._area_of(tags, of_relation=not area.from_way())
        if what is None:
            self._note_level(area, ref, tags)
            return
        self._expect(ref, what)
        self._draw_area(area, ref, tags, what)

    def _draw_area(self, area: Any, ref: str, tags: Tags, what: str) -> None:
        try:
            shape = self._wkb.create_multipolygon(area)
        except UNDRAWABLE:
            self.left_out.add_broken(what, "no_shape", ref)
            return
        self._shaper.add_area(ref, tags, shape)
        if what == "area":
            found = self._shaper.admin_area(ref, tags, shape)
            self.areas += [found] if found else []

    def _note_level(self, area: Any, ref: str, tags: Tags) -> None:
        if tags.get("boundary") == "administrative" and not area.from_way():
            self.left_out.add("area", f"admin_level={text_of(tags.get('admin_level')) or '?'}", ref)

    def _area_of(self, tags: Tags, *, of_relation: bool) -> str | None:
        """Say what an area with these tags is wanted as, first of all."""
        if of_relation and tags.get("boundary") == "administrative" and self._level(tags) in self._levels:
            return "area"
        if is_building(tags):
            return "building"
        return ground_kind(tags) or ("address" if "addr:housenumber" in tags else None)

    def _level(self, tags: Tags) -> int:
        told = tags.get("admin_level", "").strip()
        return int(told) if told.isdecimal() and len(told) <= 2 else 0

    def _expect(self, ref: str, what: str | None) -> None:
        """Note a way or relation that must become an area; noted again by the area, in whichever order they come."""
        if what is not None and self._waiting.pop(ref, None) is None:
            self._waiting[ref] = what


def _box(told: Any) -> Box | None:
    if not told.valid():
        return None
    low, high = told.bottom_left, told.top_right
    return low.lon, low.lat, high.lon, high.lat
