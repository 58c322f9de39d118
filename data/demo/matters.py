"""The last two weeks of a demo town: what was reported, who went, what came of it, and what is still open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
import shapely

from data.demo.categories import Story, stories
from data.demo.frame import Floats, to_degrees, to_metres
from data.demo.lattice import HOUSEHOLDS_AT_SCALE_ONE
from data.demo.reports import Places, Report, draw_story, report
from data.demo.rows import CategoryRow, GridRow, IncidentRow, PositionRow, WorkerRow
from data.demo.staff import staff_of

DAYS, DAY_S = 14, 86_400
CLOSED_A_DAY, OPEN_NOW, OPEN_AT_LEAST = 72, 34, 8
# The open cases come in runs of these states; a few of each run are late.
OPEN_STATES = (
    *("accepted", "on_scene", "waiting", "offered", "on_scene", "accepted", "handled", "waiting", "accepted"),
    *("on_scene", "offered", "on_scene", "accepted", "waiting", "handled", "offered", "accepted", "on_scene"),
)
OVERDUE = (4, 7, 12)
STATUS = {
    "waiting": ("filed", None),
    "offered": ("dispatched", "offered"),
    "accepted": ("dispatched", "accepted"),
    "on_scene": ("handling", "on_scene"),
    "handled": ("handled", "done"),
    "closed": ("closed", "done"),
}
STEPS = ("waiting", "offered", "accepted", "on_scene", "handled", "closed")
DISPOSITIONS = {"resolved": 0.93, "transferred": 0.045, "no_action": 0.025}
DISPUTE_DISPOSITIONS = {"mediated": 0.92, "transferred": 0.08}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is to be told: a category, how far it has come, and whether it is late."""

    story: Story
    state: str
    late: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """All incidents by time of report, and the workers and positions as the open ones leave them."""

    incidents: tuple[IncidentRow, ...]
    workers: tuple[WorkerRow, ...]
    positions: tuple[PositionRow, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Crew:
    """The grids, and the workers with their positions in the same order."""

    grids: Sequence[GridRow]
    workers: Sequence[WorkerRow]
    positions: Sequence[PositionRow]


def make_history(places: Places, crew: Crew, rng: np.random.Generator) -> History:
    """Draw the last two weeks; who is on an open task works round the clock and was seen just now."""
    staff = staff_of(crew.workers, crew.positions)
    scale = len(places.by_kind["home"]) / HOUSEHOLDS_AT_SCALE_ONE
    cases = [Case(draw_story(rng), "closed") for _ in range(round(CLOSED_A_DAY * DAYS * scale))]
    cases += _open_cases(max(OPEN_AT_LEAST, round(OPEN_NOW * scale)), rng)
    reports = [report(places, case.story, rng) for case in cases]
    homes = _homes(reports, cases, crew.grids)
    incidents, positions, there = list[IncidentRow](), list(crew.positions), set[int]()
    for case, said, home in zip(cases, reports, homes, strict=True):
        state, place = case.state, to_metres(np.array([said.lng, said.lat]))
        now = state in ("offered", "accepted", "on_scene")
        who = None if state == "waiting" else staff.sent(case.story.category, place, home, now)
        if who is None:
            case = replace(case, state="waiting")
        elif state == "on_scene" and who in there:
            case = replace(case, state="accepted")
        incidents.append(_incident(case, said, None if who is None else crew.workers[who].code, rng))
        if who is not None and case.state == "on_scene":
            there.add(who)
            positions[who] = _beside(positions[who], place, rng)
    incidents.sort(key=lambda incident: (incident.reported_s, incident.description))
    return History(tuple(incidents), staff.loaded(crew.workers), tuple(positions))


def _open_cases(count: int, rng: np.random.Generator) -> Iterator[Case]:
    """Draw the open cases: the first a fire on its way, the waiting and the late ones no emergencies."""
    yield Case(next(story for story in stories() if story.category.code == "fire"), OPEN_STATES[0])
    for number, state in enumerate(islice(cycle(OPEN_STATES), 1, count), 1):
        late, story = number % len(OPEN_STATES) in OVERDUE, draw_story(rng)
        while _unfit(story.category, state, late):
            story = draw_story(rng)
        yield Case(story, state, late)


def _unfit(category: CategoryRow, state: str, late: bool) -> bool:
    emergency = category.urgency == "emergency"
    return (late and (emergency or category.deadline_minutes > 240)) or (state == "waiting" and emergency)


def _homes(reports: list[Report], cases: list[Case], grids: Sequence[GridRow]) -> list[str]:
    """Find the code of the grid of each report in its category's layer; the lowest code on a border."""
    points = shapely.points([[said.lng, said.lat] for said in reports])
    row, point = shapely.STRtree(points).query([grid.shape for grid in grids], predicate="intersects")
    homes = [""] * len(reports)
    for grid, at in sorted(zip(row.tolist(), point.tolist(), strict=True), reverse=True):
        if grids[grid].layer == cases[at].story.category.layer:
            homes[at] = grids[grid].code
    return homes


def _incident(case: Case, said: Report, worker: str | None, rng: np.random.Generator) -> IncidentRow:
    category = case.story.category
    reached = STEPS.index(case.state)
    times = _steps(category, rng)
    extra = _since_then(case, times, rng)
    reported = -int(times[reached] + extra)
    at = [reported + int(step) if place <= reached else None for place, step in enumerate(times)]
    status, task_status = STATUS[case.state]
    return IncidentRow(
        category=category.code,
        status=status,
        description=said.description,
        address=said.address,
        lng=said.lng,
        lat=said.lat,
        reporter=said.reporter,
        reported_s=reported,
        worker=worker,
        task_status=task_status,
        offered_s=at[1],
        accepted_s=at[2],
        on_scene_s=at[3],
        ended_s=at[4],
        closed_s=at[5],
        disposition=_disposition(category, rng) if case.state == "closed" else None,
    )


def _steps(category: CategoryRow, rng: np.random.Generator) -> Floats:
    """Draw the seconds from the report to each of STEPS (6,), rising; about one in fifteen ends late."""
    travel = rng.uniform(80, 280) if category.urgency == "emergency" else rng.uniform(120, 560)
    offered = rng.uniform(1, 20)
    accepted = offered + rng.uniform(0.1, 0.7) * category.offer_seconds
    on_scene = accepted + travel
    ended = max(on_scene + rng.uniform(120, 400), 60 * category.deadline_minutes * np.exp(rng.normal(-0.8, 0.52)))
    return np.array([0, offered, accepted, on_scene, ended, ended + rng.uniform(60, 2_400)])


def _since_then(case: Case, times: Floats, rng: np.random.Generator) -> float:
    """Draw the seconds since a case came to its state."""
    category, lot = case.story.category, float(rng.uniform(0.1, 0.9))
    since, limit = float(times[STEPS.index(case.state)]), 60.0 * category.deadline_minutes
    if case.late:
        return max(30.0, limit * (1.05 + 0.5 * lot) - since)
    return {
        "waiting": 90 * lot,
        "offered": 0.7 * category.offer_seconds * lot,
        "accepted": float(times[3] - times[2]) * lot,
        "on_scene": max(60.0, min(limit - since, 5_400.0) * lot),
        "handled": 1_500 * lot,
        "closed": max(0.0, DAYS * DAY_S - since) * float(rng.random()) + 60,
    }[case.state]


def _disposition(category: CategoryRow, rng: np.random.Generator) -> str:
    shares = DISPUTE_DISPOSITIONS if category.skill == "mediation" else DISPOSITIONS
    return str(rng.choice(list(shares), p=list(shares.values())))


def _beside(position: PositionRow, place: Floats, rng: np.random.Generator) -> PositionRow:
    lng, lat = to_degrees(place + rng.uniform(-6, 6, 2)).tolist()
    return replace(position, lng=lng, lat=lat, age_s=int(rng.integers(2, 50)))
