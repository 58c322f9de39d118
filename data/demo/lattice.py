"""The plan behind a demo town: bent columns and bands of main roads, a canal between two bands, a denser centre."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.demo.frame import Floats

type Flags = NDArray[np.bool_]

COLUMN_M, ROW_M = 540.0, 500.0
STRIP_HALF_M = 40.0
WATER_HALF_M = 12.0
HOUSEHOLDS_AT_SCALE_ONE = 24_000
TURN = np.radians(-11.0)


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Main roads in the plan's own coordinates (u, v), metres before bending.

    Attributes
    ----------
    us
        (columns + 1,) where main roads run north and south.
    vs
        (bands + 1,) limits of the bands from south to north; those of the strip bend with the canal.
    strip
        The band that holds the canal.
    kept
        (columns, bands) cells that belong to the town.
    """

    us: Floats
    vs: Floats
    strip: int
    kept: Flags
    phases: Floats

    def canal(self, u: Floats) -> Floats:
        """Give the v of the canal's middle at each u."""
        wide, small = np.sin(u / 330 + self.phases[0]), np.sin(u / 140 + self.phases[1])
        middle: Floats = (self.vs[self.strip] + self.vs[self.strip + 1]) / 2 + 55 * wide + 28 * small
        return middle

    def limit(self, band: int, u: Floats) -> Floats:
        """Give the v of the southern limit of a band at each u."""
        if band == self.strip:
            return self.canal(u) - STRIP_HALF_M
        if band == self.strip + 1:
            return self.canal(u) + STRIP_HALF_M
        return np.full_like(u, self.vs[band])

    def limits(self, u: float) -> Floats:
        """Give the v of all limits of the bands (bands + 1,) at one u."""
        return np.concatenate([self.limit(band, np.array([u])) for band in range(len(self.vs))])

    def bend(self, u: Floats, v: Floats) -> Floats:
        """Turn plan coordinates into metres (n, 2): gently bent, then turned."""
        p = self.phases
        x = u + 80 * np.sin(v / 620 + p[2]) + 38 * np.sin((u + v) / 410 + p[3]) + 0.06 * v
        y = v + 85 * np.sin(u / 690 + p[4]) + 34 * np.sin((u - 0.6 * v) / 380 + p[5])
        return np.column_stack([x * np.cos(TURN) - y * np.sin(TURN), x * np.sin(TURN) + y * np.cos(TURN)])

    def density(self, xy: Floats) -> Floats:
        """Say how built-up each place (n, 2) is: 1 in the centre, towards 0 at the edge."""
        half_u, half_v = self.us[-1], self.vs[-1]
        centres = self.bend(np.array([0.03, -0.42]) * half_u, np.array([0.16, -0.5]) * half_v)
        first = np.hypot(*(xy - centres[0]).T) / (0.62 * np.hypot(half_u, half_v))
        second = np.hypot(*(xy - centres[1]).T) / (0.28 * np.hypot(half_u, half_v))
        built: Floats = np.minimum(1.0, np.exp(-1.6 * first**2) + 0.4 * np.exp(-2 * second**2))
        return built


def make_lattice(households: int, rng: np.random.Generator) -> Lattice:
    """Lay out the main roads of a town for so many households."""
    scale = np.sqrt(households / HOUSEHOLDS_AT_SCALE_ONE)
    columns, rows = max(2, round(7 * scale)), max(2, round(6 * scale))
    us = _positions(columns, COLUMN_M, rng)
    strip = max(1, round(rows * 0.4))
    vs = _positions(rows, ROW_M, rng)
    vs = np.concatenate([vs[:strip], [vs[strip] - STRIP_HALF_M, vs[strip] + STRIP_HALF_M], vs[strip + 1 :]])
    return Lattice(us, vs, strip, _outline(columns, rows + 1, strip, rng), rng.uniform(0, 2 * np.pi, 6))


def _positions(count: int, width_m: float, rng: np.random.Generator) -> Floats:
    middle = np.abs(np.linspace(-1, 1, count))
    widths = width_m * (0.88 + 0.3 * middle) * rng.uniform(0.88, 1.12, count)
    places: Floats = np.concatenate([[0.0], np.cumsum(widths)])
    places -= places[-1] / 2
    return places


def _outline(columns: int, bands: int, strip: int, rng: np.random.Generator) -> Flags:
    """Keep a rounded set of cells, whole along the canal, without holes: fewer columns towards both ends."""
    height = np.abs(np.linspace(-1, 1, bands))
    kept = np.ones((columns, bands), dtype=np.bool_)
    if columns < 5:
        return kept
    for side in (1, -1):
        trims = np.round(columns * 0.17 * height**2.5 + rng.uniform(-0.35, 0.5, bands)).astype(int)
        trims[strip - 1 : strip + 2] = 0
        trims[strip:] = np.maximum.accumulate(trims[strip:])
        trims[: strip + 1] = np.maximum.accumulate(trims[: strip + 1][::-1])[::-1]
        for band, trim in enumerate(np.clip(trims, 0, columns // 2 - 1)):
            kept[::side][:trim, band] = False
    return kept
