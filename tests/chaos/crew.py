"""The crew answers what it is offered — most go, some decline, fail or say nothing — and dispatchers reach in."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import numpy as np
from sqlalchemy.exc import DBAPIError

from tests.chaos.asking import Persistent, client
from tests.support.place import Place

TO_ANSWER = """
    SELECT id, worker_id, status FROM task WHERE ended_at IS NULL AND id <> ALL (CAST(:silent AS uuid[]))
    ORDER BY random() LIMIT 40
"""
SLOW_LINE = """
    WITH line AS (
        INSERT INTO incident_event (incident_id, at, kind, status_from, status_to, actor)
        SELECT id, clock_timestamp(), 'reminded', status, status, 'test' FROM incident
        WHERE id = (SELECT id FROM incident ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING incident_id
    ), told AS (INSERT INTO outbox (kind, subject_id, at) SELECT 'incident', incident_id, now() FROM line RETURNING 1)
    SELECT count(*), pg_sleep(:seconds) FROM told
"""
"""A reminder whose transaction draws its number and is then held up, while others draw later ones and are done."""
TO_SEND = "SELECT id FROM incident WHERE status IN ('filed', 'dispatched') ORDER BY random() LIMIT 1"
ANSWERED = frozenset({200, 404, 409})
"""409: it ran out, was taken back or done already, perhaps by the same request whose answer was lost."""
STEPS: Mapping[int, tuple[tuple[str, dict[str, Any]], ...]] = {
    0: (("decline", {"reason": "busy"}),),
    1: (("accept", {}), ("finish", {"result": "failed", "note": "无人"})),
    2: (("accept", {}), ("arrive", {}), ("finish", {"result": "done"})),
}
"""By the last digit of the task's id; 3 says nothing; all others accept and finish."""
SILENT, HANDS, DAWDLING = 3, 3, 2
HELD_UP_S = 0.15
USUAL: tuple[tuple[str, dict[str, Any]], ...] = (("accept", {}), ("finish", {"result": "done"}))


@dataclass
class Crew:
    """Everybody who is offered something, and who reaches in."""

    place: Place
    addresses: list[str]
    tokens: Mapping[UUID, str]
    dispatcher: str
    said: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _silent: set[UUID] = field(default_factory=set)

    async def work(self, phones: int) -> None:
        """Answer until `over` is set, so many at the same time."""
        async with client() as http:
            hands = [self._reach_in(hand, http) for hand in range(HANDS)]
            slow = [self._dawdle() for _ in range(DAWDLING)]
            await asyncio.gather(*(self._phone(number, http) for number in range(phones)), *hands, *slow)

    async def _phone(self, number: int, http: httpx2.AsyncClient) -> None:
        while not self.over.is_set():
            for row in await self._read(TO_ANSWER, silent=list(self._silent)):
                if self.over.is_set():
                    return
                await self._answer(row, number, http)
            await asyncio.sleep(0.05)

    async def _answer(self, row: Any, number: int, http: httpx2.AsyncClient) -> None:
        if row.id.int % 10 == SILENT:
            self._silent.add(row.id)
            return
        steps = STEPS.get(row.id.int % 10, USUAL)
        asking = Persistent(self.addresses, self.tokens[row.worker_id])
        step, body = (
            steps[0] if row.status == "offered" else steps[min(1 + (row.status == "on_scene"), len(steps) - 1)]
        )
        answer = await asking.post(f"/api/tasks/{row.id}/{step}", body, f"{step}-{row.id}", http, number)
        self.said[f"{step} {answer.status_code}"] += 1
        if answer.status_code not in ANSWERED:
            self.faults.append(f"{step} was answered {answer.status_code}: {answer.text[:200]}")

    async def _reach_in(self, hand: int, http: httpx2.AsyncClient) -> None:
        """Send two different workers to one place at the same time, through both servers."""
        rng, turn = np.random.default_rng([hand, 8]), 0
        asking = Persistent(self.addresses, self.dispatcher)
        workers = list(self.tokens)
        while not self.over.is_set():
            for row in await self._read(TO_SEND):
                two = [str(workers[at]) for at in rng.integers(len(workers), size=2)]
                path = f"/api/incidents/{row.id}/dispatch"
                answers = await asyncio.gather(
                    *(
                        asking.post(path, {"worker": one, "reason": "近"}, f"send-{hand}-{turn}-{n}", http, n)
                        for n, one in enumerate(two)
                    )
                )
                self.said.update(f"dispatch {answer.status_code}" for answer in answers)
                self.faults += [
                    f"dispatch was answered {answer.status_code}: {answer.text[:200]}"
                    for answer in answers
                    if answer.status_code not in ANSWERED
                ]
            turn += 1
            await asyncio.sleep(0.05)

    async def _dawdle(self) -> None:
        """Remind of one incident after the other, each time slowly."""
        while not self.over.is_set():
            await self._read(SLOW_LINE, seconds=HELD_UP_S)
            await asyncio.sleep(HELD_UP_S)

    async def _read(self, statement: str, **bound: Any) -> list[Any]:
        """Look into the database; nothing while it is down."""
        try:
            return await self.place.run(statement, **bound)
        except (DBAPIError, OSError):
            return []


async def tokens_of(place: Place, workers: list[UUID]) -> dict[UUID, str]:
    """Give each worker an account and a token."""
    return {id_: await place.token("worker", worker_id=id_) for id_ in workers}
