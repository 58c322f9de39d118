"""The streets of a demo town: a name for every road and house numbers along it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import Point

from data.demo.frame import Floats
from data.demo.ground import Ground
from data.demo.names import Words, ordinal, stems
from data.demo.place import Place
from data.demo.roads import nearest_line
from data.demo.rows import StreetRow

METRES_PER_NUMBER = 12.0
ENDINGS = {"main": "路", "secondary": "街"}


def make_streets(ground: Ground, place: Place, rng: np.random.Generator) -> tuple[StreetRow, ...]:
    """Name all roads, each differently; row i is road i of the ground."""
    names, frame = _names(ground, place.words, rng), place.frame
    return tuple(
        StreetRow(name, road.road_class, frame.in_degrees(road.line))
        for name, road in zip(names, ground.roads, strict=True)
    )


def _names(ground: Ground, words: Words, rng: np.random.Generator) -> list[str]:
    """Name main roads from the stock, longest first, lanes after the wider road they lie at."""
    roads, lines = ground.roads, [road.line for road in ground.roads]
    wide = [row for row, road in enumerate(roads) if road.course != "lane"]
    banks = sorted((row for row in wide if roads[row].course == "canal"), key=lambda row: lines[row].centroid.y)
    fresh = stems(words["streets"], rng)
    names, stem_of = [""] * len(lines), dict(zip(banks, ("滨河南路", "滨河北路"), strict=False))
    for row in sorted(wide, key=lambda row: (roads[row].road_class != "main", -round(lines[row].length, 1))):
        ending = "大道" if roads[row].course == "avenue" else ENDINGS[roads[row].road_class]
        names[row] = stem_of.get(row) or (stem_of.setdefault(row, next(fresh)) + ending)
    beside = nearest_line([lines[row] for row in wide], shapely.get_point(lines, 0)).tolist()
    count = Counter[str]()
    for row in range(len(lines)):
        if not names[row]:
            stem = stem_of[wide[beside[row]]].rstrip("路")
            count[stem] += 1
            names[row] = f"{stem}{ordinal(count[stem])}巷"
    return names


@dataclass(slots=True)
class Numbers:
    """House numbers given out so far, by road: odd on the left, even on the right, rising along the road."""

    ground: Ground
    taken: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def next_at(self, road: int, place: Floats) -> int:
        """Give the number for a place (2,) at a road, the next free one on its side."""
        line = self.ground.roads[road].line
        at = min(line.project(Point(place)), line.length - 1.0)
        here, ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, [at, at + 1.0]))
        way, aside = ahead - here, place - here
        left = way[0] * aside[1] - way[1] * aside[0] > 0
        number = 2 * int(at // METRES_PER_NUMBER) + (1 if left else 2)
        while number in self.taken[road]:
            number += 2
        self.taken[road].add(number)
        return number
