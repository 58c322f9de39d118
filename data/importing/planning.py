"""Plan a drawing: what it changes in the tree and in a layer, or why it is refused. Plain functions, nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from data.grids import Purpose
from data.importing.drawn import Drawn, Refused
from geo.cutting import SLIVER_M2, cut_out
from geo.flat import flat_m2
from geo.nearest import metres_to_boxes
from geo.point import Point
from geo.quality import GroundReport, check_ground
from geo.shapes import area_m2

FARTHEST_M = 20_000.0
SAME_DEG = 1e-9  # a tenth of a millimetre


@dataclass(frozen=True, slots=True)
class Known:
    """An area that is in the database; `prefix` is the code of the nearest area from it upwards that has a standard one."""

    id: UUID
    level: str
    code: str
    name: str
    path: str
    shape: MultiPolygon | None
    prefix: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """A grid as it stands in a layer when the drawing begins. `id` is None while it is not written.

    `drawn` is what it was before dedicated grids were cut out of it; None where nothing was.
    """

    id: UUID | None
    code: str
    name: str
    purpose: Purpose | None
    shape: MultiPolygon
    drawn: MultiPolygon | None = None

    @property
    def whole(self) -> MultiPolygon:
        """The shape as it was drawn."""
        return self.drawn or self.shape


@dataclass(frozen=True, slots=True)
class Standing:
    """What a drawing meets: its level's digits, the areas above, those of its codes, its layer's grids."""

    digits: int | None
    parents: tuple[Known, ...]
    known: Mapping[str, Known]
    versions: tuple[Version, ...]
    extent: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Descent:
    """Ground of a version that goes over to the new version of a grid."""

    before: UUID
    after: str
    m2: float
    piece: MultiPolygon


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, unless something is refused; `above` are the parents of what was drawn, row by row."""

    refused: tuple[Refused, ...]
    ground: GroundReport
    above: tuple[Known | None, ...] = ()
    same: tuple[bool, ...] = ()
    begun: tuple[Version, ...] = ()
    ended: tuple[Version, ...] = ()
    descents: tuple[Descent, ...] = ()
    cut: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()
    exclaves: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def plan(drawn: Drawn, standing: Standing, *, later: bool, replace: bool) -> Plan:
    """Work out what a drawing changes; `later`: it is planned, so that the tree itself must stay as it is."""
    above = _parents(drawn.shapes, standing.parents)
    ground = check_ground(drawn.codes, drawn.shapes, [found.shape if found else None for found in above])
    refused = [
        *drawn.refused,
        *_misplaced(drawn, standing, above, ground, later),
        *_misnumbered(drawn, standing, above),
        *_astray(drawn, standing.extent),
        *(() if drawn.keeps_kind else _of_other_kind(drawn, standing)),
    ]
    if refused or drawn.layer is None:
        same = [_same_area(drawn, row, standing) for row in range(len(drawn.codes))]
        return Plan(tuple(refused), ground, above, tuple(same))
    before = {version.code: version for version in standing.versions}
    wanted, meant = _wanted(drawn, standing, replace)
    swallowed = [code for code, version in wanted.items() if version is None]
    if swallowed:
        return Plan(tuple(Refused(drawn.feature(0), code, "swallowed") for code in swallowed), ground)
    there = {code: version for code, version in wanted.items() if version is not None}
    begun = tuple(version for code, version in there.items() if not _same(version, before.get(code)))
    renewed, given = {version.code for version in begun}, set(drawn.codes)
    ended = tuple(old for code, old in before.items() if code in renewed or code not in there)
    same = [
        code not in renewed if code in before else _same_area(drawn, row, standing)
        for row, code in enumerate(drawn.codes)
    ]
    return Plan(
        refused=(),
        ground=ground,
        above=above,
        same=tuple(same),
        begun=begun,
        ended=ended,
        descents=tuple(_descents(ended, begun)),
        cut=tuple(code for code in meant if code in renewed and _lost(meant[code], there[code].shape)),
        grown=tuple(code for code in meant if code in renewed - given and _lost(there[code].shape, meant[code])),
        exclaves=tuple(code for code in meant if code in renewed and _parts(there[code]) > len(meant[code].geoms)),
        gone=tuple(sorted(before.keys() - there.keys())),
    )


def _parents(shapes: NDArray[np.object_], parents: Sequence[Known]) -> tuple[Known | None, ...]:
    """Find for each shape the first area above that covers a point inside it; none where none does."""
    found: list[Known | None] = [None] * len(shapes)
    tree = shapely.STRtree([one.shape for one in parents if one.shape is not None])
    rows, above = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    for nth in np.argsort(-above, kind="stable").tolist():
        found[rows[nth]] = parents[above[nth]]
    return tuple(found)


def _misplaced(
    drawn: Drawn, standing: Standing, above: Sequence[Known | None], ground: GroundReport, later: bool
) -> Iterable[Refused]:
    for code, rows in ground.doubled.items():
        yield from (Refused(drawn.feature(row), code, "code_doubled") for row in rows[1:])
    for row, code in enumerate(drawn.codes):
        known, parent = standing.known.get(code), above[row]
        if known is not None and known.level != drawn.level:
            yield Refused(drawn.feature(row), code, "code_of_other_level")
        elif standing.parents and parent is None:
            yield Refused(drawn.feature(row), code, "outside_parent")
        elif later and known is not None and parent is not None and known.path != f"{parent.path}.{code}":
            yield Refused(drawn.feature(row), code, "moves_to_other_parent")


def _misnumbered(drawn: Drawn, standing: Standing, above: Sequence[Known | None]) -> Iterable[Refused]:
    if standing.digits is None:
        return
    for row, code in enumerate(drawn.codes):
        parent = above[row]
        if len(code) != standing.digits or not (code.isascii() and code.isdigit()):
            yield Refused(drawn.feature(row), code, "bad_code_structure")
        elif parent is not None and parent.prefix is not None and not code.startswith(parent.prefix):
            yield Refused(drawn.feature(row), code, "code_not_under_parent")


def _astray(drawn: Drawn, extent: NDArray[np.float64] | None) -> Iterable[Refused]:
    """Refuse what lies far from the town's other areas, and say where swapped axes would explain it."""
    if extent is None:
        return
    for row, inside in enumerate(shapely.point_on_surface(drawn.shapes)):
        if metres_to_boxes(Point(inside.x, inside.y), extent)[0] > FARTHEST_M:
            swapped = abs(inside.x) <= 90 and metres_to_boxes(Point(inside.y, inside.x), extent)[0] <= FARTHEST_M
            reason = "axes_swapped" if swapped else "far_from_town"
            yield Refused(drawn.feature(row), drawn.codes[row], reason)


def _of_other_kind(drawn: Drawn, standing: Standing) -> Iterable[Refused]:
    """Refuse a basic grid's code for a dedicated one and the other way round, and dedicated grids over each other."""
    dedicated = {version.code: version.purpose is not None for version in standing.versions}
    for row, code in enumerate(drawn.codes):
        if dedicated.get(code, drawn.purpose is not None) != (drawn.purpose is not None):
            yield Refused(drawn.feature(row), code, "code_of_dedicated" if dedicated[code] else "code_of_basic")
    if drawn.purpose is None:
        return
    others = [one.shape for one in standing.versions if one.purpose is not None and one.code not in drawn.codes]
    claimed = np.empty(len(drawn.codes) + len(others), dtype=np.object_)
    claimed[:] = [*drawn.shapes, *others]
    first, second = shapely.STRtree(claimed).query(claimed, predicate="intersects")
    later = (first < second) & (first < len(drawn.codes))
    over = flat_m2(shapely.intersection(claimed[first[later]], claimed[second[later]])) > SLIVER_M2
    for row in np.unique(first[later][over]).tolist():
        yield Refused(drawn.feature(row), drawn.codes[row], "overlaps_dedicated")


def _wanted(
    drawn: Drawn, standing: Standing, replace: bool
) -> tuple[dict[str, Version | None], dict[str, MultiPolygon]]:
    """Return the layer as it shall be by code, None what a cut leaves nothing of, and what each basic grid had so far.

    Dedicated grids are always cut out of the basic ones as they were drawn: where one is redrawn or ends, its ground
    is theirs again.
    """
    kinds = {one.code: one.purpose for one in standing.versions} if drawn.keeps_kind else {}
    given = [
        Version(None, code, name, kinds.get(code, drawn.purpose), shape)
        for code, name, shape in zip(drawn.codes, drawn.names, drawn.shapes, strict=True)
    ]
    is_dedicated = drawn.purpose is not None
    stays = [
        one
        for one in standing.versions
        if one.code not in drawn.codes and not (replace and (one.purpose is not None) == is_dedicated)
    ]
    basic = [one for one in (*given, *stays) if one.purpose is None]
    dedicated = [one for one in (*given, *stays) if one.purpose is not None]
    done = cut_out([one.whole for one in basic], [one.shape for one in dedicated])
    after: dict[str, Version | None] = {}
    for one, left in zip(basic, done.around, strict=True):
        meant = None if left is None or _alike(left, one.whole) else one.whole
        after[one.code] = None if left is None else Version(None, one.code, one.name, None, left, meant)
    for one, left in zip(dedicated, done.out, strict=True):
        after[one.code] = Version(None, one.code, one.name, one.purpose, left)
    return after, {one.code: one.shape for one in basic}


def _same(version: Version, before: Version | None) -> bool:
    """Say whether nothing is new, down to the corners: neighbours' corners must stay each other's."""
    if before is None or (version.name, version.purpose) != (before.name, before.purpose):
        return False
    return _alike(version.shape, before.shape) and _alike(version.whole, before.whole)


def _alike(one: MultiPolygon, other: MultiPolygon) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), SAME_DEG))


def _same_area(drawn: Drawn, row: int, standing: Standing) -> bool:
    known = standing.known.get(drawn.codes[row])
    if known is None or known.shape is None or known.name != drawn.names[row]:
        return False
    return bool(shapely.equals(drawn.shapes[row], known.shape))


def _parts(version: Version) -> int:
    return len(version.shape.geoms)


def _lost(before: MultiPolygon, after: MultiPolygon) -> bool:
    gone = np.asarray([shapely.difference(before, after)], dtype=np.object_)
    return bool(flat_m2(gone)[0] > SLIVER_M2)


def _descents(ended: Sequence[Version], begun: Sequence[Version]) -> Iterable[Descent]:
    """Find which ground of ended versions the new ones take; slivers are nobody's.

    Of a shape that was not valid nobody can say what it covered: its ground went to the version that follows it.
    """
    sound = [one for one in ended if one.shape.is_valid]
    yield from _followed([one for one in ended if not one.shape.is_valid], begun)
    if not (sound and begun):
        return
    old, new = [np.asarray([one.shape for one in some], dtype=np.object_) for some in (sound, begun)]
    after, before = shapely.STRtree(old).query(new, predicate="intersects")
    pieces = shapely.intersection(old[before], new[after])
    meant = np.flatnonzero(flat_m2(pieces) > SLIVER_M2)
    m2 = area_m2(pieces[meant])
    for which, size in zip(meant.tolist(), m2.tolist(), strict=True):
        source = sound[before[which]].id
        if source is not None:
            yield Descent(source, begun[after[which]].code, size, pieces[which])


def _followed(broken: Sequence[Version], begun: Sequence[Version]) -> Iterable[Descent]:
    after = {one.code: one.shape for one in begun}
    for one in broken:
        if one.id is not None and one.code in after:
            shape = after[one.code]
            yield Descent(one.id, one.code, float(area_m2(np.asarray([shape], dtype=np.object_))[0]), shape)
