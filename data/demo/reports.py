"""What is reported in a demo town: a category by its frequency, at a place it fits, in somebody's words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.demo.categories import Story, channel, stories, tell, weights
from data.demo.homes import HouseholdRow
from data.demo.rows import Spot, Town

LIKELY = {"home": 4, "street": 5, "shop": 3}  # other kinds of place 1

type Somewhere = HouseholdRow | Spot


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it comes in; `pause` is the time since the one before, in units of the mean pause."""

    category: str
    lng: float
    lat: float
    description: str
    address: str
    reporter: str
    pause: float


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of a town by kind: home, street, shop, public, work, park, water."""

    by_kind: dict[str, Sequence[Somewhere]]


def places_of(town: Town) -> Places:
    """Collect the places of a town."""
    return gathered(town.households, town.spots)


def gathered(households: Sequence[HouseholdRow], spots: Sequence[Spot]) -> Places:
    """Sort homes and spots by kind."""
    kinds: dict[str, list[Somewhere]] = {}
    for spot in spots:
        kinds.setdefault(spot.kind, []).append(spot)
    return Places({"home": households, **kinds})


def draw_story(rng: np.random.Generator) -> Story:
    """Draw what is reported, by frequency."""
    return stories()[int(rng.choice(len(stories()), p=weights()))]


def report(places: Places, story: Story, rng: np.random.Generator) -> Report:
    """Draw where it is and in which words it is told."""
    kinds = [kind for kind in story.says if places.by_kind.get(kind)]
    likely = np.cumsum([LIKELY.get(kind, 1) for kind in kinds])
    kind = kinds[int(np.searchsorted(likely, rng.random() * likely[-1], side="right"))]
    place = places.by_kind[kind][int(rng.integers(len(places.by_kind[kind])))]
    words, how = tell(story, kind, rng), channel(story, rng)
    return Report(story.category.code, place.lng, place.lat, words, place.address, how, float(rng.exponential()))
