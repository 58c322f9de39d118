"""The audit in use: many who write, who reads it and how, copies of it, the command."""

import asyncio
import json
import os
import subprocess
import sys
from uuid import UUID

import pytest
from sqlalchemy import text

from data.audit import Audit, Note, WantedNotes
from data.cluster import HOST, Cluster
from data.engine import Role, engine_for
from data.person import anybody_with, serve
from data.postgres import run
from data.rights import Rights
from data.store import transaction
from tests.support.audits import AUDITOR, ROWS, grow, note, tamper, verified
from tests.support.sql import acting


async def test_forty_writers_at_once_leave_a_whole_chain_without_a_gap(server_url: str) -> None:
    engine = engine_for(server_url, Role.DISPATCHER, pool_size=20)

    async def write(number: int) -> None:
        for turn in range(3):
            async with engine.begin() as connection:
                await Audit(connection).note(Note("signed_in", f"account:{number}", facts={"turn": turn}))

    await asyncio.gather(*(write(number) for number in range(40)))
    async with engine.begin() as connection:
        ids = [line.id async for batch in Audit(connection).lines() for line in batch]
    await engine.dispose()
    assert ids == list(range(1, 121))
    assert (await verified(server_url)).whole


async def test_what_is_undone_leaves_no_row_and_no_gap(server_url: str) -> None:
    await grow(server_url, 1)
    with pytest.raises(ZeroDivisionError):
        async with transaction(server_url, Role.DISPATCHER) as connection:
            await Audit(connection).note(Note("signed_in", "undone"))
            raise ZeroDivisionError
    async with transaction(server_url, Role.DISPATCHER) as connection:
        audit = Audit(connection)
        with pytest.raises(ZeroDivisionError):
            async with connection.begin_nested():
                await audit.note(Note("signed_in", "undone by itself"))
                raise ZeroDivisionError
        assert await audit.note(Note("signed_in", "kept")) == 2
    assert (await verified(server_url)).whole


async def test_rows_come_by_pages_newest_first_and_by_what_is_asked_for(server_url: str) -> None:
    me = UUID(int=7)
    await note(
        server_url,
        Note("signed_in", "account:7", me),
        Note("refused", "account:7", me, "incident:1", "refused", "forbidden", facts={"asked": "GET /"}),
        Note("refused", "stranger", result="refused"),
        Note("signed_in", "account:8"),
        Note("signed_in", "account:7", me),
    )

    async def ids(**wanted: object) -> list[int]:
        async with transaction(server_url, Role.DISPATCHER) as connection:
            found: list[int] = []
            after: int | None = None
            while True:
                page, after = await Audit(connection).page(WantedNotes(after=after, limit=2, **wanted))
                found += [int(row.partition('"id": ')[2].partition(",")[0]) for row in page]
                if after is None:
                    return found

    assert await ids() == [5, 4, 3, 2, 1]
    assert await ids(action="signed_in") == [5, 4, 1]
    assert await ids(account_id=me) == [5, 2, 1]
    assert await ids(result="refused") == [3, 2]
    assert await ids(account_id=me, action="refused", result="refused") == [2]
    assert await ids(action="nothing of the kind") == []


@pytest.mark.parametrize(
    ("rights", "seen"),
    [
        (AUDITOR, ROWS),
        (Rights(), 0),
        (Rights({"account.view": ("",), "incident.view": ("",)}), 0),
        (Rights({"audit.view": ("_.C1", "governance.C1")}), 0),
    ],
)
async def test_only_who_may_read_all_of_it_reads_any_of_it(rights: Rights, seen: int, server_url: str) -> None:
    await grow(server_url)
    for role in (Role.APP, Role.DISPATCHER):
        async with transaction(server_url, role) as connection:
            await serve(connection, anybody_with(rights))
            page, _ = await Audit(connection).page(WantedNotes())
            expected = seen if role is Role.APP else 0
            assert (len(page), (await Audit(connection).head()).rows) == (expected, expected)


async def test_a_page_of_nobody_shows_nothing(server_url: str) -> None:
    await grow(server_url)
    async with transaction(server_url, Role.APP) as connection:
        assert await Audit(connection).page(WantedNotes()) == ([], None)


async def test_a_restored_copy_is_whole_and_goes_on(cluster: Cluster, database: str, server_url: str) -> None:
    await grow(server_url)
    before = await verified(server_url)
    tools = {"PGPASSWORD": cluster.secrets.passwords["postgres"], "PGSSLMODE": "disable"}
    at = ["-h", HOST, "-p", str(cluster.port), "-U", "postgres"]
    dump = run(
        [cluster.binaries.path("pg_dump"), *at, "-t", "audit", "-t", "audit_head", database], environment=tools
    )
    async with acting(cluster.url("wangge_owner", database)) as connection:
        await connection.execute(text("DROP TABLE audit, audit_head"))
    run(
        [cluster.binaries.path("psql"), *at, "-q", "-v", "ON_ERROR_STOP=1", database], text_in=dump, environment=tools
    )
    assert await verified(server_url) == before
    await grow(server_url, 1)
    found = await verified(server_url, before.hash)
    assert (found.whole, found.rows) == (True, ROWS + 1)


def commanded(server_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `wangge audit …` with the server's login alone."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "audit", *arguments]
    environment = os.environ | {"WANGGE_DATABASE_URL": server_url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_the_command_tells_rows_and_last_hash_and_shows_the_last_rows(server_url: str) -> None:
    await grow(server_url)
    hash_ = (await verified(server_url)).hash.hex()
    told = await asyncio.to_thread(commanded, server_url, "verify", "--head", hash_)
    assert (told.returncode, told.stdout) == (0, f"rows {ROWS}\nhash {hash_}\n")
    shown = await asyncio.to_thread(commanded, server_url, "show", "--last", "2")
    assert [json.loads(line)["id"] for line in shown.stdout.splitlines()] == [ROWS - 1, ROWS]


async def test_the_command_fails_for_a_fault_and_for_a_hash_that_is_not_in_the_chain(
    server_url: str, owner_url: str
) -> None:
    await grow(server_url)
    await tamper(owner_url, "DELETE FROM audit WHERE id = 3")
    told = await asyncio.to_thread(commanded, server_url, "verify", "--head", "ab" * 32)
    assert told.returncode == 1
    assert told.stdout.splitlines()[2:] == ["missing 3", "the given hash is not in the chain"]
