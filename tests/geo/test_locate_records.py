"""Places that a record's anchor sees in line with a corner, and the anchor itself: against shapely."""

import numpy as np
import pytest
import shapely

from geo.compiled import Compiled
from geo.kernels.anchors import place_at
from geo.kernels.records import EDGE, HEAD
from geo.locate import Locator
from tests.support.coverages import KINDS, Floats, covering


def lines_of_sight(index: Compiled) -> Floats:
    """Return the anchors of all records, and places before, on and behind the corners that each knows: (k, 2)."""
    words, places = index.index.words, []
    floats = words.view(np.float32)
    for value in np.unique(index.index.pages[index.index.pages < -1]).tolist():
        at = -2 - value
        anchor = np.array(place_at(words[at], words[at + 1]))
        count, candidates = int(words[at + 2]) & 0xFFFFFF, int(words[at + 2]) >> 24 & 63
        edges = floats[at + HEAD + candidates :][: EDGE * count].reshape(count, EDGE)[:, :4].astype(np.float64)
        corners = edges.reshape(-1, 2)
        places += [anchor[None], *(anchor + times * corners for times in (0.5, 1, 1.25, 1.5, 2, 4, -1))]
    return np.ascontiguousarray(np.vstack(places))


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("size", [1e-4, 1e-2])
def test_a_corner_in_the_line_of_sight_belongs_to_one_of_its_edges(kind: str, size: float) -> None:
    rng = np.random.default_rng(71)
    shapes = list(KINDS[kind](rng, np.array([117.0, 36.6]), size))
    shapes += [
        shapely.box(117 - size / 9 * part, 36.6 - size / 7, 117.0, 36.6 + size / 5 * part) for part in (1, 2, 3)
    ]
    locator = Locator([f"{row:02d}" for row in range(len(shapes))], shapes)
    finder = locator._finder
    assert isinstance(finder, Compiled)
    places = lines_of_sight(finder)
    places = places[rng.permutation(len(places))[:4_000]]
    assert locator.locate_many(*places.T).tolist() == covering(locator.codes, shapes, places)
