"""Canonical H3 cells of many points by our lattice beside every wheel, and what the lattice's key alone costs."""

from collections.abc import Awaitable, Callable

import h3.api.basic_int as h3
import numpy as np
import polars
import polars_h3  # type: ignore[import-untyped]
import pyarrow as pa
from h3ronpy.vector import coordinates_to_cells  # type: ignore[import-untyped]
from numpy.typing import NDArray

from benchmarks.ground import Floats, Ground
from benchmarks.locate_pairs import timed
from benchmarks.rows import Limit, Row, interleave, rate
from geo import lattice

RESOLUTIONS = (9, 11, 13)
MUST, AIM = Limit("≥", 6, of_peer=True), Limit("≥", 12, of_peer=True)
HOW = (
    "All points of the set, latitude and longitude to the canonical 64-bit id, equal bit by bit; ours in one thread, "
    "the wheels in as many as they take. Of the wheels the fastest at this resolution is the one that counts."
)
Ids = NDArray[np.int64]
Found = tuple[float, Ids]


async def measure(case: str, ground: Ground, repetitions: int) -> list[Row]:
    """Measure every resolution."""
    lattice.cells_of(ground.lng[:1], ground.lat[:1], RESOLUTIONS[0])  # loads its kernels
    rows = []
    for resolution in RESOLUTIONS:
        found = await interleave(_sides(ground, resolution), repetitions)
        peers = [name for name in found if name != "ours"]
        fastest = min(peers, key=lambda name: float(np.median([took for took, _ in found[name]])))
        rows += [_row(f"{case}, H3 ids, res {resolution}", found, name, name == fastest) for name in peers]
    return rows


def _row(case: str, found: dict[str, list[Found]], name: str, counts: bool) -> Row:
    pairs = zip(found["ours"], found[name], strict=True)
    differing = sum(int(np.count_nonzero(mine != theirs)) for (_, mine), (_, theirs) in pairs)
    count = len(found["ours"][0][1])
    ours, peer = (rate(side, count, [took for took, _ in found[side]], 1e6) for side in ("ours", name))
    must, aim = (MUST, AIM) if counts else (None, None)
    return Row(case, "ids", "M/s", ours, peer, must, aim, differing, HOW)


def by_h3ronpy(lng: Floats, lat: Floats, resolution: int) -> Ids:
    """Name cells by h3ronpy: int64 (k,)."""
    cells = pa.array(coordinates_to_cells(lat, lng, resolution))
    return np.asarray(cells.to_numpy(), dtype=np.uint64).view(np.int64)


def _sides(ground: Ground, resolution: int) -> dict[str, Callable[[], Awaitable[Found]]]:
    lng, lat = ground.lng, ground.lat
    frame = polars.DataFrame({"lat": lat, "lng": lng})
    by_polars = polars_h3.latlng_to_cell("lat", "lng", resolution, polars.Int64)
    name = h3.latlng_to_cell

    def by_loop() -> Ids:
        places = zip(lat.tolist(), lng.tolist(), strict=True)
        return np.fromiter((name(y, x, resolution) for y, x in places), np.int64, len(lng))

    return {
        "ours": timed(lambda: lattice.cells_of(lng, lat, resolution)),
        "h3ronpy": timed(lambda: by_h3ronpy(lng, lat, resolution)),
        "polars-h3": timed(lambda: frame.select(cell=by_polars)["cell"].to_numpy()),
        "h3-py, a loop": timed(by_loop),
    }
