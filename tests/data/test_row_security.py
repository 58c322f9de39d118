"""Row security: who sees and touches which rows; and that each policy, dropped or loosened, is missed."""

import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from data.cluster import Cluster
from tests.support.guarded import Guarded, become, one
from tests.support.place import Place
from tests.support.probes import ALL, APP, DESK, HIDDEN, READING, WRITING, Probe, sees

TABLES = text("""
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND relname NOT IN ('alembic_version', 'spatial_ref_sys') ORDER BY relname
""")
POLICIES = text("""
    SELECT tablename, policyname, cmd, coalesce(qual, with_check) = 'true' AS open FROM pg_policies
    WHERE schemaname = 'public' ORDER BY tablename, policyname
""")


@pytest.fixture
async def there(place: Place) -> Guarded:
    """Lend a town of two communities."""
    built = Guarded()
    await built.build(place)
    return built


@pytest.fixture
async def superuser(cluster: Cluster, database: str, there: Guarded) -> AsyncIterator[AsyncConnection]:
    """Lend a superuser's transaction that leaves nothing behind."""
    engine = create_async_engine(cluster.url("postgres", database))
    async with engine.connect() as connection:
        await connection.begin()
        yield connection
        await connection.rollback()
    await engine.dispose()


async def tables(connection: AsyncConnection) -> list[str]:
    return list((await connection.execute(TABLES)).scalars())


async def every_probe(connection: AsyncConnection) -> list[Probe]:
    """Return all probes: besides those above, nobody sees anything as the application, and the rules see all."""
    probes = [*READING, *WRITING]
    for table in await tables(connection):
        count = (await connection.execute(text(ALL.format(table)))).scalar_one()
        assert count > 0, f"{table} has no row: it would hide a leak"
        columns = "id" if table in ("account", "access_token", "receiver", "receipt") else "*"
        if table not in HIDDEN:
            probes.append(Probe("nobody", APP, f"SELECT count({columns}) FROM {table}", 0))
            probes.append(
                Probe("town", APP, f"SELECT count({columns}) FROM {table}", 0 if table == "access_token" else count)
            )
        if not table.startswith("audit"):
            probes.append(Probe("nobody", DESK, ALL.format(table), count))
    return probes


async def is_missed(connection: AsyncConnection, there: Guarded, probes: list[Probe], table: str) -> bool:
    """Say whether any probe notices, those first that speak of the table."""
    for probe in sorted(probes, key=lambda probe: not re.search(rf"\b{table}(_in)?\b", probe.statement)):
        if await probe.fault(connection, there):
            return True
    return False


async def test_everybody_sees_and_touches_what_is_theirs_and_nothing_else(
    superuser: AsyncConnection, there: Guarded
) -> None:
    faults = [await probe.fault(superuser, there) for probe in await every_probe(superuser)]
    assert [fault for fault in faults if fault] == []


async def test_every_policy_dropped_or_loosened_is_missed(superuser: AsyncConnection, there: Guarded) -> None:
    probes = await every_probe(superuser)
    policies = (await superuser.execute(POLICIES)).all()
    unmissed = []
    for policy in policies:
        clause = "WITH CHECK" if policy.cmd == "INSERT" else "USING"
        changes = [f"DROP POLICY {policy.policyname} ON {policy.tablename}"]
        if not policy.open:
            changes.append(f"ALTER POLICY {policy.policyname} ON {policy.tablename} {clause} (true)")
        for change in changes:
            step = await superuser.begin_nested()
            await superuser.execute(text(change))
            if not await is_missed(superuser, there, probes, policy.tablename):
                unmissed.append(change)
            await step.rollback()
    assert unmissed == []
    assert (len(policies) >= 70, len(probes) >= 200) == (True, True)


async def test_row_security_switched_off_on_any_table_is_missed(superuser: AsyncConnection, there: Guarded) -> None:
    probes, unmissed = await every_probe(superuser), []
    for table in await tables(superuser):
        step = await superuser.begin_nested()
        await superuser.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
        if not await is_missed(superuser, there, probes, table):
            unmissed.append(table)
        await step.rollback()
    assert unmissed == []


async def test_a_view_without_the_asker_s_rights_would_leak_and_one_with_them_does_not(
    superuser: AsyncConnection, there: Guarded
) -> None:
    """There are no views; whoever adds one has to make it the asker's."""
    views = text("SELECT count(*) FROM pg_views WHERE schemaname = 'public' AND viewname NOT LIKE 'geo%_columns'")
    assert (await superuser.execute(views)).scalar_one() == 0
    for options, seen in (("", 2), ("WITH (security_invoker = true)", 1)):
        step = await superuser.begin_nested()
        await superuser.execute(text(f"CREATE VIEW v {options} AS SELECT * FROM incident"))
        await superuser.execute(text("GRANT SELECT ON v TO wangge_app"))
        await superuser.execute(text("ALTER VIEW v OWNER TO wangge_owner"))
        assert await sees("of A", "v", seen).fault(superuser, there) is None
        await step.rollback()


async def test_a_transaction_s_person_is_gone_with_it(server_url: str, there: Guarded) -> None:
    engine = create_async_engine(server_url, pool_size=1, max_overflow=0)
    async with engine.connect() as connection:
        for who, wanted in (("town", 2), ("nobody", 0), ("of A", 1), ("nobody", 0)):
            async with connection.begin():
                await become(connection, APP, there.people[who], None)
                assert await one(connection, "SELECT count(*) FROM incident", {}) == wanted
    await engine.dispose()
