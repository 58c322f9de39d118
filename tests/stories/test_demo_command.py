"""`wangge demo` as a person uses it: start, Ctrl-C, start again, and what it refuses."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from data import cluster
from data.cluster import ClusterStatus
from tests.support.demo_server import SMALL, demo, home, run

QUWO = ("--town", "曲沃", "--households", "2000")
"""The smallest there is."""
SITS = {"building_head", "hub_household", "duty_chief", "liaison"}
SITS |= {"health_team", "fire_brigade", "station", "department"}
"""Roles of whoever sits somewhere until sent, and says so less often."""


@pytest.fixture(scope="module")
def lived() -> Iterator[Path]:
    """Lend a home in which a demo of a small place was started and stopped once; whoever starts another there stops it."""
    with home() as at:
        with demo(at, "--still", *QUWO):
            pass
        yield at


def incidents(address: str, key: str) -> int:
    answer = httpx2.get(f"{address}/api/board", headers={"Authorization": f"Bearer {key}"})
    return len(answer.raise_for_status().json()["incidents"])


def places(address: str, key: str) -> dict[str, tuple[float, float]]:
    """Return where each worker is said to be."""
    workers = httpx2.get(f"{address}/api/workers", headers={"Authorization": f"Bearer {key}"}).json()
    return {one["id"]: (one["lng"], one["lat"]) for one in workers}


def test_a_demo_lives_stops_at_ctrl_c_and_starts_again_with_all_it_had() -> None:
    with home() as at:
        with demo(at, *SMALL) as first:
            key = first.token("dispatcher")
            before = places(first.address, key)
            assert incidents(first.address, key) >= 6
            moved, until = 0, time.monotonic() + 5
            while moved <= 25 and time.monotonic() < until:
                time.sleep(0.5)
                moved = sum(place != before[id_] for id_, place in places(first.address, key).items())
            assert moved > 25, "workers walk"
            assert first.interrupt() == 0
        assert cluster.status(at) is ClusterStatus.STOPPED, "the database it started is stopped with it"

        began = time.monotonic()
        with demo(at, "--still") as second:
            assert time.monotonic() - began < 15
            assert incidents(second.address, key) >= 5


def test_a_still_demo_keeps_everybody_where_they_are_and_seen() -> None:
    with home() as at, demo(at, "--still", *SMALL) as served:
        headers = {"Authorization": f"Bearer {served.token('dispatcher')}"}
        seen = []
        for pause in (0, 4):
            time.sleep(pause)
            workers = httpx2.get(f"{served.address}/api/workers", headers=headers).json()
            seen.append({one["id"]: one for one in workers if one["state"] in ("free", "busy")})
        both = seen[0].keys() & seen[1].keys()
        still = [
            id_
            for id_ in both
            if (seen[0][id_]["lng"], seen[0][id_]["lat"]) == (seen[1][id_]["lng"], seen[1][id_]["lat"])
        ]
        afoot = [id_ for id_ in both if seen[0][id_]["role"] not in SITS]
        newer = [id_ for id_ in afoot if seen[1][id_]["fixed_at"] > seen[0][id_]["fixed_at"]]
        assert len(newer) > 0.9 * len(afoot) > 50
        assert len(still) > 0.9 * len(both)


def test_a_demo_refuses_a_real_town_and_changes_nothing(tmp_path: Path) -> None:
    grids = tmp_path / "grids.geojson"
    grids.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"350783001001001","name":"一"},'
        '"geometry":{"type":"Polygon","coordinates":[[[118.3,27],[118.31,27],[118.31,27.01],[118.3,27.01],[118.3,27]]]}}]}'
    )
    with home() as at:
        loaded = run(at, "load", "areas", str(grids), "--level", "grid", "--layer", "governance", "--datum", "wgs84")
        assert loaded.returncode == 0, loaded.stderr
        refused = run(at, "demo", "--port", "18999")
        assert refused.returncode == 1
        assert "not a demo" in refused.stderr
        told = run(at, "doctor")
        assert "grid 1" in told.stdout
        assert "worker 0" in told.stdout


def test_a_port_in_use_is_named_before_anything_is_made() -> None:
    with home() as at, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run(at, "demo", "--port", str(taken.getsockname()[1]))
        assert refused.returncode == 1
        assert "--port" in refused.stderr
        assert cluster.status(at) is ClusterStatus.ABSENT


def test_a_town_nobody_knows_or_of_an_impossible_size_is_refused_before_anything_is_made() -> None:
    with home() as at:
        for words, told in (
            (("--town", "nowhere"), "jianou 建瓯市"),
            (("--town", "曲沃", "--households", "20000"), "10000"),
        ):
            refused = run(at, "demo", *words)
            assert refused.returncode == 1
            assert told in refused.stderr
        assert cluster.status(at) is ClusterStatus.ABSENT


def test_a_demo_town_is_kept_from_another_and_from_another_size(lived: Path) -> None:
    for words in (("--town", "jianou"), ("--households", "3000")):
        refused = run(lived, "demo", "--port", "18997", *words)
        assert refused.returncode == 1
        assert "西南街社区 with 2000 households" in refused.stderr
        assert "WANGGE_HOME=" in refused.stderr
    told = run(lived, "doctor")
    assert "grid 18" in told.stdout
    assert "household 2000" in told.stdout


def test_another_place_wakes_without_being_named_again(lived: Path) -> None:
    with demo(lived, "--still") as second:
        assert incidents(second.address, second.token("dispatcher")) > 0
    assert "西南街社区 is awake again" in (lived / "demo.log").read_text(encoding="utf-8")


def test_a_closed_terminal_stops_the_demo_and_its_database(lived: Path) -> None:
    with demo(lived, "--still") as served:
        served.process.send_signal(signal.SIGHUP)
        served.process.wait(20)
        assert cluster.status(lived) is ClusterStatus.STOPPED


def test_the_first_of_two_to_leave_does_not_stop_the_database_under_the_second(lived: Path) -> None:
    with demo(lived, "--still") as first, demo(lived, "--still") as second:
        first.interrupt()
        assert httpx2.get(f"{second.address}/readyz").status_code == 200
        second.interrupt()
        assert cluster.status(lived) is ClusterStatus.STOPPED


def test_a_demo_refuses_a_database_that_is_not_empty_and_not_marked() -> None:
    with home() as at:
        assert run(at, "db", "upgrade").returncode == 0
        with cluster.lent(at) as lent:
            lent.psql("wangge", "UPDATE category SET code = 'ours' WHERE code = 'other';")
        refused = run(at, "demo", "--port", "18998")
        assert refused.returncode == 1
        assert "not marked as a demo" in refused.stderr
        with cluster.lent(at) as lent:
            assert lent.psql("wangge", "SELECT count(*) || code FROM category GROUP BY code;").strip() == "1ours"


def test_a_demo_town_takes_no_foreign_areas(lived: Path, tmp_path: Path) -> None:
    grids = tmp_path / "grids.geojson"
    grids.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"X1"},"geometry":'
        '{"type":"Polygon","coordinates":[[[9.5,47.1],[9.51,47.1],[9.51,47.11],[9.5,47.1]]]}}]}'
    )
    refused = run(lived, "load", "areas", str(grids), "--level", "grid", "--layer", "governance", "--datum", "wgs84")
    assert refused.returncode == 1
    assert "demo town" in refused.stderr
