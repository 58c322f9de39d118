"""Models: what people would have said and done where the record cannot tell, out of what they did in the period."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from statistics import median
from uuid import UUID

from data.record import Record
from data.tasks import Task
from data.workers import Worker
from dispatch.replay.world import Answer, Story

ENOUGH = 3
"""With fewer times of one's own the role's are taken, with fewer of the role's everybody's."""
FAR_ENOUGH_M, LONG_ENOUGH_S = 20.0, 10.0
"""Nearer or sooner than that says nothing about how fast somebody travels."""
EVERYBODY = "everybody"


class NothingToLearnError(Exception):
    """Nobody accepted, travelled and finished anything in the period: there is nothing to model people by."""

    code = "replay.nothing_to_learn"


@dataclass(frozen=True, slots=True)
class Models:
    """Seconds by worker id, role or category, under `EVERYBODY` of all: `accepting` all times, the others medians.

    `n_…`: of how many each is made.
    """

    accepting: Mapping[Hashable, tuple[float, ...]]
    handling: Mapping[Hashable, float]
    closing: Mapping[Hashable, float]
    sorting: float
    metres_per_second: float | None
    travelling: float
    n_accepted: int
    n_travelled: int
    n_handled: int
    n_closed: int

    def opens(self, story: Story, *, sorted_by_hand: bool) -> datetime:
        """Return when the places of an incident are opened: at its report, or after it was sorted by hand."""
        reported = story.incident.reported_at
        if not sorted_by_hand:
            return reported
        known = story.opened_at is not None and story.opened_at > reported
        return story.opened_at if known and story.opened_at else reported + timedelta(seconds=self.sorting)

    def answer(self, story: Story, worker: Worker, asked: int) -> tuple[Answer, bool]:
        """Return what a worker says when `asked` for the so-manieth time, and whether the record tells.

        Else it is accepted after one of the times of the worker's own, if there are enough, or of the role's: which one,
        the ids of incident and worker decide, so that it is the same in every replay.
        """
        said = story.answers.get(worker.id)
        if said is not None and asked == 1:
            return said, True
        keys: tuple[Hashable, ...] = (worker.id, worker.role, EVERYBODY)
        times = next(self.accepting[key] for key in keys if key in self.accepting)
        lot = sha256(story.incident.id.bytes + worker.id.bytes + asked.to_bytes(4)).digest()
        return Answer(timedelta(seconds=times[int.from_bytes(lot[:8]) % len(times)]), accepts=True), False

    def travel(self, story: Story, worker_id: UUID, metres: float | None) -> timedelta:
        """Return the time from accepting to the scene: the record's own, else metres by the median speed, if it is known."""
        known = story.travels.get(worker_id)
        if known is not None:
            return known
        speed = self.metres_per_second
        return timedelta(seconds=self.travelling if metres is None or speed is None else metres / speed)

    def work(self, story: Story, slot: str) -> timedelta:
        """Return the time on scene: what this place of this incident took, else the median of its category."""
        known = story.work.get(slot)
        return known if known is not None else _first(self.handling, (story.incident.category, EVERYBODY))

    def close(self, story: Story) -> timedelta:
        """Return the time from handled to closed: the incident's own, else the median of its category."""
        known = story.closing
        return known if known is not None else _first(self.closing, (story.incident.category, EVERYBODY))


def models_of(record: Record, stories: Iterable[Story]) -> Models:
    """Learn from a period.

    Raises
    ------
    NothingToLearnError
        If nobody accepted anything in it.
    """
    told = list(stories)
    roles = {worker.id: worker.role for worker in record.workers}
    tasks = [task for filed in record.filed for task in filed.tasks]
    accepting, handling, closing = (defaultdict[Hashable, list[float]](list) for _ in range(3))
    for task in tasks:
        if task.accepted_at is not None:
            for key in (task.worker_id, roles.get(task.worker_id), EVERYBODY):
                accepting[key].append((task.accepted_at - task.offered_at).total_seconds())
    for story in told:
        for spent in story.work.values():
            _add(handling, story, spent)
        if story.closing is not None:
            _add(closing, story, story.closing)
    if not accepting:
        raise NothingToLearnError
    travels = [pair for task in tasks if (pair := _travelled(task)) is not None]
    speeds = [metres / seconds for metres, seconds in travels]
    sorting = [
        (story.opened_at - story.incident.reported_at).total_seconds()
        for story in told
        if story.opened_at is not None and story.opened_at > story.incident.reported_at
    ]
    return Models(
        accepting={key: tuple(sorted(some)) for key, some in accepting.items() if _enough(key, some)},
        handling=_medians(handling),
        closing=_medians(closing),
        sorting=median(sorting) if sorting else 0.0,
        metres_per_second=median(speeds) if speeds else None,
        travelling=median(seconds for _, seconds in travels) if travels else 0.0,
        n_accepted=len(accepting[EVERYBODY]),
        n_travelled=len(travels),
        n_handled=len(handling[EVERYBODY]),
        n_closed=len(closing[EVERYBODY]),
    )


def _travelled(task: Task) -> tuple[float, float] | None:
    """Return metres and seconds of a way that says something about speed."""
    if task.metres is None or task.accepted_at is None or task.on_scene_at is None:
        return None
    seconds = (task.on_scene_at - task.accepted_at).total_seconds()
    return (task.metres, seconds) if task.metres >= FAR_ENOUGH_M and seconds >= LONG_ENOUGH_S else None


def _add(times: dict[Hashable, list[float]], story: Story, spent: timedelta) -> None:
    for key in (story.incident.category, EVERYBODY):
        times[key].append(spent.total_seconds())


def _medians(times: Mapping[Hashable, list[float]]) -> dict[Hashable, float]:
    return {key: median(some) for key, some in times.items() if _enough(key, some)}


def _enough(key: Hashable, some: Sequence[float]) -> bool:
    return len(some) >= ENOUGH or key == EVERYBODY


def _first(medians: Mapping[Hashable, float], keys: Iterable[Hashable]) -> timedelta:
    return timedelta(seconds=next((medians[key] for key in keys if key in medians), 0.0))
