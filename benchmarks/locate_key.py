"""What the address of a point's cell in H3's lattice costs alone: the floor under locating by it."""

import numba
import numpy as np
from numpy.typing import NDArray

from benchmarks.ground import Floats, Ground
from benchmarks.locate_cells import by_h3ronpy
from benchmarks.locate_pairs import OURS, LocatesMany, timed
from benchmarks.rows import Limit, Row, Side, interleave
from geo.kernels.sphere import SCALES, to_face, to_hex, unit_vector

RESOLUTION = 11  # every other costs the same
MUST, AIM = Limit("≤", 4, of_peer=True), Limit("≤", 2, of_peer=True)
KEY = "lattice key alone"
HOW = (
    "Degrees to face, i and j of the lattice, packed into one word, by the parts of the core's own kernels, one thread. "
    "Counted as different: keys that stand for more than one H3 cell."
)


@numba.njit(nogil=True, error_model="numpy", fastmath={"contract"})
def _keys(lng, lat, matrix, found):  # type: ignore[no-untyped-def]
    """Fill `found` with the keys of positions."""
    for k in range(len(lng)):
        x, y, z = unit_vector(lng[k], lat[k])
        face, a, b = to_face(x, y, z)
        i, j, _ = to_hex(matrix[0] * a + matrix[1] * b, matrix[2] * a + matrix[3] * b)
        found[k] = (face << 56) + ((i + (1 << 27)) << 28) + j + (1 << 27)


def keys_of(lng: Floats, lat: Floats) -> NDArray[np.int64]:
    """Name each position's place in the lattice: int64 (k,)."""
    found = np.empty(len(lng), dtype=np.int64)
    _keys(lng, lat, SCALES[RESOLUTION], found)
    return found


async def measure(size: str, ground: Ground, locator: LocatesMany, repetitions: int) -> list[Row]:
    """Measure locating beside the key alone, in turns."""
    count = len(ground.lng)
    keys_of(ground.lng[:1], ground.lat[:1])  # compiles it
    found = await interleave(
        {
            OURS: timed(lambda: locator.locate_many(ground.lng, ground.lat)),
            KEY: timed(lambda: keys_of(ground.lng, ground.lat)),
        },
        repetitions,
    )
    sides = []
    for name, runs in found.items():
        took = [seconds for seconds, _ in runs]
        sides.append(Side(name, [seconds / count * 1e9 for seconds in took], took))
    must, aim = (MUST, AIM) if size == "city" else (None, None)
    ours, key = sides
    return [Row(f"{size}, {count} points", "cost of a point", "ns", ours, key, must, aim, _ambiguous(ground), HOW)]


def _ambiguous(ground: Ground) -> int:
    cells = by_h3ronpy(ground.lng, ground.lat, RESOLUTION)
    keys = keys_of(ground.lng, ground.lat)
    return len(np.unique(np.column_stack([keys, cells]), axis=0)) - len(np.unique(keys))
