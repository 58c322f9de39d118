"""What keeps a demo town moving: new reports, and workers who walk its streets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely

from data.demo.frame import Flags, Floats, Ints
from data.demo.network import Network
from data.demo.reports import Places, Report, draw_story, report

SLOWEST_M_S, FASTEST_M_S = 0.8, 1.6
LEASH_M = 260.0


def arrivals(places: Places, seed: int) -> Iterator[Report]:
    """Give new reports for ever, the same for the same seed."""
    rng = np.random.default_rng([seed, 1])
    while True:
        yield report(places, draw_story(rng), rng)


@dataclass(frozen=True, slots=True, eq=False)
class Walkers:
    """People on a network, (n,) each.

    Attributes
    ----------
    step, along_m
        The step of the network each is on and how far from its start.
    speed_m_s
        Between 0.8 and 1.6.
    homes
        (n, 2) metres; who has no goal strolls within about 260 m of it.
    goal
        Row of `ways` for those who are on their way somewhere, else -1.
    ways
        (goals, nodes) metres along the streets to each goal.
    """

    step: Ints
    along_m: Floats
    speed_m_s: Floats
    homes: Floats
    goal: Ints
    ways: Floats


def set_out(network: Network, places: Floats, homes: Floats, rng: np.random.Generator) -> Walkers:
    """Put people on the nearest street; `places` and `homes` are longitude and latitude (n, 2)."""
    points = shapely.points(network.frame.to_metres(places))
    step: Ints = np.atleast_1d(network.tree.nearest(points)).astype(np.int64)
    along = shapely.line_locate_point(network.tree.geometries[step], points)
    count = len(step)
    speed = rng.uniform(SLOWEST_M_S, FASTEST_M_S, count)
    nowhere = np.full(count, -1, dtype=np.int64)
    return Walkers(step, along, speed, network.frame.to_metres(homes), nowhere, np.empty((0, len(network.places))))


def where(walkers: Walkers, network: Network) -> Floats:
    """Give the longitude and latitude (n, 2) of all walkers, rounded to 1e-7 degrees."""
    start, end = network.places[network.starts[walkers.step]], network.places[network.ends[walkers.step]]
    share = walkers.along_m / network.lengths_m[walkers.step]
    return network.frame.to_degrees(start + share[:, None] * (end - start))


def walk(walkers: Walkers, network: Network, dt_seconds: float, rng: np.random.Generator) -> Walkers:
    """Let everybody walk on for some seconds; who has reached a goal waits there."""
    step, along = walkers.step.copy(), walkers.along_m + walkers.speed_m_s * dt_seconds
    going = np.flatnonzero(along >= network.lengths_m[step])
    while len(going):
        node = network.ends[step[going]]
        there = _is_goal(walkers, going, node)
        along[going[there]] = network.lengths_m[step[going[there]]]
        going, node = going[~there], node[~there]
        along[going] -= network.lengths_m[step[going]]
        step[going] = _next_step(walkers, network, (going, node), rng)
        going = going[along[going] >= network.lengths_m[step[going]]]
    return replace(walkers, step=step, along_m=along)


def head_for(walkers: Walkers, network: Network, who: int, place: tuple[float, float]) -> Walkers:
    """Send one walker the shortest way to the junction or bend nearest to a place (longitude, latitude)."""
    target = network.frame.to_metres(np.array(place))
    way = network.metres_to(int(np.argmin(np.hypot(*(network.places - target).T))))
    free = let_go(walkers, who)
    step, goal, along = free.step.copy(), free.goal.copy(), free.along_m.copy()
    here, length = step[who], network.lengths_m[step[who]]
    if way[network.starts[here]] + along[who] < way[network.ends[here]] + length - along[who]:
        step[who], along[who] = network.back(step[who : who + 1])[0], length - along[who]
    goal[who] = len(free.ways)
    return replace(free, step=step, along_m=along, goal=goal, ways=np.vstack([free.ways, way]))


def let_go(walkers: Walkers, who: int) -> Walkers:
    """Let one walker stroll again."""
    row = walkers.goal[who]
    if row < 0:
        return walkers
    goal = np.where(walkers.goal > row, walkers.goal - 1, walkers.goal)
    goal[who] = -1
    return replace(walkers, goal=goal, ways=np.delete(walkers.ways, row, axis=0))


def arrived(walkers: Walkers, network: Network) -> Flags:
    """Say who stands at the goal (n,)."""
    rows = np.arange(len(walkers.step))
    at_end = walkers.along_m >= network.lengths_m[walkers.step]
    return at_end & _is_goal(walkers, rows, network.ends[walkers.step])


def _is_goal(walkers: Walkers, rows: Ints, nodes: Ints) -> Flags:
    found = np.zeros(len(rows), dtype=np.bool_)
    sent = np.flatnonzero(walkers.goal[rows] >= 0)
    found[sent] = walkers.ways[walkers.goal[rows[sent]], nodes[sent]] == 0
    return found


def _next_step(walkers: Walkers, network: Network, at: tuple[Ints, Ints], rng: np.random.Generator) -> Ints:
    """Choose where those at nodes go on: nearer to the goal, back towards home, or anywhere but back."""
    rows, nodes = at
    choices = network.leaving[nodes]
    beyond = network.ends[choices]
    astray = np.hypot(*(network.places[nodes] - walkers.homes[rows]).T) > LEASH_M
    homeward = np.hypot(*np.moveaxis(network.places[beyond] - walkers.homes[rows][:, None], 2, 0))
    cost = np.where(astray[:, None], homeward, 0.0) + 40.0 * rng.random(choices.shape)
    cost += np.where(choices == network.back(walkers.step[rows])[:, None], 1e6, 0.0)
    sent = np.flatnonzero(walkers.goal[rows] >= 0)
    goal = walkers.goal[rows[sent]][:, None]
    cost[sent] = network.lengths_m[choices[sent]] + walkers.ways[goal, beyond[sent]]
    cost[choices < 0] = np.inf
    return np.take_along_axis(choices, np.argmin(cost, axis=1)[:, None], axis=1)[:, 0]
