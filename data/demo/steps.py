"""How far a matter of a demo town has come, and when it took each step."""

from dataclasses import dataclass, field, replace

import numpy as np

from data.demo.categories import Story
from data.demo.frame import Floats
from data.demo.past_rows import IncidentRow, LineRow, TaskRow
from data.demo.reports import Report
from data.demo.rows import CategoryRow

DAYS, DAY_S = 14, 86_400
STEPS = ("waiting", "offered", "accepted", "on_scene", "handled", "closed")
UNSORTED = -1


@dataclass(frozen=True, slots=True)
class State:
    """How far a matter has come: the last of STEPS it took, and the line of history that stands after it."""

    reached: int
    status: str
    task_status: str | None = None
    line: str | None = None


STATES = {
    "waiting": State(0, "filed"),
    "offered": State(1, "dispatched", "offered"),
    "accepted": State(2, "dispatched", "accepted"),
    "on_scene": State(3, "handling", "on_scene"),
    "handled": State(4, "handled", "done"),
    "closed": State(5, "closed", "done"),
    "reported": State(UNSORTED, "reported"),
    "received": State(UNSORTED, "received", None, "received"),
    "verifying": State(UNSORTED, "verifying", None, "verifying"),
    "rejected": State(UNSORTED, "rejected", None, "rejected"),
    "void": State(0, "void", None, "void"),
    "duplicate": State(0, "duplicate", None, "duplicate"),
    "shelved": State(0, "shelved", None, "shelved"),
    "returned": State(1, "returned", "declined", "returned"),
    "extension_requested": State(3, "extension_requested", "on_scene", "extension_requested"),
    "called": State(3, "handling", "on_scene", "whistled"),
    "inspecting": State(4, "inspecting", "done", "inspecting"),
}
LONG_AGO = frozenset({"closed", "rejected", "void"})
REASONS = {
    "rejected": "不属于网格事项，已电话答复来电人",
    "void": "误报，现场没有发现所述情况",
    "shelved": "配件缺货，到货后继续办理",
    "returned": "不属于本岗位职责，请改派",
    "extension_requested": "需要等待专业队伍到场，申请延时",
    "whistled": "需要部门到场配合处置",
}
DISPOSITIONS = {"resolved": 0.93, "transferred": 0.045, "no_action": 0.025}
DISPUTE_DISPOSITIONS = {"mediated": 0.92, "transferred": 0.08}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is to be told: a category, how far it has come, and whether it is late."""

    story: Story
    state: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """Who went, by code: first, beside the first by slot, and departments that were called."""

    first: str | None
    beside: dict[str, str] = field(default_factory=dict)
    called: tuple[str, ...] = ()


def told(case: Case, said: Report, sent: Sent, rng: np.random.Generator) -> IncidentRow:
    """Tell a matter with the times of its steps."""
    category, state = case.story.category, STATES[case.state]
    sorting = float(rng.uniform(40, 500)) if category.sorted_by_hand else 0.0
    times = _steps(category, sorting, rng)
    last = float(times[max(0, state.reached)])
    line = last + float(rng.uniform(20, 120)) if state.line else last
    now = line + _since_then(case, times, line, rng)
    at = [int(step - now) if place <= state.reached else None for place, step in enumerate(times)]
    reported = -int(now)
    said_last = LineRow(state.line, int(line - now), REASONS.get(state.line)) if state.line else None
    row = IncidentRow(
        category=category.code,
        status=state.status,
        description=said.description,
        address=said.address,
        lng=said.lng,
        lat=said.lat,
        reporter=said.reporter,
        reported_s=reported,
        received_s=_received(state, sorting, now),
        filed_s=None if state.reached == UNSORTED else reported + int(sorting),
        worker=sent.first,
        task_status=state.task_status,
        offered_s=at[1],
        accepted_s=at[2],
        on_scene_s=at[3],
        ended_s=said_last.s if said_last and state.task_status == "declined" else at[4],
        closed_s=at[5],
        disposition=_disposition(category, rng) if case.state == "closed" else None,
        line=said_last,
    )
    return _with_others(row, sent, rng)


def _received(state: State, sorting: float, now: float) -> int | None:
    """Return when the command centre took it in: half-way to filing, or soon after the report."""
    if state.line in ("verifying", "rejected"):
        return -int(now) + 10
    return -int(now) + int(sorting / 2) if sorting and state.reached != UNSORTED else None


def _steps(category: CategoryRow, sorting: float, rng: np.random.Generator) -> Floats:
    """Draw the seconds from the report to each of STEPS (6,), rising; about one in fifteen ends late."""
    travel = rng.uniform(80, 280) if category.urgency == "emergency" else rng.uniform(120, 560)
    offered = sorting + rng.uniform(1, 20)
    accepted = offered + rng.uniform(0.1, 0.7) * category.offer_seconds
    on_scene = accepted + travel
    ended = max(on_scene + rng.uniform(120, 400), 60 * category.deadline_minutes * np.exp(rng.normal(-0.8, 0.52)))
    return np.array([sorting, offered, accepted, on_scene, ended, ended + rng.uniform(60, 2_400)])


def _since_then(case: Case, times: Floats, since: float, rng: np.random.Generator) -> float:
    """Draw the seconds since a case came to its state, at `since` after the report."""
    category, lot = case.story.category, float(rng.uniform(0.1, 0.9))
    limit = 60.0 * category.deadline_minutes
    if case.late:
        return max(30.0, limit * (1.05 + 0.5 * lot) - since)
    if case.state in LONG_AGO:
        return max(0.0, DAYS * DAY_S - since) * float(rng.random()) + 60
    return {
        "waiting": 90 * lot,
        "offered": 0.7 * category.offer_seconds * lot,
        "accepted": float(times[3] - times[2]) * lot,
        "on_scene": max(60.0, min(limit - since, 5_400.0) * lot),
        "handled": 1_500 * lot,
        "shelved": 3_000 * lot,
    }.get(case.state, 150 * lot)


def _with_others(row: IncidentRow, sent: Sent, rng: np.random.Generator) -> IncidentRow:
    """Add the tasks of those beside the first: asked with the first, and on their way while the first is there."""
    if row.worker is None or row.offered_s is None or row.task_status == "declined":
        return row
    others = [_task(row, (slot, code), row.offered_s, 0.9, rng) for slot, code in sent.beside.items()]
    if sent.called and row.on_scene_s is not None:
        since = row.line.s if row.line else row.on_scene_s
        others += [_task(row, (f"dept_{code.lower()}", code), since, 0.2, rng) for code in sent.called]
    return replace(row, beside=tuple(others))


def _task(row: IncidentRow, who: tuple[str, str], offered: int, latest: float, rng: np.random.Generator) -> TaskRow:
    """Tell another's task: accepted no later than that share of the time until the first went on."""
    if row.accepted_s is None:
        return TaskRow(*who, "offered", offered, None, None, None)
    until = row.ended_s if offered > row.accepted_s else row.accepted_s
    accepted = offered + int(latest * float(rng.random()) * ((until or 0) - offered))
    if row.ended_s is None:
        return TaskRow(*who, "accepted", offered, accepted, None, None)
    there = accepted + int(0.6 * (row.ended_s - accepted) * float(rng.random()))
    return TaskRow(*who, "done", offered, accepted, there, row.ended_s)


def _disposition(category: CategoryRow, rng: np.random.Generator) -> str:
    shares = DISPUTE_DISPOSITIONS if category.skill == "mediation" else DISPOSITIONS
    return str(rng.choice(list(shares), p=list(shares.values())))
