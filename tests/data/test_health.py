"""What is found wrong with a database server."""

import pytest

from data import cluster as clusters
from data.cluster import Cluster
from data.health import PROBE, Finding, examine, judge, known_faults
from data.postgres import EXTENSIONS
from tests.support.guarded import Guarded
from tests.support.place import Place


def probe(cluster: Cluster, database: str) -> list[Finding]:
    """Ask a real database and judge its answer."""
    number, alphabetic, encoding, extensions = cluster.psql(database, PROBE).strip().split("|")
    return judge(int(number), alphabetic == "t", encoding, extensions.strip("{}").split(","))


@pytest.mark.parametrize(
    ("number", "faulty"),
    [
        (140_005, False),
        (150_018, True),
        (150_019, True),
        (150_020, False),
        (160_014, True),
        (160_015, False),
        (180_000, True),
        (180_004, True),
        (180_005, False),
    ],
)
def test_versions_that_cannot_lock_the_nearest_row_are_known(number: int, faulty: bool) -> None:
    assert bool(known_faults(number)) is faulty


def test_a_fault_names_the_version_that_is_there_and_the_one_wanted() -> None:
    assert known_faults(150_018)[0].facts == {"version": "15.18", "wanted": "15.20"}


def test_a_good_server_has_no_findings() -> None:
    assert judge(150_020, True, "UTF8", EXTENSIONS) == []


def test_a_database_without_chinese_letters_is_found_out() -> None:
    with clusters.temporary() as cluster:
        clusters.provision(cluster, "town")
        cluster.psql("postgres", "create database plain template template0 encoding 'UTF8' locale 'C'")
        cluster.psql("plain", "create extension pg_trgm")
        assert [one.code for one in probe(cluster, "town") if one.level == "error"] == []
        found = {one.code: one for one in probe(cluster, "plain")}
        assert found["locale_without_chinese"].level == "error"
        assert found["extensions_missing"].facts == {"missing": ["btree_gist", "ltree", "postgis"]}
        # The reason for the rule, from pg_trgm itself.
        assert cluster.psql("plain", "select show_trgm('网格')").strip() == "{}"
        assert cluster.psql("town", "select show_trgm('网格')").strip() != "{}"


async def codes(url: str) -> dict[str, dict[str, object]]:
    return {one.code: one.facts for one in (await examine(url)).findings if one.level == "error"}


async def test_the_server_s_own_login_is_below_row_security_on_every_table(server_url: str) -> None:
    assert await codes(server_url) == {}


async def test_a_superuser_and_an_owner_as_the_server_s_login_are_found_out(cluster: Cluster, database: str) -> None:
    cluster.psql("postgres", "grant wangge_app, wangge_dispatcher to wangge_owner")
    try:
        found = await codes(cluster.url("wangge_owner", database))
        assert found == {"above_row_security": {"role": "wangge_owner", "why": "owner"}}
    finally:
        cluster.psql("postgres", "revoke wangge_app, wangge_dispatcher from wangge_owner")
    found = await codes(cluster.url("postgres", database))
    assert found["above_row_security"] == {"role": "postgres", "why": "superuser, bypassrls, owner"}


async def test_a_role_that_bypasses_row_security_and_a_table_without_it_are_found_out(
    cluster: Cluster, database: str, server_url: str
) -> None:
    cluster.psql("postgres", "alter role wangge_app bypassrls")
    try:
        cluster.psql(database, "create table left_open (id int); alter table household disable row level security")
        assert await codes(server_url) == {
            "above_row_security": {"role": "wangge_app", "why": "bypassrls"},
            "tables_without_row_security": {"tables": "household, left_open"},
        }
    finally:
        cluster.psql("postgres", "alter role wangge_app nobypassrls")


async def test_rows_are_counted_past_every_policy(place: Place, server_url: str) -> None:
    """The server's login sees nothing as the application: counted so, every town would seem empty."""
    await Guarded().build(place)
    counted = (await examine(server_url)).rows
    there = {table: (await place.run(f"SELECT count(*) AS n FROM {table}"))[0].n for table in counted}
    assert counted == there
    assert min(there.values()) > 0


async def test_notices_that_have_waited_for_long_are_told(place: Place, server_url: str) -> None:
    async def told() -> list[object]:
        return [one.facts["waiting"] for one in (await examine(server_url)).findings if one.code == "notices_late"]

    await Guarded().build(place)
    assert await told() == []
    await place.run("UPDATE delivery SET made_at = made_at - interval '11 minutes'")
    assert await told() == [2]
    await place.run("UPDATE receiver SET paused_at = now()")
    assert await told() == []
