"""The audit grows and does nothing else; whatever is done to it beside that is found."""

import hashlib
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.audit import Audit, Note
from data.chain import chained
from data.cluster import Cluster
from data.engine import Role
from data.store import transaction
from tests.support.audits import COLUMNS, ROWS, faults, grow, note, tamper, verified
from tests.support.sql import acting, rows

WRITES = {
    "insert": "INSERT INTO audit (id, at, actor, action, result, hash) VALUES (99, now(), 'x', 'x', 'done', 'x')",
    "update": "UPDATE audit SET actor = 'x'",
    "delete": "DELETE FROM audit",
    "truncate": "TRUNCATE audit",
    "insert a head": "INSERT INTO audit_head (rows, hash) VALUES (0, 'x')",
    "move the head": "UPDATE audit_head SET rows = rows",
    "delete the head": "DELETE FROM audit_head",
    "truncate the head": "TRUNCATE audit_head",
    "unguard": "ALTER TABLE audit DISABLE TRIGGER USER",
    "open": "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
}


EDITS = (
    "at = at + interval '1 microsecond'",
    "at = 'infinity'",
    "at = '4000-01-01 BC'",
    "account_id = gen_random_uuid()",
    "actor = 'x'",
    "action = 'x'",
    "subject = 'x'",
    "result = 'failed'",
    "code = 'x'",
    "address = 'x'",
    """facts = '{"a": 1}'""",
    "hash = 'x'",
)


async def test_a_chain_that_was_let_alone_is_whole(server_url: str) -> None:
    nothing = await verified(server_url)
    assert (nothing.whole, nothing.rows, nothing.hash) == (True, 0, bytes(32))
    await grow(server_url)
    found = await verified(server_url)
    assert (found.whole, found.rows) == (True, ROWS)


async def test_a_row_s_hash_is_what_one_reckons_by_hand(server_url: str, owner_url: str) -> None:
    account = "0192aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"
    said = Note("role_given", "account:1", UUID(account), "", "done", None, "127.0.0.1", {"b": 1.50, "a": '网 \\ "'})
    await note(server_url, Note("signed_in", "account:1"), said)
    async with acting(owner_url) as connection:
        first, second = await rows(
            connection,
            "SELECT hash, floor(extract(epoch FROM at))::bigint AS s, to_char(at, 'US') AS us FROM audit ORDER BY id",
        )

    def field(given: str | None) -> bytes:
        return b"\0" * 32 if given is None else hashlib.sha256(given.encode("utf-8")).digest()

    fields = ["2", f"{second.s}{second.us}", account, "account:1", "role_given", "", "done", None, "127.0.0.1"]
    fields.append('{"a": "网 \\\\ \\"", "b": 1.5}')
    assert second.hash == hashlib.sha256(first.hash + b"".join(map(field, fields))).digest()
    assert (await verified(server_url)).hash == second.hash


async def test_nothing_and_empty_are_told_apart_and_fields_do_not_run_into_each_other(
    server_url: str, owner_url: str
) -> None:
    await note(server_url, Note("ab", "c", subject=""))
    for statement in ("subject = NULL", "action = 'a', actor = 'bc'", "code = subject, subject = NULL"):
        await tamper(owner_url, f"UPDATE audit SET {statement}")
        assert await faults(server_url) == [(1, "edited")], statement
        await tamper(owner_url, "UPDATE audit SET action = 'ab', actor = 'c', subject = '', code = NULL")
        assert await faults(server_url) == []


@pytest.mark.parametrize("role", [Role.APP, Role.DISPATCHER])
async def test_no_role_of_the_server_changes_the_audit(role: Role, server_url: str) -> None:
    async with acting(server_url, role) as connection:
        for what, statement in WRITES.items():
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
                await connection.execute(text(statement))
                pytest.fail(what)


async def test_the_reader_and_the_bare_login_append_nothing(server_url: str) -> None:
    for role in (Role.APP, None):
        async with acting(server_url, role) as connection:
            with pytest.raises(DBAPIError, match="permission denied for function"):
                await Audit(connection).note(Note("signed_in", "x"))


async def test_not_even_the_owner_changes_it_by_the_way(server_url: str, owner_url: str) -> None:
    await grow(server_url, 2)
    async with acting(owner_url) as connection:
        for what in ("update", "delete", "truncate", "move the head", "delete the head", "truncate the head"):
            with pytest.raises(DBAPIError, match="audit only grows"):
                await connection.execute(text(WRITES[what]))
                pytest.fail(what)
    assert await faults(server_url) == []


async def test_the_append_function_takes_no_table_of_a_stranger_s_making(cluster: Cluster, database: str) -> None:
    async with acting(cluster.url("postgres", database)) as connection:
        [kept] = await rows(
            connection,
            "SELECT prosecdef, proconfig, proowner::regrole::text FROM pg_proc WHERE proname = 'audit_append'",
        )
    assert tuple(kept) == (True, ["search_path=public, pg_temp"], "wangge_owner")


async def test_an_edit_of_any_column_is_found_and_is_one_fault(server_url: str, owner_url: str) -> None:
    await grow(server_url)
    async with acting(owner_url) as connection:
        await connection.execute(text("CREATE TABLE kept AS SELECT * FROM audit"))
    for edit in EDITS:
        await tamper(owner_url, f"UPDATE audit SET {edit} WHERE id = 4")
        assert await faults(server_url) == [(4, "edited")], edit
        columns = f"{COLUMNS}, hash"
        await tamper(owner_url, f"UPDATE audit a SET ({columns}) = (SELECT {columns} FROM kept k WHERE k.id = a.id)")
        assert await faults(server_url) == []


async def test_edits_far_and_near_are_each_found(server_url: str, owner_url: str) -> None:
    await grow(server_url, 1100)
    await tamper(owner_url, "UPDATE audit SET actor = 'x' WHERE id IN (2, 3, 500, 501, 1100)")
    assert await faults(server_url) == [(n, "edited") for n in (2, 3, 500, 501, 1100)]


async def test_a_chain_edited_from_end_to_end_is_told_in_bounded_words(server_url: str, owner_url: str) -> None:
    await grow(server_url, 1100)
    await tamper(owner_url, "UPDATE audit SET actor = 'x'")
    found = await faults(server_url)
    assert len(found) == 1000
    assert {fault for _, fault in found} == {"edited"}


async def test_an_edit_that_reckons_its_own_hash_anew_breaks_the_next_row(server_url: str, owner_url: str) -> None:
    await grow(server_url)
    async with transaction(server_url, Role.DISPATCHER) as connection:
        [lines] = [batch async for batch in Audit(connection).lines()]
    forged = replace(lines[3], actor="x")
    hash_ = chained(lines[2].hash, 4, forged.content())
    await tamper(owner_url, f"UPDATE audit SET actor = 'x', hash = decode('{hash_.hex()}', 'hex') WHERE id = 4")
    assert await faults(server_url) == [(5, "edited")]


@pytest.mark.parametrize(("gone", "first"), [("id = 1", 1), ("id = 4", 4), ("id BETWEEN 3 AND 6", 3)])
async def test_rows_taken_out_are_missed(gone: str, first: int, server_url: str, owner_url: str) -> None:
    await grow(server_url)
    await tamper(owner_url, f"DELETE FROM audit WHERE {gone}")
    assert await faults(server_url) == [(first, "missing")]


async def test_rows_taken_out_and_closed_up_are_found(server_url: str, owner_url: str) -> None:
    await grow(server_url)
    await tamper(owner_url, "DELETE FROM audit WHERE id = 4", "UPDATE audit SET id = id - 1 WHERE id = 5")
    assert await faults(server_url) == [(4, "edited"), (5, "missing")]


@pytest.mark.parametrize(("one", "other"), [(3, 6), (3, 4), (1, 8), (3, 5)])
async def test_rows_that_changed_places_are_told_as_such(
    one: int, other: int, server_url: str, owner_url: str
) -> None:
    await grow(server_url)
    await tamper(
        owner_url,
        f"UPDATE audit SET id = -1 WHERE id = {one}",
        f"UPDATE audit SET id = {one} WHERE id = {other}",
        f"UPDATE audit SET id = {other} WHERE id = -1",
        "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE id = 8)",
    )
    assert await faults(server_url) == [(one, "reordered"), (other, "reordered")]


@pytest.mark.parametrize("what", ["hash", COLUMNS])
async def test_rows_that_changed_only_their_hashes_or_only_all_else_are_told_as_such(
    what: str, server_url: str, owner_url: str
) -> None:
    await grow(server_url)
    of_the_other = ", ".join(f"o.{name.strip()}" for name in what.split(","))
    await tamper(
        owner_url,
        f"""UPDATE audit a SET ({what}) = ROW({of_the_other}) FROM audit o
        WHERE a.id IN (3, 6) AND o.id IN (3, 6) AND a.id <> o.id""",
    )
    assert await faults(server_url) == [(3, "reordered"), (6, "reordered")]


async def test_a_tail_that_was_cut_off_is_missed(server_url: str, owner_url: str) -> None:
    await grow(server_url)
    await tamper(owner_url, "DELETE FROM audit WHERE id > 5")
    assert await faults(server_url) == [(6, "cut_off")]
    await tamper(owner_url, "DELETE FROM audit")
    assert await faults(server_url) == [(1, "cut_off")]
    await tamper(owner_url, "DELETE FROM audit_head")
    assert not (await verified(server_url)).whole


async def test_another_end_than_the_head_s_is_found(server_url: str, owner_url: str) -> None:
    await grow(server_url)
    await tamper(owner_url, "UPDATE audit_head SET hash = sha256('x')")
    assert await faults(server_url) == [(8, "cut_off")]


async def test_a_chain_cut_off_together_with_its_head_lacks_the_hash_that_was_kept(
    server_url: str, owner_url: str
) -> None:
    await grow(server_url)
    kept = (await verified(server_url)).hash
    await grow(server_url, 2)
    assert (await verified(server_url, kept)).whole
    await tamper(
        owner_url,
        "DELETE FROM audit WHERE id > 5",
        "UPDATE audit_head SET (rows, hash) = (SELECT id, hash FROM audit WHERE id = 5)",
    )
    assert await faults(server_url) == []
    found = await verified(server_url, kept)
    assert (found.holds, found.whole) == (False, False)


@pytest.mark.parametrize(
    ("id_", "found"), [(9, [(9, "cut_off"), (9, "edited")]), (12, [(9, "cut_off"), (9, "missing")])]
)
async def test_a_row_that_nobody_appended_is_found(
    id_: int, found: list[tuple[int, str]], server_url: str, owner_url: str
) -> None:
    await grow(server_url)
    async with acting(owner_url) as connection:  # no guard refuses this: it is found instead
        await connection.execute(text(WRITES["insert"].replace("99", str(id_))))
    assert sorted(await faults(server_url)) == found


async def test_a_row_before_the_first_is_found(server_url: str, owner_url: str) -> None:
    await grow(server_url)
    async with acting(owner_url) as connection:
        await connection.execute(text(WRITES["insert"].replace("99", "0")))
    assert await faults(server_url) == [(0, "edited")]
