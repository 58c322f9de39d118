"""Whom the nearest is measured among: movers in towns, an eighth of whom fit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.movers import Movers

LINKED, NEEDS = 0b11, 0b1111
"""On shift and free with everybody who is asked; two skills more in the question: an eighth of all."""
SHARES = (0.5, 0.5, 0.7, 0.7)
TOWN_OF, SPREAD = 20_000, 0.08  # movers of one town, degrees
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """Where everybody is, what each has, and the places asked: degrees."""

    lng: Floats
    lat: Floats
    bits: Longs
    asked: Floats

    @classmethod
    def of(cls, count: int, asked: int, rng: np.random.Generator) -> "World":
        """Scatter movers in towns, and ask near some of them."""
        towns = rng.uniform([85, 22], [128, 48], (max(1, count // TOWN_OF), 2))
        places = towns[rng.integers(len(towns), size=count)] + rng.normal(0, SPREAD, (count, 2))
        bits = sum((rng.random(count) < share).astype(np.int64) << at for at, share in enumerate(SHARES))
        near = places[rng.integers(count, size=asked)] + rng.normal(0, 1e-3, (asked, 2))
        return cls(places[:, 0].copy(), places[:, 1].copy(), np.asarray(bits, np.int64), near)

    def movers(self) -> Movers:
        """Put all of them into the core."""
        movers = Movers(len(self.lng), LINKED)
        movers.move(np.arange(len(self.lng)), self.lng, self.lat, 0)
        movers.mark(np.arange(len(self.lng)), self.bits)
        return movers

    def moved(self, count: int, rng: np.random.Generator) -> tuple[Longs, Floats, Floats]:
        """Move some a little."""
        rows = rng.permutation(len(self.lng))[:count]
        away = rng.normal(0, 1e-4, (2, len(rows)))
        return rows, self.lng[rows] + away[0], self.lat[rows] + away[1]
