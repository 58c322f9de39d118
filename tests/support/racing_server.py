"""Serve a database on a port, as `wangge serve` does; a mutation of the claim may be named, for tests that must fail.

Run as `python -m tests.support.racing_server URL PORT [MUTATION]`.
"""

import sys

import uvicorn
from pydantic import SecretStr
from sqlalchemy import text

import data.workers
from api.app import create_app
from api.settings import Settings
from data.schema import statement

LOCK = "FOR NO KEY UPDATE OF w SKIP LOCKED"
COUNTING = """
    SELECT w.id FROM unnest(CAST(:ranked AS uuid[])) WITH ORDINALITY AS r (id, place) JOIN worker w ON w.id = r.id
    WHERE (SELECT count(*) FROM task t WHERE t.worker_id = w.id AND t.ended_at IS NULL)
        < CASE WHEN CAST(:exclusive AS boolean) THEN 1 ELSE w.capacity END
    ORDER BY r.place LIMIT 1
"""


def mutate(name: str) -> None:
    """Take the row lock out of the claim, or decide by counting tasks as if nobody else did."""
    locked = statement("claim_worker")
    assert LOCK in locked
    data.workers.CLAIM = text({"without_lock": locked.replace(LOCK, ""), "counting_tasks": COUNTING}[name])


if __name__ == "__main__":
    url, port, *mutation = sys.argv[1:]
    for name in mutation:
        mutate(name)
    settings = Settings(database_url=SecretStr(url), sweep_seconds=0.5, rate_per_second=1e6, rate_burst=1_000_000)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=int(port), log_level="critical", access_log=False)
