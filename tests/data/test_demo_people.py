"""The workers of a demo town and its last two weeks, and how both live on."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
import shapely

from data.demo.life import Walkers, arrivals, arrived, head_for, let_go, set_out, walk, where
from data.demo.network import Network, network_of
from data.demo.people import SKILLS
from data.demo.place import place_of
from data.demo.reports import Places, places_of
from data.demo.rows import Town, WorkerRow
from geo.nearest import metres
from geo.point import Point
from tests.support.demo import demo_town

TASK_ACTIVE = {"offered", "accepted", "on_scene"}
STAFF = {"grid_leader", "grid_worker", "fire", "medical", "mediator", "repair", "city_management"}
UNSORTED = {"reported", "received", "verifying", "rejected"}


@pytest.fixture(scope="module")
def town() -> Town:
    return demo_town()


@pytest.fixture(scope="module")
def network(town: Town) -> Network:
    return network_of(town.streets, place_of(town.place).frame)


@pytest.fixture(scope="module")
def places(town: Town) -> Places:
    return places_of(town)


@pytest.fixture
def walkers(town: Town, network: Network) -> Walkers:
    seen = np.array([(position.lng, position.lat) for position in town.positions])
    homes = {area.code: area.shape.centroid.coords[0] for area in town.areas}
    return set_out(
        network, seen, np.array([homes[worker.home_area] for worker in town.workers]), np.random.default_rng(3)
    )


def on_duty(worker: WorkerRow, weekday: int, minute: int) -> bool:
    """Say whether a shift holds a minute of a day, also one that began the day before."""
    for day, *shift in worker.duty:
        starts, ends = (60 * at.hour + at.minute for at in shift)
        length = (ends - starts) % 1_440 or 1_440
        since = (weekday - day) % 7 * 1_440 + minute - starts
        if 0 <= since < length or 0 <= since + 7 * 1_440 < length:
            return True
    return False


def around_the_clock(worker: WorkerRow) -> bool:
    return all(starts == ends for _, starts, ends in worker.duty)


def apart_m(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.array([metres(Point(*a), b[:1], b[1:])[0] for a, b in zip(one, other, strict=True)])


def test_every_grid_has_a_leader_and_several_workers(town: Town) -> None:
    roles = Counter((worker.home_area, worker.role) for worker in town.workers)
    for grid in town.grids:
        if grid.layer == "governance":
            assert roles[grid.code, "grid_leader"] == roles[grid.code, "property"] == 1
            assert roles[grid.code, "grid_worker"] >= 3
            assert (roles[grid.code, "building_head"], roles[grid.code, "hub_household"]) == (3, 2)
    assert sum(worker.role in STAFF for worker in town.workers) == 600
    assert len(town.workers) == len({worker.code for worker in town.workers})
    assert {worker.role for worker in town.workers} >= STAFF


def test_skills_and_capacities_are_from_the_closed_list(town: Town) -> None:
    assert {skill for worker in town.workers for skill in worker.skills} == set(SKILLS)
    assert {worker.capacity for worker in town.workers if worker.kind == "person"} == {1, 2, 3, 4}
    asked = {category.skill for category in town.categories} | {slot.skill for slot in town.slots}
    assert asked - {None} <= set(SKILLS)


def test_at_any_minute_at_least_45_percent_are_on_duty_but_never_all(town: Town) -> None:
    staff = [worker for worker in town.workers if worker.role in STAFF]
    for weekday in (3, 7):
        shares = [np.mean([on_duty(one, weekday, minute) for one in staff]) for minute in range(0, 1_440, 20)]
        assert min(shares) >= 0.45
        assert max(shares) <= 0.9
    assert {"fire", "repair", "medical"} <= {worker.role for worker in staff if around_the_clock(worker)}
    days = [one for one in staff if on_duty(one, 2, 720) and not on_duty(one, 2, 120) and len(one.duty) == 7]
    assert len(days) > len(staff) / 4


def test_at_any_minute_there_is_a_duty_chief_a_fire_brigade_and_every_department(town: Town) -> None:
    for weekday in range(1, 8):
        for minute in range(0, 1_440, 30):
            on = Counter(worker.role for worker in town.workers if on_duty(worker, weekday, minute))
            assert on["duty_chief"] == 2
            assert on["fire_brigade"] == 2
            assert on["department"] == on["liaison"] == 10
            assert on["health_team"] >= 6


def test_most_fixes_are_fresh_a_few_stale_or_lost(town: Town) -> None:
    ages = np.array([position.age_s for position in town.positions if not position.still])
    assert np.mean(ages <= 240) == pytest.approx(0.89, abs=0.01)
    assert np.mean((ages > 300) & (ages <= 1_800)) == pytest.approx(0.08, abs=0.01)
    assert np.mean(ages > 1_800) == pytest.approx(0.03, abs=0.01)
    assert [position.worker for position in town.positions] == [worker.code for worker in town.workers]


def test_four_of_five_are_seen_in_or_next_to_their_grid(town: Town) -> None:
    shapes = {grid.code: grid.shape for grid in town.grids}
    near = [
        shapes[worker.home_area].distance(shapely.Point(seen.lng, seen.lat)) == 0
        or any(
            other.covers(shapely.Point(seen.lng, seen.lat)) and other.touches(shapes[worker.home_area])
            for other in shapes.values()
        )
        for worker, seen in zip(town.workers, town.positions, strict=True)
        if worker.role in STAFF
    ]
    assert np.mean(near) >= 0.8
    assert np.mean(near) < 1


def test_about_25_to_40_incidents_are_open_in_every_state_and_a_few_are_late(town: Town) -> None:
    deadlines = {category.code: 60 * category.deadline_minutes for category in town.categories}
    ended = {"closed", "rejected", "void", "duplicate"}
    open_now = [incident for incident in town.incidents if incident.status not in ended]
    assert 25 <= len(open_now) <= 40
    assert {incident.task_status for incident in open_now} == {None, "done", "declined", *TASK_ACTIVE}
    assert 2 <= sum(-incident.reported_s > deadlines[incident.category] for incident in open_now) <= 8
    assert {incident.category for incident in open_now} & {"fire"}
    assert {incident.status for incident in town.incidents} == {
        *("reported", "received", "verifying", "filed", "dispatched", "handling", "handled", "inspecting"),
        *("returned", "shelved", "extension_requested", *ended),
    }


def test_two_weeks_of_incidents_happened_in_order(town: Town) -> None:
    assert len(town.incidents) > 800
    assert min(incident.reported_s for incident in town.incidents) >= -14 * 86_400 - 60
    for incident in town.incidents:
        told = (incident.reported_s, incident.received_s, incident.filed_s, incident.offered_s)
        steps = (*told, incident.accepted_s, incident.on_scene_s, incident.ended_s, incident.closed_s)
        times = [step for step in steps if step is not None]
        assert times == sorted(times)
        assert times[-1] <= 0
        assert incident.line is None or incident.reported_s <= incident.line.s <= 0
        assert (incident.disposition is None) == (incident.closed_s is None) == (incident.status != "closed")
        assert (incident.worker is None) == (incident.offered_s is None)
        assert (incident.filed_s is None) == (incident.status in UNSORTED)
        for other in incident.beside:
            after = [step for step in (other.offered_s, other.accepted_s, other.on_scene_s) if step is not None]
            assert [*after, other.ended_s or 0] == sorted([*after, other.ended_s or 0])
            assert incident.offered_s is not None
            assert incident.offered_s <= other.offered_s


def test_a_duplicate_is_of_an_earlier_incident_of_the_same_kind_at_the_same_place(town: Town) -> None:
    duplicates = [incident for incident in town.incidents if incident.status == "duplicate"]
    assert duplicates
    for one in duplicates:
        assert one.original is not None
        first = town.incidents[one.original]
        assert (first.category, first.lng, first.lat) == (one.category, one.lng, one.lat)
        assert first.reported_s <= one.reported_s < (first.ended_s or 0)
    assert all(incident.original is None for incident in town.incidents if incident.status != "duplicate")


def test_who_went_could_do_it_and_is_as_busy_as_the_open_tasks_say(town: Town) -> None:
    workers = {worker.code: worker for worker in town.workers}
    categories = {category.code: category for category in town.categories}
    slots = {(slot.category, slot.slot): slot for slot in town.slots}
    active = Counter(incident.worker for incident in town.incidents if incident.task_status in TASK_ACTIVE)
    for incident in town.incidents:
        skill = categories[incident.category].skill
        assert incident.worker is None or skill is None or skill in workers[incident.worker].skills
        for other in incident.beside:
            active[other.worker] += other.status in TASK_ACTIVE
            slot = slots.get((incident.category, other.slot))
            went = workers[other.worker]
            assert went.kind == (slot.responder if slot else "department")
            assert slot is None or slot.skill in went.skills
    for worker in town.workers:
        assert worker.active_tasks == active[worker.code] <= worker.capacity
        assert not worker.holds_exclusive or worker.active_tasks == 1
    assert sum(worker.active_tasks >= worker.capacity or worker.holds_exclusive for worker in town.workers) >= 3


def test_mobile_workers_went_only_to_what_suits_them(town: Town) -> None:
    couriers = {worker.code for worker in town.workers if worker.employment == "mobile"}
    suits = {category.code for category in town.categories if category.mobile}
    went = {incident.category for incident in town.incidents if incident.worker in couriers}
    assert went
    assert went <= suits


def test_an_offer_still_open_has_not_run_out(town: Town) -> None:
    seconds = {category.code: category.offer_seconds for category in town.categories}
    offers = [incident for incident in town.incidents if incident.task_status == "offered"]
    assert offers
    assert all(-offer.offered_s < seconds[offer.category] for offer in offers if offer.offered_s is not None)


def test_who_is_on_scene_was_seen_there(town: Town) -> None:
    seen = {position.worker: position for position in town.positions}
    for incident in town.incidents:
        if incident.task_status == "on_scene" and incident.worker:
            fix = seen[incident.worker]
            assert apart_m(np.array([[fix.lng, fix.lat]]), np.array([[incident.lng, incident.lat]]))[0] < 20


def test_incidents_lie_inside_the_town_and_read_as_sentences(town: Town) -> None:
    district = town.areas[0].shape
    assert shapely.contains_xy(district, [(incident.lng, incident.lat) for incident in town.incidents]).all()
    for incident in town.incidents:
        assert "{" not in incident.description
        assert incident.address.startswith("白碱滩区")
    assert len({incident.description for incident in town.incidents}) > 300


def test_categories_have_rules_and_the_deadlines_of_their_sources(town: Town) -> None:
    deadline = {category.code: category.deadline_minutes for category in town.categories}
    assert (deadline["fire"], deadline["hazard"], deadline["no_heat_elder"]) == (10, 30, 120)
    scene = {category.code: category.scene_minutes for category in town.categories if category.scene_minutes}
    assert (scene["fire"], scene["hazard"]) == (10, 30)
    assert 24 <= len(town.categories) == len(deadline)
    assert {category.standard_ref for category in town.categories} == {"wangge-demo"}
    assert {category.layer for category in town.categories} == {"governance", "health"}
    assert {category.urgency for category in town.categories} == {"emergency", "urgent", "ordinary"}


def test_new_reports_never_end_and_are_the_same_for_the_same_seed(town: Town, places: Places) -> None:
    first, again = (list(islice(arrivals(places, 4), 400)) for _ in range(2))
    assert first == again != list(islice(arrivals(places, 5), 400))
    assert {report.category for report in first} <= {category.code for category in town.categories}
    assert shapely.contains_xy(town.areas[0].shape, [(report.lng, report.lat) for report in first]).all()
    assert np.mean([report.pause for report in first]) == pytest.approx(1, abs=0.2)


def test_walkers_stay_on_streets_at_walking_pace(town: Town, network: Network, walkers: Walkers) -> None:
    rng, streets = np.random.default_rng(1), shapely.union_all([street.line for street in town.streets])
    for _ in range(90):
        before = where(walkers, network)
        walkers = walk(walkers, network, 1.0, rng)
        after = where(walkers, network)
    assert (apart_m(before, after) <= 1.65).all()
    assert np.median(apart_m(before, after)) > 0.75
    assert (shapely.distance(streets, shapely.points(after)) < 3e-7).all()
    assert shapely.intersects_xy(town.areas[0].shape.buffer(1e-6), after).all()


def test_a_long_absence_is_walked_in_one_go_and_homes_stay_near(network: Network, walkers: Walkers) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        walkers = walk(walkers, network, 60.0, rng)
    homes = np.median(np.hypot(*(network.places[network.starts[walkers.step]] - walkers.homes).T))
    assert homes < 400


def test_who_is_sent_arrives_by_the_shortest_way_and_waits(town: Town, network: Network, walkers: Walkers) -> None:
    rng, goal = np.random.default_rng(1), town.spots[100]
    start = where(walkers, network)[7]
    walkers = head_for(walkers, network, 7, (goal.lng, goal.lat))
    direct = apart_m(start[None], np.array([[goal.lng, goal.lat]]))[0]
    for _ in range(int(3 * direct / walkers.speed_m_s[7]) + 60):
        walkers = walk(walkers, network, 1.0, rng)
    assert np.flatnonzero(arrived(walkers, network)).tolist() == [7]
    assert apart_m(where(walkers, network)[7:8], np.array([[goal.lng, goal.lat]]))[0] < 60
    assert (where(walk(walkers, network, 5.0, rng), network)[7] == where(walkers, network)[7]).all()
    assert not arrived(let_go(walkers, 7), network).any()
