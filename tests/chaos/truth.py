"""What must hold when all is calm, reckoned from the rows alone and by nothing of what is tried."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.support.place import Place

LATE_S, PAST_S = 2.0, 1.0
"""By how much a timer, and an offer, may lie behind the clock of the same look."""
ACTIVE = ("offered", "accepted", "on_scene")
TOLD_ONCE = ("declined", "expired", "done", "failed")
ROWS = {
    "incident": "SELECT id, status FROM incident",
    "need": "SELECT incident_id, slot, state FROM need",
    "task": """SELECT id, incident_id, slot, worker_id, status, exclusive, accepted_at,
                      extract(epoch FROM clock_timestamp() - offer_expires_at)::float8 AS past FROM task""",
    "timer": """SELECT kind, task_id, incident_id, extract(epoch FROM clock_timestamp() - due_at)::float8 AS late
                FROM timer""",
    "worker": "SELECT id, capacity, active_tasks, holds_exclusive FROM worker",
    "line": "SELECT incident_id, task_id, kind, count(*) AS lines, max(id) AS last FROM incident_event GROUP BY 1, 2, 3",
}


class Truth:
    """All rows as one snapshot saw them."""

    def __init__(self, rows: dict[str, list[Any]]) -> None:
        self.rows = rows
        self.tasks: dict[UUID, list[Any]] = defaultdict(list)
        self.needs: dict[UUID, list[Any]] = defaultdict(list)
        for task in rows["task"]:
            self.tasks[task.incident_id].append(task)
        for need in rows["need"]:
            self.needs[need.incident_id].append(need)

    @classmethod
    async def of(cls, place: Place) -> "Truth":
        """Read everything in one transaction that sees one moment."""
        async with place.engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            return cls({name: list(await connection.execute(text(asked))) for name, asked in ROWS.items()})

    def faults(self) -> dict[str, list[str]]:
        """Return what is wrong, by what it is."""
        found = {
            "doubled workers": self._doubled(),
            "loads that are not the tasks'": self._loads(),
            "forgotten timers": self._forgotten(),
            "places filled twice or by nobody": self._places(),
            "incidents that stand otherwise than their needs and tasks": self._standing(),
            "steps told twice or never": self._history(),
        }
        return {name: list(lines) for name, lines in found.items()}

    def revisions(self) -> dict[str, int]:
        """Return the last line of each incident's history."""
        last: dict[str, int] = {}
        for line in self.rows["line"]:
            id_ = str(line.incident_id)
            last[id_] = max(last.get(id_, 0), line.last)
        return last

    def _active_of(self) -> dict[UUID, list[Any]]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for task in self.rows["task"]:
            if task.status in ACTIVE:
                found[task.worker_id].append(task)
        return found

    def _doubled(self) -> Iterable[str]:
        active = self._active_of()
        for worker in self.rows["worker"]:
            held = active[worker.id]
            most = 1 if any(task.exclusive for task in held) else worker.capacity
            if len(held) > most:
                yield f"worker {worker.id} has {len(held)} tasks and can carry {most}"

    def _loads(self) -> Iterable[str]:
        active = self._active_of()
        for worker in self.rows["worker"]:
            held = active[worker.id]
            wanted = (len(held), any(task.exclusive for task in held))
            if (worker.active_tasks, worker.holds_exclusive) != wanted:
                yield f"worker {worker.id}: {worker.active_tasks}, {worker.holds_exclusive} where tasks say {wanted}"

    def _forgotten(self) -> Iterable[str]:
        offers = {timer.task_id for timer in self.rows["timer"]}
        yield from (f"a timer {one.kind} is {one.late:.1f} s late" for one in self.rows["timer"] if one.late > LATE_S)
        for task in self.rows["task"]:
            if task.status == "offered" and task.id not in offers:
                yield f"offer {task.id} has no timer"
            if task.status == "offered" and task.past > PAST_S:
                yield f"offer {task.id} ran out {task.past:.1f} s ago and stands"

    def _places(self) -> Iterable[str]:
        for incident in self.rows["incident"]:
            held = Counter(task.slot for task in self.tasks[incident.id] if task.status in ACTIVE)
            if not self.needs[incident.id]:
                yield f"incident {incident.id} has no place to fill"
            for need in self.needs[incident.id]:
                if held[need.slot] != (need.state == "taken"):
                    yield f"incident {incident.id}, {need.slot} is {need.state} with {held[need.slot]} tasks"

    def _standing(self) -> Iterable[str]:
        for incident in self.rows["incident"]:
            wanted = _stands(
                {need.state for need in self.needs[incident.id]}, {task.status for task in self.tasks[incident.id]}
            )
            if incident.status != wanted:
                yield f"incident {incident.id} is {incident.status} and should be {wanted}"

    def _history(self) -> Iterable[str]:
        lines = {(line.task_id, line.kind): line.lines for line in self.rows["line"]}
        for task in self.rows["task"]:
            for kind in TOLD_ONCE:
                told = lines.get((task.id, kind), 0)
                if told != (task.status == kind):
                    yield f"task {task.id} is {task.status} and was told {kind} {told} times"
            told = lines.get((task.id, "accepted"), 0)
            if told != (task.accepted_at is not None):
                yield f"task {task.id} was told accepted {told} times"


def _stands(states: set[str], tasks: set[str]) -> str:
    """Say where an incident stands: the glossary's words, not the program's function."""
    if "on_scene" in tasks:
        return "handling"
    if tasks & {"offered", "accepted"}:
        return "dispatched"
    return "handled" if "done" in states and not states & {"open", "held"} else "filed"
