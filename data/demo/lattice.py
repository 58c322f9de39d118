"""The plan behind a demo town: bent columns and bands of main roads, a canal between two bands, a denser centre."""

from dataclasses import dataclass

import numpy as np

from data.demo.frame import Flags, Floats
from data.demo.place import Land

HOUSEHOLDS_AT_SCALE_ONE = 24_000


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
    land
        What the place says about its ground.
    """

    us: Floats
    vs: Floats
    strip: int
    kept: Flags
    phases: Floats
    land: Land

    def canal(self, u: Floats) -> Floats:
        """Give the v of the canal's middle at each u."""
        wide, small = np.sin(u / 330 + self.phases[0]), np.sin(u / 140 + self.phases[1])
        middle: Floats = (self.vs[self.strip] + self.vs[self.strip + 1]) / 2 + 55 * wide + 28 * small
        return middle

    def limit(self, band: int, u: Floats) -> Floats:
        """Give the v of the southern limit of a band at each u."""
        if band == self.strip:
            return self.canal(u) - self.land.strip_half_m
        if band == self.strip + 1:
            return self.canal(u) + self.land.strip_half_m
        return np.full_like(u, self.vs[band])

    def limits(self, u: float) -> Floats:
        """Give the v of all limits of the bands (bands + 1,) at one u."""
        return np.concatenate([self.limit(band, np.array([u])) for band in range(len(self.vs))])

    def bend(self, u: Floats, v: Floats) -> Floats:
        """Turn plan coordinates into metres (n, 2): gently bent, then turned."""
        p = self.phases
        x = u + 80 * np.sin(v / 620 + p[2]) + 38 * np.sin((u + v) / 410 + p[3]) + 0.06 * v
        y = v + 85 * np.sin(u / 690 + p[4]) + 34 * np.sin((u - 0.6 * v) / 380 + p[5])
        turn = np.radians(self.land.turn_degrees)
        return np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])

    def density(self, xy: Floats) -> Floats:
        """Say how built-up each place (n, 2) is: 1 in the centre, towards 0 at the edge."""
        half_u, half_v = self.us[-1], self.vs[-1]
        across, up = np.array([self.land.centre, self.land.second_centre]).T
        centres = self.bend(across * half_u, up * half_v)
        first = np.hypot(*(xy - centres[0]).T) / (0.62 * np.hypot(half_u, half_v))
        second = np.hypot(*(xy - centres[1]).T) / (0.28 * np.hypot(half_u, half_v))
        built: Floats = np.minimum(1.0, np.exp(-1.6 * first**2) + 0.4 * np.exp(-2 * second**2))
        return built


def make_lattice(households: int, land: Land, rng: np.random.Generator) -> Lattice:
    """Lay out the main roads of a town for so many households."""
    scale = np.sqrt(households / HOUSEHOLDS_AT_SCALE_ONE)
    columns, rows = (max(2, round(count * scale)) for count in land.columns_to_rows)
    us = _positions(columns, land.column_m, rng)
    strip = max(1, round(rows * 0.4))
    vs = _positions(rows, land.row_m, rng)
    half = land.strip_half_m
    vs = np.concatenate([vs[:strip], [vs[strip] - half, vs[strip] + half], vs[strip + 1 :]])
    return Lattice(us, vs, strip, _outline(columns, rows + 1, strip, rng), rng.uniform(0, 2 * np.pi, 6), land)


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
