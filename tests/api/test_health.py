"""Whether the process lives and can serve; the database stopped, dropped or overrun, and what is left afterwards."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from api.routes import health
from api.settings import Settings
from data import cluster as clusters
from data import feed as feeds
from data import migrate
from data.cluster import Cluster
from tests.support.client import Client, serving, until
from tests.support.place import Place, middle
from tests.support.staff import Staff


async def asked(client: Client, path: str) -> tuple[int, str]:
    answer = await client.get(path, headers={"Authorization": ""})
    told = answer.json()
    return answer.status_code, told.get("status") if answer.status_code == 200 else told["code"]


async def test_a_process_that_serves_is_alive_and_ready_for_everybody(staff: Staff) -> None:
    await staff.open()
    assert await asked(staff.client, "/livez") == (200, "alive")
    assert await asked(staff.client, "/readyz") == (200, "ready")


async def test_a_process_that_no_longer_sees_what_changes_is_not_ready_until_it_does(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health.LOOKED_WITHIN_S == 10
    monkeypatch.setattr(health, "LOOKED_WITHIN_S", 0.8)
    monkeypatch.setattr(feeds, "POLL_S", 0.1)
    await staff.open()
    await asyncio.sleep(1.6)
    assert await asked(staff.client, "/readyz") == (200, "ready"), "nothing has changed, but it has looked"
    look, go_on = feeds.Feed._look, asyncio.Event()

    async def hang(*given: Any) -> Any:
        await go_on.wait()
        return await look(*given)

    monkeypatch.setattr(feeds.Feed, "_look", hang)
    await asyncio.sleep(1.6)
    assert await asked(staff.client, "/readyz") == (503, "database_unavailable")
    assert await asked(staff.client, "/livez") == (200, "alive")
    go_on.set()
    await until_ready(staff.client, 3)


@pytest.mark.parametrize("size", [1, 3, 101])
def test_a_pool_too_small_for_the_loops_is_refused(size: int) -> None:
    with pytest.raises(ValidationError, match="pool_size"):
        Settings(pool_size=size)


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """Lend a cluster that a test may stop."""
    with clusters.temporary() as lent:
        clusters.provision(lent, "town")
        asyncio.run(migrate.upgrade(lent.url("wangge_owner", "town")))
        yield lent


@asynccontextmanager
async def stopped(cluster: Cluster) -> AsyncIterator[None]:
    """Stop a cluster and start it again on the same port."""
    await asyncio.to_thread(clusters._stop, cluster.place, cluster.binaries, "fast")
    try:
        yield
    finally:
        again = await asyncio.to_thread(clusters._ensure, cluster.place, None, clusters.FOR_TESTS)
        assert again.port == cluster.port


async def until_ready(client: Client, seconds: float) -> None:
    async def is_ready() -> bool:
        return (await asked(client, "/readyz"))[0] == 200

    await until(is_ready, seconds)


def test_a_database_that_stops_and_starts_again_costs_nothing(own_cluster: Cluster) -> None:
    async def story() -> None:
        settings = Settings(database_url=SecretStr(own_cluster.url("wangge_server", "town")), sweep_seconds=0.2)
        async with (
            Place.at(own_cluster.url("wangge_owner", "town")) as place,
            serving(settings, await place.token("dispatcher")) as client,
        ):
            staff = Staff(place, client)
            await staff.build()
            await staff.hire("W1", middle(0.1, 0))
            await staff.open()
            offered = (await client.report("noise", key="before")).json()
            waits = (await client.report("noise")).json()
            assert (offered["status"], waits["status"]) == ("dispatched", "filed")

            async with stopped(own_cluster):
                assert await asked(client, "/livez") == (200, "alive")
                for _ in range(3):
                    assert (await asked(client, "/readyz"))[0] == 503
                    for answer in (await client.report("noise", key="during"), await client.get("/api/board")):
                        assert answer.status_code == 503
                        assert answer.json()["code"] in ("database_unavailable", "try_again")
                        assert answer.headers["retry-after"] == "1"
                await asyncio.sleep(0.5)

            await until_ready(client, 5)
            again = await client.report("noise", key="before")
            assert (again.json()["id"], again.headers["idempotency-replayed"]) == (offered["id"], "true")
            during = await client.report("noise", key="during")
            assert during.status_code == 201
            counted = await place.run("SELECT count(*) AS n FROM incident")
            assert counted[0].n == 3

            task = offered["tasks"][0]["id"]
            await staff.say("W1", task, "accept")
            await staff.say("W1", task, "finish", result="done")
            await staff.until_row(waits["id"], lambda row: row["status"] == "dispatched", 10)
            await client.caught_up()

    asyncio.run(story())


async def test_a_database_that_is_gone_is_told_and_the_process_goes_on(
    staff: Staff, cluster: Cluster, database: str
) -> None:
    await staff.open()
    cluster.psql(
        "postgres",
        f"""ALTER DATABASE {database} ALLOW_CONNECTIONS false;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'""",
    )
    try:
        for _ in range(3):
            answer = await staff.client.get("/readyz")
            assert answer.status_code == 503, answer.text
            assert (await staff.client.report("noise")).status_code == 503
        assert (await asked(staff.client, "/livez"))[0] == 200
    finally:
        cluster.psql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
    await until_ready(staff.client, 5)

    async def is_taken() -> bool:  # a pooled connection that died unused is found out by the first who takes it
        return bool((await staff.client.report("noise")).status_code == 201)

    await until(is_taken)


async def test_more_at_once_than_there_are_connections_are_served_or_told_to_come_back(
    place: Place, settings: Settings
) -> None:
    small = settings.model_copy(update={"pool_size": 2})
    async with serving(small, await place.token("dispatcher")) as client:
        staff = Staff(place, client)
        await staff.build()
        await staff.hire("W1")
        await staff.open()
        loop = asyncio.get_running_loop()

        async def one() -> tuple[int, float, bool]:
            began = loop.time()
            answer = await client.report("noise")
            return answer.status_code, loop.time() - began, "retry-after" in answer.headers

        answers = await asyncio.gather(*(one() for _ in range(200)))
        counted = Counter(status for status, _, _ in answers)
        assert set(counted) <= {201, 503}
        assert counted[201] > 0
        assert all(retry == (status == 503) for status, _, retry in answers)
        assert max(took for _, took, _ in answers) < 6
        assert (await staff.counted())["incident"] == counted[201]
        await until_ready(client, 5)
        assert (await client.report("noise")).status_code == 201


async def test_a_lock_that_is_held_too_long_is_told_to_come_back(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    task = (await staff.client.report("noise")).json()["tasks"][0]["id"]
    async with staff.place.engine.begin() as connection:
        await connection.execute(text("SELECT id FROM task FOR UPDATE"))
        answer = await staff.say("W1", task, "accept")
        assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    assert (await staff.say("W1", task, "accept")).status_code == 200
