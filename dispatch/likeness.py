"""Likeness: what may be one and the same matter, reported twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from data.categories import Urgency
from data.near import Wanted
from geo.point import Point

NEAR_M = 250.0  # docs/sources.md#duplicates
WITHIN: Mapping[Urgency, timedelta] = {  # docs/sources.md#duplicates
    Urgency.EMERGENCY: timedelta(hours=24),
    Urgency.URGENT: timedelta(hours=72),
    Urgency.ORDINARY: timedelta(hours=312),
}
"""How long ago the other may have been reported: as long as the hotline gives itself to answer such a matter."""
LIKE_WORDS = 0.3  # docs/sources.md#duplicates
OFFERED = 5
"""So many are shown: more would not be read."""
ROUNDED_M = 10
"""To so many metres the way to a matter is told to whoever does not see it."""


def like(at: Point, category: str, words: str, urgency: Urgency, now: datetime, but: UUID | None = None) -> Wanted:
    """Say what counts as perhaps the same as a matter of this category, here and now.

    Same category, open, within 250 m, not too long ago. First those in like words, then the nearest: a few letters are
    often too little to compare, so unlike words alone rule nothing out. Whether it is the same, a person decides.
    """
    return Wanted(at, category, words, NEAR_M, now - WITHIN[urgency], LIKE_WORDS, OFFERED, but)


def told(metres: float, seen: bool) -> float:
    """Return the metres as they are told: to one, or for whoever does not see the matter to ten and never nought."""
    return round(metres) if seen else max(ROUNDED_M, ROUNDED_M * round(metres / ROUNDED_M))
