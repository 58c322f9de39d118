"""What the audit costs: appending to the chain, a request that is noted, verifying, and the disk."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from api.refusals import Refusals
from api.settings import Settings
from benchmarks import machine
from benchmarks.rows import Measured, Row, Side, interleave, quantile, rate
from benchmarks.town import empty
from data import cluster
from data.accounts import Accounts
from data.audit import Audit
from data.cluster import Cluster
from data.engine import Role
from data.schema import new_id
from data.store import transaction
from data.tokens import TokenKind, Tokens

DATABASE = "bench"
APPEND = "SELECT audit_append($1, $2, 'household_viewed', $3, 'done', NULL, '192.0.2.1', '{}')"
PLAIN = """
    INSERT INTO bench_plain (at, account_id, actor, action, subject, result, address, facts, hash)
    VALUES (clock_timestamp(), $1, $2, 'household_viewed', $3, 'done', '192.0.2.1', '{}', '\\x00')
"""
PREPARE = """
    CREATE TABLE bench_plain (LIKE audit INCLUDING ALL);
    ALTER TABLE bench_plain ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
    GRANT INSERT ON bench_plain TO wangge_dispatcher;
"""
ONE_EACH = (
    "One row per transaction, each committed to disk; the peer writes the same row into a table without a chain."
)
REFUSED = (
    "A request that is forbidden (403), over ASGI in our own process, no socket; the peer is the same request to an "
    "application that notes no refusals."
)
VERIFIED = "Read, reckoned anew in Python and compared, all rows of this run."


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one repetition does."""

    repetitions: int = 5
    appended: int = 2_000
    connections: tuple[int, ...] = (1, 8)
    asked: int = 300


QUICK = Sizes(1, 40, (1, 8), 5)


class _Silent:
    """Notes nothing."""

    async def note(self, *_: object) -> None:
        """Do nothing."""


async def measure(quick: bool) -> Measured:
    """Run every case in one temporary cluster."""
    size = QUICK if quick else Sizes()
    with cluster.temporary(fast=False) as lent:
        url = await empty(lent, DATABASE)
        owner = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            facts = await machine.facts(owner)
            await owner.execute(PREPARE)
            rows = [await _appending(lent, count, size) for count in size.connections]
            rows += await _refusals(lent, size)
            rows += await _verifying(lent, owner, size.repetitions)
        finally:
            await owner.close()
    return Measured(rows, facts, quick=quick)


async def _appending(lent: Cluster, connections: int, size: Sizes) -> Row:
    dsn = lent.url("wangge_server", DATABASE).replace("+asyncpg", "")
    limits = {"role": Role.DISPATCHER.value}
    open_ = [await asyncpg.connect(dsn, server_settings=limits) for _ in range(connections)]
    each = size.appended // connections
    sides = {"ours": partial(_write, open_, APPEND, each), "plain": partial(_write, open_, PLAIN, each)}
    found = await interleave(sides, size.repetitions)
    for connection in open_:
        await connection.close()
    ours, plain = (
        rate(name, each * connections, found[side]) for name, side in (("ours", "ours"), ("a plain insert", "plain"))
    )
    wrong = await _faults(lent)
    case = f"append, {connections} connection{'s' if connections > 1 else ''}"
    return Row(case, "rows", "/s", ours, plain, differing=wrong, how=ONE_EACH)


async def _write(open_: "list[asyncpg.Connection[Any]]", statement: str, each: int) -> float:
    async def one(connection: "asyncpg.Connection[Any]") -> None:
        asked = await connection.prepare(statement)
        for _ in range(each):
            await asked.fetchval(new_id(), "account:0192aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee", f"household:{new_id()}")

    began = time.perf_counter()
    await asyncio.gather(*(one(connection) for connection in open_))
    return time.perf_counter() - began


async def _faults(lent: Cluster) -> int:
    async with transaction(lent.url("wangge_server", DATABASE), Role.DISPATCHER) as connection:
        audit = Audit(connection)
        await audit.hold_still()
        return len((await audit.verify()).faults)


async def _refusals(lent: Cluster, size: Sizes) -> list[Row]:
    """Ask for what is forbidden; each must be answered 403, and each noted once by the application that notes."""
    url = lent.url("wangge_server", DATABASE)
    app = create_app(Settings(database_url=SecretStr(url), rate_per_second=1e6, rate_burst=1_000_000))
    refusals = Refusals(known_a_minute=1_000_000)
    async with transaction(lent.url("wangge_owner", DATABASE)) as connection:
        id_ = await Accounts(connection).add("asker", "asker", None, None)
        assert id_ is not None, "a fresh database"
        token, _ = await Tokens(connection).issue(id_, TokenKind.PROGRAM, 1)
    async with transaction(url, Role.DISPATCHER) as connection:
        before = (await Audit(connection).head()).rows
    async with app.router.lifespan_context(app):
        sides: dict[str, Callable[[], Awaitable[list[float]]]] = {
            "noted": lambda: _ask(app, refusals, token, size.asked),
            "silent": lambda: _ask(app, _Silent(), token, size.asked),
        }
        found = await interleave(sides, size.repetitions)
    async with transaction(url, Role.DISPATCHER) as connection:
        noted = (await Audit(connection).head()).rows - before
    wrong = abs(noted - size.asked * size.repetitions)
    return [
        Row(
            "request that is refused",
            name,
            "ms",
            quantile("ours", found["noted"], q),
            quantile("not noted", found["silent"], q),
            differing=wrong,
            how=REFUSED,
        )
        for name, q in (("p50", 0.5), ("p99", 0.99))
    ]


async def _ask(app: FastAPI, refusals: object, token: str, count: int) -> list[float]:
    app.state.refusals = refusals
    each = []
    for _ in range(count):
        began = time.perf_counter()
        status = await _answered(app, token)
        each.append(time.perf_counter() - began)
        if status != 403:
            raise RuntimeError(f"what is forbidden was answered {status}")
    return each


async def _answered(app: FastAPI, token: str) -> int:
    """Ask for the audit as somebody who may not read it; return the status."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/api/audit",
        "raw_path": b"/api/audit",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("192.0.2.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"])


async def _verifying(lent: Cluster, owner: "asyncpg.Connection[Any]", repetitions: int) -> list[Row]:
    count = await owner.fetchval("SELECT count(*) FROM audit")
    size = await owner.fetchval("SELECT pg_total_relation_size('audit')")
    seconds, wrong = [], 0
    for _ in range(repetitions):
        began = time.perf_counter()
        wrong += await _faults(lent)
        seconds.append(time.perf_counter() - began)
    each = Side("ours", [size / count], [0.0])
    return [
        Row("verify", f"{count} rows", "/s", rate("ours", count, seconds), differing=wrong, how=VERIFIED),
        Row("disk", "per row, indexes included", "B", each),
    ]
