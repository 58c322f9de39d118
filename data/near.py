"""Near: open incidents of the same kind round about, for whoever is about to report one more or looks at one."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from geo.point import Point

ALIKE = text("""
    SELECT * FROM incidents_near(:lng, :lat, :category, :words, :radius_m, :since, CAST(:but AS uuid), :like_words, :most)
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: `words` like these; `but` the incident itself is left out.

    Those whose texts are alike (`like_words`, 0 to 1) come first, then the nearest; at most `most`.
    """

    at: Point
    category: str
    words: str = field(repr=False)
    radius_m: float
    since: datetime
    like_words: float
    most: int
    but: UUID | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """An open incident that may be the same. Whoever does not see it (`seen`) learns no more than that it is known.

    `likeness` is 0 to 1, the share of trigrams that two texts have in common. `followers` reported or follow it too.
    """

    id: UUID
    metres: float
    reported_at: datetime
    status: str
    likeness: float
    followers: int
    seen: bool
    description: str | None = field(repr=False)
    address: str | None = field(repr=False)


class Near:
    """What lies near by, as the one who asks may know it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def alike(self, wanted: Wanted) -> list[Alike]:
        """Find open incidents of one category near a place, in the order of `Wanted`."""
        bound = {
            "lng": wanted.at.lng,
            "lat": wanted.at.lat,
            "category": wanted.category,
            "words": wanted.words,
            "radius_m": wanted.radius_m,
            "since": wanted.since,
            "but": wanted.but,
            "like_words": wanted.like_words,
            "most": wanted.most,
        }
        rows = await self._connection.execute(ALIKE, bound)
        return [Alike(**row._asdict()) for row in rows]
