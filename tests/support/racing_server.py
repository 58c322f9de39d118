"""Serve a database on a port, as `wangge serve` does; a mutation may be named, for tests that must fail.

Run as `python -m tests.support.racing_server URL PORT [MUTATION]`.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

import api.process
import data.incidents
import data.outbox
import data.workers
import dispatch.desk.fire
from api.cli.serve import serve_until_stopped
from api.settings import Settings
from data.book import Books
from data.outbox import Cursor, Outbox
from data.schema import statement
from dispatch.city import City

LOCK = "FOR NO KEY UPDATE OF w SKIP LOCKED"
COUNTING = """
    SELECT w.id FROM unnest(CAST(:ranked AS uuid[])) WITH ORDINALITY AS r (id, place) JOIN worker w ON w.id = r.id
    WHERE (SELECT count(*) FROM task t WHERE t.worker_id = w.id AND t.ended_at IS NULL)
        < CASE WHEN CAST(:exclusive AS boolean) THEN 1 ELSE w.capacity END
    ORDER BY r.place LIMIT 1
"""
BY_ID_ALONE = text(
    "SELECT xid, id, kind, subject_id FROM outbox WHERE id > CAST(:id AS bigint) ORDER BY id LIMIT :limit"
)
NEWEST = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid, coalesce((SELECT max(id) FROM outbox), 0) AS id"
)
BETWEEN_S = 0.05
"""How long a process of `timer_tx` dallies between ending a timer and doing what it was for."""


def _claim_unlocked() -> None:
    """Choose a worker without holding the row."""
    locked = statement("claim_worker")
    assert LOCK in locked
    data.workers.CLAIM = text(locked.replace(LOCK, ""))


def _claim_by_count() -> None:
    """Decide by counting tasks, as if nobody else did."""
    data.workers.CLAIM = text(COUNTING)


def _unlocked_incidents() -> None:
    """Work on an incident without holding its row."""
    assert "FOR UPDATE" in str(data.incidents.LOCK) and "FOR UPDATE" in str(data.incidents.IF_FREE)
    data.incidents.LOCK = data.incidents.IF_FREE = data.incidents.ONE


def _by_id_alone() -> None:
    """Read the outbox by id, as if transactions became visible in the order in which they drew their ids."""

    async def horizon(self: Outbox) -> Cursor:
        row = (await self._connection.execute(NEWEST)).one()
        return Cursor(row.xid, row.id)

    data.outbox.SINCE = BY_ID_ALONE
    data.outbox.Outbox.horizon = horizon  # type: ignore[method-assign]


def _timer_first() -> None:
    """End a timer in one transaction and do what it was for in the next."""

    async def fire(city: City, books: Books) -> int:
        fired = 0
        while True:
            async with books.open() as book:
                timer = await book.timers.claim()
                if timer is None:
                    return fired
                await book.timers.end(timer)
            await asyncio.sleep(BETWEEN_S)
            async with books.open() as book:
                await dispatch.desk.fire._happen(timer, city, book)
            fired += 1

    api.process.fire = fire  # type: ignore[attr-defined]


MUTATIONS: Mapping[str, Callable[[], None]] = {
    "without_lock": _claim_unlocked,
    "counting_tasks": _claim_by_count,
    "lock": _claim_unlocked,
    "index": _unlocked_incidents,
    "horizon": _by_id_alone,
    "timer_tx": _timer_first,
}
ALSO_DROPPED: Mapping[str, str] = {
    "lock": """
        ALTER TABLE worker DROP CONSTRAINT worker_load_check, DROP CONSTRAINT worker_exclusive_check;
        DROP INDEX task_one_active_per_exclusive_worker;
    """,
    "horizon": "ALTER TABLE outbox DISABLE ROW LEVEL SECURITY; GRANT SELECT ON outbox TO wangge_app",
    "index": """
        ALTER TABLE task DROP CONSTRAINT task_incident_id_attempt_no_key;
        DROP INDEX task_one_active_per_slot;
        DROP INDEX task_one_active_per_incident_and_worker;
    """,
}
"""What would save us still, or stand in the way, in the database: so that it is the lock alone that is tried."""


def serve(url: str, port: int, mutations: tuple[str, ...] = (), settings: Mapping[str, Any] | None = None) -> None:
    """Serve until the end of the process."""
    logging.basicConfig(level=logging.ERROR)  # that a database is gone is what is tried
    for name in mutations:
        MUTATIONS[name]()
    unhindered = {"sweep_seconds": 0.5, "rate_per_second": 1e6, "rate_burst": 1_000_000}
    chosen = Settings(**(unhindered | dict(settings or {})))
    serve_until_stopped(chosen, url, ("127.0.0.1", port))


if __name__ == "__main__":
    given_url, given_port, *given_mutations = sys.argv[1:]
    serve(given_url, int(given_port), tuple(given_mutations), {"database_url": SecretStr(given_url)})
