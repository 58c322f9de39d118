"""The units of a demo town, and its rows in a database: counted there, and judged by the rules of the desk."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import text

from data.cluster import Cluster
from data.demo.accounts import give_accounts
from data.demo.clock import wake
from data.demo.load import fill
from data.demo.rows import Town, WorkerRow
from data.demo.town import make_town
from data.incidents import ENDED, Status
from data.needs import Needs
from data.store import transaction
from data.tasks import ACTIVE, Task, TaskStatus
from dispatch.workflow import leads_to
from tests.support.copies import Copies
from tests.support.demo import demo_town
from tests.support.place import Place
from tests.support.sound import faults

TABLES = (
    *("incident", "need", "timer", "incident_event", "worker", "duty_exception", "duty_pattern"),
    *("category_slot", "category_department"),
)
UNSORTED = {"reported", "received", "verifying", "rejected"}
NO_CLOCK = {*ENDED, Status.HANDLED, Status.INSPECTING}

type Tables = dict[str, Sequence[Any]]


@pytest.fixture(scope="module")
def town() -> Town:
    return demo_town()


@pytest.fixture(scope="module")
def url(copies: Copies, cluster: Cluster) -> Iterator[str]:
    """Lend a database with the demo town in it, for reading."""
    with copies.lent() as name:
        url = cluster.url("wangge_owner", name)
        asyncio.run(_filled(url))
        yield url


@pytest.fixture(scope="module")
def tables(url: str) -> Tables:
    return asyncio.run(_read(url))


async def _filled(url: str) -> None:
    async with transaction(url) as connection:
        await fill(connection, demo_town())
        await give_accounts(connection)


async def _read(url: str) -> Tables:
    async with transaction(url) as connection:
        found: Tables = {name: (await connection.execute(text(f"SELECT * FROM {name}"))).all() for name in TABLES}
        found["now"] = (await connection.execute(text("SELECT demo_clock, time_zone FROM town"))).all()
        found["task"] = (await connection.execute(text("SELECT * FROM task ORDER BY attempt_no"))).all()
        found["needs"] = [await Needs(connection).of([row.id for row in found["incident"]])]
        found["account"] = (
            await connection.execute(
                text("""SELECT a.login, w.role, w.kind, ar.role AS may, ar.layer FROM account a
                        JOIN account_role ar ON ar.account_id = a.id LEFT JOIN worker w ON w.id = a.worker_id""")
            )
        ).all()
        return found


def members(town: Town) -> dict[str, list[tuple[str, WorkerRow]]]:
    """Return part and worker of every member, by unit."""
    workers = {worker.code: worker for worker in town.workers}
    found = defaultdict(list)
    for member in town.members:
        found[member.unit].append((member.part, workers[member.worker]))
    return found


def test_the_town_has_the_teams_couriers_stations_and_departments_of_its_places(town: Town) -> None:
    roles = Counter(worker.role for worker in town.workers)
    assert (roles["health_team"], roles["medical"], roles["mobile"]) == (18, 124, 39)
    assert (roles["station"], roles["department"], roles["fire_brigade"]) == (12, 10, 2)
    assert {worker.kind for worker in town.workers} == {"person", "team", "station", "department"}
    assert {worker.employment for worker in town.workers if worker.role == "mobile"} == {"mobile"}
    assert {worker.skills for worker in town.workers if worker.role == "mobile"} == {("patrol", "care")}


def test_a_team_has_doctors_nurses_a_grid_worker_and_volunteers_of_its_ground(town: Town) -> None:
    shapes = {grid.code: grid.shape for grid in town.grids}
    belongs = members(town)
    teams = [worker for worker in town.workers if worker.role == "health_team"]
    for team in teams:
        parts = Counter(part for part, _ in belongs[team.code])
        assert parts["doctor"] >= 1
        assert parts["nurse"] >= 1
        assert parts["grid_worker"] == 1
        assert parts["volunteer"] >= 1
        homes = {shapes[worker.home_area].representative_point() for _, worker in belongs[team.code]}
        assert shapely.covers(shapes[team.home_area], list(homes)).all()
    medical = [one.code for team in teams for _, one in belongs[team.code] if one.role == "medical"]
    assert len(medical) == len(set(medical)) == 124


def test_half_of_the_stations_are_manned_and_have_the_part_timers(town: Town) -> None:
    belongs, stations = members(town), [worker for worker in town.workers if worker.role == "station"]
    manned = [station for station in stations if belongs[station.code]]
    assert len(manned) == 6
    for station in manned:
        parts = Counter(part for part, _ in belongs[station.code])
        assert (parts["social_worker"], parts["grid_worker"]) == (1, 1)
        assert {worker.station for _, worker in belongs[station.code]} == {station.code}
    part_timers = [worker for station in manned for part, worker in belongs[station.code] if part == "part_time"]
    assert len(part_timers) == 31
    assert {worker.employment for worker in part_timers} == {"part_time"}
    assert any(len(worker.duty) < 7 for worker in part_timers)
    for station in stations:
        assert {(starts.hour, ends.hour) for _, starts, ends in station.duty} == {(8, 21)}


def test_units_and_those_at_home_stand_inside_the_town(town: Town) -> None:
    still = {seen.worker: seen for seen in town.positions if seen.still}
    assert {worker.code for worker in town.workers if worker.kind != "person"} <= still.keys()
    places = shapely.points([(seen.lng, seen.lat) for seen in still.values()])
    assert shapely.covers(town.areas[0].shape, places).all()


@pytest.mark.parametrize("households", [2_000, 9_000])
def test_small_towns_have_units_too(households: int) -> None:
    town = make_town(seed=3, households=households)
    roles = Counter(worker.role for worker in town.workers)
    assert roles["health_team"] == round(18 * households / 24_000)
    assert min(roles[role] for role in ("station", "department", "duty_chief", "mobile", "fire_brigade")) >= 1


def test_every_filed_incident_has_a_need_for_each_place_its_category_names(tables: Tables) -> None:
    slots = defaultdict(set)
    for slot in tables["category_slot"]:
        slots[slot.category].add(slot.slot)
    has = defaultdict(set)
    for need in tables["need"]:
        has[need.incident_id].add(need.slot)
    for incident in tables["incident"]:
        wanted = set() if incident.status in UNSORTED else {"lead", *slots[incident.category]}
        assert {slot for slot in has[incident.id] if not slot.startswith("dept_")} == wanted


def test_an_incident_stands_where_the_rules_say_its_needs_and_tasks_leave_it(tables: Tables) -> None:
    tasks = defaultdict(list)
    for row in tables["task"]:
        given = {name: getattr(row, name) for name in Task.__slots__ if hasattr(row, name)}
        tasks[row.incident_id].append(Task(**given | {"status": TaskStatus(row.status)}))
    moving = [row for row in tables["incident"] if row.status in ("filed", "dispatched", "handling", "handled")]
    assert len(moving) > 20
    for incident in moving:
        needs = tables["needs"][0][incident.id]
        assert leads_to(Status.FILED, needs.values(), tasks[incident.id]) == incident.status
        for need in needs.values():
            active = [task for task in tasks[incident.id] if task.slot == need.slot and task.status in ACTIVE]
            assert (need.state == "taken") == bool(active)


def test_every_clock_that_runs_has_a_timer(tables: Tables) -> None:
    now = tables["now"][0].demo_clock
    timers = {(row.kind, row.incident_id, row.task_id): row.due_at for row in tables["timer"]}
    offered = [task for task in tables["task"] if task.status == "offered"]
    assert offered
    for task in offered:
        assert timers["offer", task.incident_id, task.id] == task.offer_expires_at > now
    for incident in tables["incident"]:
        runs = incident.status not in NO_CLOCK and incident.deadline_at > now
        assert (timers.get(("deadline", incident.id, None)) == incident.deadline_at) == runs
        if incident.status == "shelved":
            assert timers["resume", incident.id, None] > now
    assert {kind for kind, _, _ in timers} >= {"offer", "deadline", "resume", "scene"}


def test_nobody_carries_more_than_may_be_and_exactly_what_the_tasks_say(tables: Tables) -> None:
    load = Counter(task.worker_id for task in tables["task"] if task.status in ACTIVE)
    carriers = {worker.kind for worker in tables["worker"] if load[worker.id]}
    assert carriers >= {"person", "team", "department"}
    for worker in tables["worker"]:
        assert worker.active_tasks == load[worker.id] <= worker.capacity


def test_each_history_is_one_chain_that_ends_where_the_incident_stands(tables: Tables) -> None:
    lines = defaultdict(list)
    for event in sorted(tables["incident_event"], key=lambda event: event.id):
        lines[event.incident_id].append(event)
    for incident in tables["incident"]:
        told = lines[incident.id]
        assert told[0].kind in ("reported", "filed")
        assert told[0].status_from is None
        assert [one.status_from for one in told[1:]] == [one.status_to for one in told[:-1]]
        assert [one.at for one in told] == sorted(one.at for one in told)
        assert told[-1].status_to == incident.status
    kinds = {event.kind for event in tables["incident_event"]}
    assert kinds >= {"whistled", "reported_in", "overdue", "merged", "shelved", "extension_requested", "returned"}


def test_a_whistle_calls_departments_each_with_its_own_clock(tables: Tables) -> None:
    workers = {worker.id: worker for worker in tables["worker"]}
    report_in = {(row.category, row.department_id): row.report_in_minutes for row in tables["category_department"]}
    assert {workers[id_].kind for _, id_ in report_in} == {"department"}
    fire = {
        minutes for (category, id_), minutes in report_in.items() if (category, workers[id_].code) == ("fire", "D01")
    }
    assert fire == {5}
    of = {incident.id: incident.category for incident in tables["incident"]}
    called = [task for task in tables["task"] if task.whom == "departments"]
    assert any(task.status == "accepted" for task in called)
    for task in called:
        minutes = report_in[of[task.incident_id], task.worker_id]
        assert task.offer_expires_at - task.offered_at == timedelta(minutes=minutes)


def test_no_heat_at_a_lone_elder_s_went_to_a_building_head_and_a_heating_worker(tables: Tables) -> None:
    workers = {worker.id: worker for worker in tables["worker"]}
    elders = {row.id for row in tables["incident"] if row.category == "no_heat_elder" and row.status == "closed"}
    went = {
        (task.slot, task.whom, workers[task.worker_id].role) for task in tables["task"] if task.incident_id in elders
    }
    assert {one for one in went if not one[0].startswith("dept_")} == {
        ("lead", "building_head", "building_head"),
        ("repair", "ranked", "repair"),
    }


def test_somebody_is_on_leave_today_and_two_swap_tomorrow(tables: Tables) -> None:
    moment = tables["now"][0]
    today = moment.demo_clock.astimezone(ZoneInfo(moment.time_zone)).date()
    said = tables["duty_exception"]
    [leave] = [row for row in said if row.reason == "leave"]
    assert (leave.day, leave.starts) == (today, None)
    usual = {row.worker_id: (row.starts, row.ends) for row in tables["duty_pattern"]}
    one, other = (row for row in said if row.reason == "swap")
    assert one.swap_id == other.swap_id is not None
    assert {one.day, other.day} == {today + timedelta(days=1)}
    assert ((one.starts, one.ends), (other.starts, other.ends)) == (usual[other.worker_id], usual[one.worker_id])


def test_seats_are_people_of_the_town_where_the_town_has_such_people(tables: Tables) -> None:
    seats = {row.login: row for row in tables["account"]}
    assert {row.kind for row in tables["account"]} == {"person", None}
    assert (seats["department"].role, seats["department"].may) == ("liaison", "department")
    assert (seats["doctor"].role, seats["doctor"].may, seats["doctor"].layer) == ("medical", "doctor", "health")
    assert (seats["duty_chief"].role, seats["duty_chief"].may) == ("duty_chief", "duty_chief")
    assert (seats["dispatcher"].role, seats["dispatcher"].may) == (None, "dispatcher")


async def test_the_whole_town_fits_together(url: str) -> None:
    async with Place.at(url) as place:
        assert await faults(place) == []


async def test_a_town_that_slept_wakes_with_all_its_clocks_moved_on(owner_url: str) -> None:
    clocks = text("""
        SELECT (SELECT min(due_at) FROM timer), (SELECT max(rung_since) FROM need),
               (SELECT max(scene_due_at) FROM incident), (SELECT max(heard_at) FROM worker_position)
    """)
    async with transaction(owner_url) as connection:
        await fill(connection, demo_town())
        before = (await connection.execute(clocks)).one()
        await connection.execute(text("UPDATE town SET demo_clock = demo_clock - interval '3 hours'"))
        slept = await wake(connection)
        assert slept >= timedelta(hours=3)
        assert [
            late - early for early, late in zip(before, (await connection.execute(clocks)).one(), strict=True)
        ] == [slept] * 4
