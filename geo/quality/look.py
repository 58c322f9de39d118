"""One look at a whole town: everything that lies on the ground handed in, all faults handed out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.locate import Locator
from geo.quality.codes import Coded, bad_codes, doubled_codes
from geo.quality.faults import Findings
from geo.quality.homes import Grids, Homes, misplaced, off_building, wrong_sizes
from geo.quality.sheet import Shapes, Sheet, faults_of
from geo.quality.staff import Person, badly_staffed
from geo.quality.things import addresses_doubled, buildings_overlapping, streets_apart


@dataclass(frozen=True, slots=True, eq=False)
class LayerGround:
    """The grids in force of one layer as columns (n,); `within` are the least and most households of a basic grid."""

    grids: Grids
    shapes: Shapes
    paths: Sequence[str]
    basic: Sequence[bool]
    within: tuple[int | None, int | None]
    lived_in: bool
    """Whether households are kept in this layer's grids, and people are at home in them."""


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """What stands on the ground, as columns: buildings, streets, addresses; shapes and places in WGS 84 degrees."""

    building_codes: Sequence[str]
    buildings: Shapes
    street_names: Sequence[str | None]
    streets: Shapes
    addresses: Sequence[str]
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A town's ground as it is kept, but for its households, which come in parts."""

    sheets: Sequence[Sheet]
    coded: Sequence[Coded]
    layers: Sequence[LayerGround]
    people: Sequence[Person]
    things: Things


class Look:
    """A look at a town: made with its ground, handed its households in parts, asked for what was found."""

    def __init__(self, ground: Ground) -> None:
        """Begin; households are located without compiled loops: for a million of them these take longer to load."""
        self._ground = ground
        self._found = Findings()
        counted = [layer for layer in ground.layers if layer.lived_in or layer.within != (None, None)]
        self._locators = [(layer, Locator(layer.grids.codes, layer.shapes, kernels=False)) for layer in counted]
        self._households = [np.zeros(len(layer.shapes), np.int64) for layer in counted]

    def at_homes(self, homes: Homes) -> None:
        """Look at some of the households."""
        for (layer, locator), counts in zip(self._locators, self._households, strict=True):
            covering = locator.locate_many(homes.lng, homes.lat)
            counts += np.bincount(covering[covering >= 0], minlength=len(counts))
            if layer.lived_in:
                misplaced(homes, covering, layer.grids, self._found)
        off_building(homes, self._ground.things.buildings, self._ground.things.building_codes, self._found)

    def done(self) -> Findings:
        """Look at all the rest and return what was found."""
        ground, found = self._ground, self._found
        for sheet in ground.sheets:
            found.add(faults_of(sheet))
            found.add(doubled_codes(sheet.layer, sheet.level, sheet.codes))
        found.add(bad_codes(ground.coded))
        for (layer, _), counts in zip(self._locators, self._households, strict=True):
            found.add(wrong_sizes(layer.grids, counts, layer.within, layer.basic))
            if layer.lived_in:
                found.add(badly_staffed(layer.grids, layer.paths, ground.people))
        things = ground.things
        found.add(streets_apart(things.street_names, things.streets))
        found.add(buildings_overlapping(things.building_codes, things.buildings))
        found.add(addresses_doubled(things.addresses, things.lng, things.lat))
        return found
