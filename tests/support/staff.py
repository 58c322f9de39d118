"""A place with its served application and its people, each with a token of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.support.client import Client, bearing, until
from tests.support.place import Place, middle


@dataclass
class Staff:
    """A town of 3 × 2 squares, two kinds of matter, and whoever is hired."""

    place: Place
    client: Client
    ids: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def build(self) -> None:
        """Build the ground and the rules; `noise` goes to the nearest, `lamp` to the grid's own people first."""
        await self.place.add_block(3, 2)
        await self.place.add_category("noise")
        await self.place.add_category("lamp", ranking="own_grid_first", urgency="ordinary")
        await self.place.add_category("fire", skill="fire", exclusive=True, urgency="emergency")

    async def hire(self, code: str, at: tuple[float, float] | None = middle(0, 0), **given: Any) -> UUID:
        """Add a worker with a token."""
        self.ids[code] = await self.place.add_worker(code, at, **given)
        self.tokens[code] = await self.place.token("worker", self.ids[code])
        return self.ids[code]

    async def open(self) -> None:
        """Let the city load what was built."""
        await self.client.opened(self.place)

    async def say(self, code: str, task: str, move: str, **body: Any) -> Any:
        """Let a worker answer to a task."""
        key = {"Idempotency-Key": body.pop("key")} if "key" in body else {}
        headers = bearing(self.tokens[code]) | key
        return await self.client.post(f"/api/tasks/{task}/{move}", json=body, headers=headers)

    async def tasks(self, code: str) -> Any:
        """Return what a worker's phone lists."""
        return (await self.client.get("/api/tasks", headers=bearing(self.tokens[code]))).json()["items"]

    async def row(self, incident: str) -> Any:
        """Return one incident as the command centre sees it."""
        answer = await self.client.get(f"/api/incidents/{incident}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def until_row(self, incident: str, holds: Callable[[Any], bool], seconds: float = 5.0) -> Any:
        """Wait until an incident's row is as wanted and return it."""
        row: Any = None

        async def asked() -> bool:
            nonlocal row
            row = await self.row(incident)
            return bool(holds(row))

        await until(asked, seconds)
        return row

    async def load(self, code: str) -> tuple[int, bool]:
        """Return a worker's active tasks and whether one of them is exclusive."""
        [row] = await self.place.run("SELECT active_tasks, holds_exclusive FROM worker WHERE code = :code", code=code)
        return row.active_tasks, row.holds_exclusive

    async def counted(self) -> dict[str, int]:
        """Count the rows of every table that a request may write."""
        tables = (
            "incident",
            "task",
            "incident_event",
            "worker_position",
            "outbox",
            "answer",
            "account",
            "account_role",
            "access_token",
        )
        counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in tables)
        [row] = await self.place.run(f"SELECT {counts}")
        return dict(row._mapping)
