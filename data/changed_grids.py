"""Changed grids: a layer as it would be drawn, for a replay. Nothing is written, and homes stay whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from shapely import MultiPolygon, Point, STRtree

from data.changed_roster import IDS
from data.changed_rules import ChangedFileError
from data.grids import Grid

type Shape = tuple[str, str, MultiPolygon]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes of a layer: code, name, WGS 84. `whole`: they are all of it, else its other grids stay as they are."""

    layer: str
    shapes: Sequence[Shape]
    whole: bool


def changed_grids(was: Sequence[Grid], drawing: Drawing) -> tuple[Grid, ...]:
    """Put a drawing into its layer.

    A grid that is there by its code keeps its area; a new one lies in the area in which the grid lies that held its
    middle, or the nearest one.

    Raises
    ------
    ChangedFileError
        If there is no such layer, or a code comes twice.
    """
    layer, shapes = drawing.layer, drawing.shapes
    standing = {grid.code: grid for grid in was if grid.layer == layer}
    if not standing:
        raise ChangedFileError(f"layer {layer}", "has no grids")
    codes = [code for code, _, _ in shapes]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise ChangedFileError(f"grid {twice}", "comes twice")
    by_row = list(standing.values())
    tree = STRtree([grid.shape for grid in by_row])
    drawn = {one[0]: _drawn(one, standing, by_row, tree) for one in shapes}
    others = [grid for grid in was if grid.layer != layer or (not drawing.whole and grid.code not in drawn)]
    return tuple(sorted([*others, *drawn.values()], key=lambda grid: (grid.layer, grid.code)))


def _drawn(one: Shape, standing: dict[str, Grid], by_row: Sequence[Grid], tree: STRtree) -> Grid:
    code, name, shape = one
    known = standing.get(code)
    if known is not None:
        return replace(known, id=_id(known, shape), name=name, shape=shape)
    middle: Point = shape.representative_point()
    beside = by_row[int(tree.nearest(middle))]
    path = ".".join([*beside.area_path.split(".")[:-1], code])
    id_ = uuid5(IDS, f"{beside.layer} {code}")
    return Grid(id_, beside.layer, uuid5(IDS, path), path, beside.parent_id, code, name, shape)


def _id(known: Grid, shape: MultiPolygon) -> UUID:
    return known.id if shape.equals(known.shape) else uuid5(IDS, f"{known.id}")
