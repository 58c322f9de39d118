"""The last two weeks of a demo town: what was reported, who went, what came of it, and what is still open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
import shapely

from data.demo.categories import Story, stories
from data.demo.frame import Floats, Frame
from data.demo.lattice import HOUSEHOLDS_AT_SCALE_ONE
from data.demo.past_rows import IncidentRow, LineRow
from data.demo.reports import Places, Report, draw_story, report
from data.demo.rows import CategoryRow, GridRow, PositionRow, WorkerRow
from data.demo.staff import Staff, first_of, other_of, staff_of
from data.demo.steps import DAYS, STATES, Case, Sent, told

CLOSED_A_DAY, OPEN_NOW, OPEN_AT_LEAST = 72, 27, 8
MOST_SCALE = 5.0
"""A town has no more of a past than five of the usual size have: a million households would have forty times as much."""
REJECTED_SHARE, VOID_SHARE, DUPLICATE_SHARE, CALLED_SHARE = 0.012, 0.006, 0.015, 0.25
# The open cases come in runs of these states; a few of each run are late.
OPEN_STATES = (
    *("accepted", "on_scene", "waiting", "offered", "on_scene", "accepted", "handled", "waiting", "accepted"),
    *("on_scene", "offered", "on_scene", "accepted", "waiting", "handled", "offered", "accepted", "on_scene"),
)
OVERDUE = (4, 7, 12)
# Then come these, whatever the size of the town: the command centre's own work.
AT_THE_CENTRE = (
    *("reported", "reported", "received", "verifying", "shelved", "returned", "extension_requested", "called"),
    "inspecting",
)
AGAIN = "又有人反映："


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """All incidents by time of report, and the workers and positions as the open ones leave them."""

    incidents: tuple[IncidentRow, ...]
    workers: tuple[WorkerRow, ...]
    positions: tuple[PositionRow, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Crew:
    """The grids, and the workers with their positions in the same order; the frame they are measured in."""

    frame: Frame
    grids: Sequence[GridRow]
    workers: Sequence[WorkerRow]
    positions: Sequence[PositionRow]


def make_history(places: Places, crew: Crew, rng: np.random.Generator) -> History:
    """Draw the last two weeks; who is on an open task works round the clock and was seen just now."""
    staff = staff_of(crew.workers, crew.positions, crew.frame)
    scale = min(MOST_SCALE, len(places.by_kind["home"]) / HOUSEHOLDS_AT_SCALE_ONE)
    cases = [*_past_cases(round(CLOSED_A_DAY * DAYS * scale), rng)]
    cases += _open_cases(max(OPEN_AT_LEAST, round(OPEN_NOW * scale)), rng)
    cases += [Case(_story(_fit_for[state], rng), state) for state in AT_THE_CENTRE]
    reports = [report(places, case.story, rng) for case in cases]
    homes = _homes(reports, cases, crew.grids)
    incidents, positions, there = list[IncidentRow](), list(crew.positions), set[str]()
    row_of = {worker.code: row for row, worker in enumerate(crew.workers)}
    for case, said, home in zip(cases, reports, homes, strict=True):
        place = crew.frame.to_metres(np.array([said.lng, said.lat]))
        sent = _sent(case, (place, home), staff, crew.workers, rng)
        if sent.first is None and STATES[case.state].task_status is not None:
            case = replace(case, state="waiting")
        elif case.state == "on_scene" and sent.first in there:
            case = replace(case, state="accepted")
        incidents.append(told(case, said, sent, rng))
        if incidents[-1].task_status == "on_scene" and sent.first is not None:
            there.add(sent.first)
            here = crew.frame.to_degrees(place + rng.uniform(-6, 6, 2))
            positions[row_of[sent.first]] = _beside(positions[row_of[sent.first]], here, rng)
    return History(tuple(_in_order(incidents, rng)), staff.loaded(crew.workers), tuple(positions))


def _sent(
    case: Case, where: tuple[Floats, str], staff: Staff, workers: Sequence[WorkerRow], rng: np.random.Generator
) -> Sent:
    """Choose who goes to a matter, as far as it has come."""
    state, story = STATES[case.state], case.story
    if state.reached < 1:
        return Sent(None)
    category, now = story.category, state.task_status in ("offered", "accepted", "on_scene")
    first = staff.sent(first_of(category), *where, now)
    if first is None or state.task_status == "declined":
        return Sent(None if first is None else workers[first].code)
    others = {slot.slot: staff.sent(other_of(slot, category), *where, now) for slot in story.also}
    called: tuple[str, ...] = ()
    if case.state == "called" or (category.urgency != "ordinary" and not now and rng.random() < CALLED_SHARE):
        called = tuple(one.department for one in story.called[:1])
    if now:
        for code in called:
            staff.called(code, workers)
    beside = {slot: workers[who].code for slot, who in others.items() if who is not None}
    return Sent(workers[first].code, beside, called)


def _past_cases(count: int, rng: np.random.Generator) -> Iterator[Case]:
    yield from (Case(draw_story(rng), "closed") for _ in range(count))
    yield from (Case(_story(_by_hand, rng), "rejected") for _ in range(round(REJECTED_SHARE * count)))
    yield from (Case(draw_story(rng), "void") for _ in range(round(VOID_SHARE * count)))


def _open_cases(count: int, rng: np.random.Generator) -> Iterator[Case]:
    """Draw the open cases: the first a fire on its way, the waiting and the late ones no emergencies."""
    yield Case(next(story for story in stories() if story.category.code == "fire"), OPEN_STATES[0])
    for number, state in enumerate(islice(cycle(OPEN_STATES), 1, count), 1):
        late, story = number % len(OPEN_STATES) in OVERDUE, draw_story(rng)
        while _unfit(story.category, state, late):
            story = draw_story(rng)
        yield Case(story, state, late)


def _story(fits: Callable[[Story], bool], rng: np.random.Generator) -> Story:
    story = draw_story(rng)
    while not fits(story):
        story = draw_story(rng)
    return story


def _by_hand(story: Story) -> bool:
    return story.category.sorted_by_hand


def _for_parts(story: Story) -> bool:
    return story.category.code in ("road_damage", "street_light")


def _calm(story: Story) -> bool:
    return story.category.urgency == "ordinary" and not story.category.sorted_by_hand


def _needs_departments(story: Story) -> bool:
    return story.category.urgency == "urgent" and bool(story.called) and not story.also


_fit_for: dict[str, Callable[[Story], bool]] = {
    "reported": _by_hand,
    "received": _by_hand,
    "verifying": _by_hand,
    "shelved": _for_parts,
    "returned": _calm,
    "extension_requested": _needs_departments,
    "called": _needs_departments,
    "inspecting": _calm,
}


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


def _in_order(incidents: list[IncidentRow], rng: np.random.Generator) -> Iterator[IncidentRow]:
    """Give the incidents by time of report, with some that were reported once more and merged into the first."""
    closed = [row for row in incidents if row.status == "closed"]
    some = rng.choice(len(closed), max(1, round(DUPLICATE_SHARE * len(closed))), replace=False).tolist()
    again = [(_once_more(closed[at], rng), closed[at]) for at in some]
    pairs = [(row, None) for row in incidents] + again
    pairs.sort(key=lambda pair: (pair[0].reported_s, pair[0].description))
    place_of = {id(row): place for place, (row, _) in enumerate(pairs)}
    for row, original in pairs:
        yield row if original is None else replace(row, original=place_of[id(original)])


def _once_more(first: IncidentRow, rng: np.random.Generator) -> IncidentRow:
    """Tell the report of another neighbour while the first was being dealt with."""
    until = first.ended_s or 0
    reported = first.reported_s + int((until - first.reported_s) * float(rng.uniform(0.1, 0.6)))
    merged = LineRow("duplicate", reported + int((until - reported) * float(rng.uniform(0.1, 0.5))))
    return replace(
        first,
        status="duplicate",
        description=AGAIN + first.description,
        reporter="resident",
        reported_s=reported,
        received_s=None,
        filed_s=reported,
        worker=None,
        task_status=None,
        offered_s=None,
        accepted_s=None,
        on_scene_s=None,
        ended_s=None,
        closed_s=None,
        disposition=None,
        beside=(),
        line=merged,
    )


def _beside(position: PositionRow, place: Floats, rng: np.random.Generator) -> PositionRow:
    lng, lat = place.tolist()
    return replace(position, lng=lng, lat=lat, age_s=int(rng.integers(2, 50)), still=False)
