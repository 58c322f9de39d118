"""People: which grids have no leader, no worker, or nobody on duty."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from geo.quality.faults import Fault, Kind
from geo.quality.homes import Grids

LEADER = "grid_leader"


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever may be sent: where in the tree at home, as what, and whether on duty now."""

    path: str
    role: str
    on_duty: bool


def badly_staffed(grids: Grids, paths: Sequence[str], people: Iterable[Person]) -> Iterator[Fault]:
    """Find grids without a leader and grids without any other worker at home in them or below.

    Grids that have somebody, but nobody on duty, are told with how many they have. `paths` are the grids' places in
    the tree.
    """
    leaders: Counter[str] = Counter()
    workers: Counter[str] = Counter()
    on_duty: Counter[str] = Counter()
    for person in people:
        steps = person.path.split(".")
        for path in (".".join(steps[: n + 1]) for n in range(len(steps))):
            (leaders if person.role == LEADER else workers)[path] += 1
            on_duty[path] += person.on_duty
    for code, path in zip(grids.codes, paths, strict=True):
        has = leaders[path] + workers[path]
        if not leaders[path]:
            yield Fault(Kind.GRID_WITHOUT_LEADER, grids.layer, grids.level, code)
        if not workers[path]:
            yield Fault(Kind.GRID_WITHOUT_WORKER, grids.layer, grids.level, code)
        if has and not on_duty[path]:
            yield Fault(Kind.GRID_NOBODY_ON_DUTY, grids.layer, grids.level, code, amount=float(has), unit="people")
