"""Paper: a book without a database, for those of the desk's functions that decide. Nothing is written, nobody is counted.

A replay asks the desk itself whom a place would be offered to. Whoever is claimed on paper is free as far as the city
knows; that the task counts from then on is for whoever takes the answer over.
"""

from collections.abc import Collection, Coroutine, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from data.book import Book
from data.tasks import Task, Tasks
from data.workers import Workers
from dispatch.city import City


class PaperBook(Book):
    """A book that knows a city and no other; of the nouns there are workers and tasks only."""

    def __init__(self, city: City) -> None:
        self.workers = PaperWorkers(city)
        self.tasks = PaperTasks()


class PaperWorkers(Workers):
    """Who is free, by the city's word."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def claim(self, ranked: Sequence[UUID], *, exclusive: bool) -> UUID | None:
        """Name the first who is free."""
        crew = self._city.crew
        rows = ((id_, crew.row_of[id_]) for id_ in ranked if id_ in crew.row_of)
        return next((id_ for id_, row in rows if crew.free(exclusive=exclusive, rows=row)), None)

    async def release(self, ids: Collection[UUID], rest: timedelta = timedelta(0)) -> None:
        """Leave it to the caller: on paper nobody is counted."""


class PaperTasks(Tasks):
    """Tasks that are nowhere but in their case."""

    def __init__(self) -> None:
        """Need no connection."""

    async def save(self, changed: Task) -> None:
        """Leave it in the case."""


def at_once[Answer](asked: Coroutine[Any, Any, Answer]) -> Answer:
    """Have what waits for nothing but a book on paper answered without an event loop."""
    try:
        asked.send(None)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    asked.close()
    raise RuntimeError("on paper nothing waits")
