"""A small town written as an OpenStreetMap extract, by hand, so that tests know what is in it."""

from collections.abc import Sequence
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Relation, Way

WEST, SOUTH = 118.30, 27.00

Place = tuple[float, float]
Tags = dict[str, str]


class Extract:
    """Nodes, ways and relations to be written in their order; ids count from 1 for each kind."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.ways: list[Way] = []
        self.relations: list[Relation] = []
        self._at: dict[Place, int] = {}

    def node(self, place: Place, **tags: str) -> int:
        """Add a node at hundredths of a degree east and north of the corner; the same place is the same node."""
        if not tags and place in self._at:
            return self._at[place]
        at = (round(WEST + place[0] / 100, 7), round(SOUTH + place[1] / 100, 7))
        self.nodes.append(Node(id=len(self.nodes) + 1, location=at, tags=_told(tags)))
        self._at.setdefault(place, len(self.nodes))
        return len(self.nodes)

    def way(self, places: Sequence[Place], **tags: str) -> int:
        """Add a way through places."""
        return self.way_of([self.node(place) for place in places], **tags)

    def way_of(self, nodes: Sequence[int], **tags: str) -> int:
        """Add a way through nodes by number, which need not be in the file."""
        number = (self.ways[-1].id or 0) + 1 if self.ways else 1
        self.ways.append(Way(id=number, nodes=list(nodes), tags=_told(tags)))
        return number

    def ring(self, west: float, south: float, east: float, north: float, **tags: str) -> int:
        """Add a closed way around a box."""
        return self.way([(west, south), (east, south), (east, north), (west, north), (west, south)], **tags)

    def relation(self, members: Sequence[tuple[int, str]], type: str = "multipolygon", **tags: str) -> int:
        """Add a relation of ways with their roles."""
        told = [("w", way, role) for way, role in members]
        self.relations.append(Relation(id=len(self.relations) + 1, members=told, tags=_told({"type": type} | tags)))
        return len(self.relations)

    def write(self, path: Path) -> Path:
        """Write the file anew."""
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path)) as writer:
            for one in (*self.nodes, *self.ways, *self.relations):
                writer.add(one)
        return path


def _told(tags: Tags) -> Tags:
    """Write `addr__street` as addr:street, as a colon cannot stand in a name of Python's."""
    return {key.replace("__", ":"): value for key, value in tags.items()}


def district() -> Extract:
    """Return a district of two sub-districts, with streets every fifth of a hundredth and a building on each lot.

    10 × 10 lots: the left half is 西街道, the right half 东街道. Buildings have four storeys of about 60 by 60 m.
    """
    made = Extract()
    middle = made.way([(1, 0), (1, 2)])
    west = made.way([(1, 2), (0, 2), (0, 0), (1, 0)])
    east = made.way([(1, 0), (2, 0), (2, 2), (1, 2)])
    level = {"boundary": "administrative", "type": "boundary"}
    made.relation([(west, "outer"), (east, "outer")], admin_level="6", name="试区", **level)
    made.relation([(west, "outer"), (middle, "outer")], admin_level="8", name="West", name__zh="西街道", **level)
    made.relation([(east, "outer"), (middle, "outer")], admin_level="8", name="东街道", **level)
    for number in range(1, 10):
        at = round(number * 0.2, 3)
        kind = "primary" if number == 5 else "residential"
        made.way(
            [(at, -0.1), *((at, round(n * 0.2, 3)) for n in range(1, 10)), (at, 2.1)],
            highway=kind,
            name=f"{number}纵路",
        )
        made.way(
            [(-0.1, at), *((round(n * 0.2, 3), at) for n in range(1, 10)), (2.1, at)],
            highway="residential",
            name=f"{number}横路",
        )
    for column in range(10):
        for row in range(10):
            x, y = round(column * 0.2 + 0.06, 3), round(row * 0.2 + 0.06, 3)
            made.ring(x, y, round(x + 0.06, 3), round(y + 0.06, 3), building="apartments", building__levels="4")
    return made
