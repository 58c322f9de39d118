"""Solvers of others for the matching: on the whole table, or on lists that ours has found to be long enough."""

import time
from collections.abc import Callable, Mapping
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from dispatch.matching import GreatCircle
from geo.movers import toward
from geo.nearest import metres_of

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
DENSE, SPARSE, FLOW, LAPX = "scipy dense", "scipy sparse, our lists", "ortools flow, our lists", "lapx dense"
Total = tuple[int, int]
"""How many are left open, and the millimetres of all others."""
Solve = Callable[[], tuple[float, Total]]
"""Seconds, and what was found."""


def peers(ways: GreatCircle, vectors: Floats, longest: int) -> Mapping[str, Solve]:
    """Return every peer, ready to start; workers stand at `vectors` (n, 3)."""
    rows, metres = ways.nearest(np.arange(len(ways.lng)), longest)
    some, count = rows >= 0, len(vectors)
    incidents, at = np.nonzero(some)
    workers, ways_mm = rows[incidents, at], np.rint(metres[incidents, at] * 1000).astype(np.int64)
    pairs, table = (incidents, workers, ways_mm), _table(ways, vectors)
    return {
        DENSE: lambda: _dense(table),
        SPARSE: lambda: _sparse(pairs, len(table), count),
        FLOW: lambda: _flow(pairs, len(table), count),
        LAPX: lambda: _lapx(table),
    }


def _table(ways: GreatCircle, vectors: Floats) -> Floats:
    """Measure everything: the whole table in millimetres (m, n)."""
    table = np.empty((len(ways.lng), len(vectors)))
    for one, here in enumerate(toward(ways.lng, ways.lat)):
        x, y, z = (vectors - here).T
        table[one] = np.rint(metres_of(x * x + y * y + z * z) * 1000)
    return table


def _dense(table: Floats) -> tuple[float, Total]:
    solve = import_module("scipy.optimize").linear_sum_assignment
    began = time.perf_counter()
    incidents, workers = solve(table)
    took = time.perf_counter() - began
    return took, (len(table) - len(incidents), int(table[incidents, workers].sum()))


def _lapx(table: Floats) -> tuple[float, Total]:
    solve = import_module("lap").lapjv
    began = time.perf_counter()
    _, worker_of, _ = solve(table, extend_cost=True)
    took = time.perf_counter() - began
    sent = np.flatnonzero((worker_of >= 0) & (worker_of < table.shape[1]))
    return took, (len(table) - len(sent), int(table[sent, worker_of[sent]].sum()))


def _sparse(pairs: tuple[Longs, Longs, Longs], m: int, n: int) -> tuple[float, Total]:
    """Add a column for each incident in which it stays open; one to each way, as 0 means no pair here."""
    matrix = import_module("scipy.sparse").csr_array
    solve = import_module("scipy.sparse.csgraph").min_weight_full_bipartite_matching
    incidents, workers, ways_mm = pairs
    price = float(ways_mm.max(initial=0) * m + 1)
    began = time.perf_counter()
    values = np.concatenate([ways_mm + 1.0, np.full(m, price)])
    rows, columns = np.concatenate([incidents, np.arange(m)]), np.concatenate([workers, n + np.arange(m)])
    priced = matrix((values, (rows, columns)), shape=(m, n + m))
    found = solve(priced)[1]
    took = time.perf_counter() - began
    sent = np.flatnonzero(found < n)
    total = sum(float(priced[one, found[one]]) - 1 for one in sent)
    return took, (m - len(sent), int(total))


def _flow(pairs: tuple[Longs, Longs, Longs], m: int, n: int) -> tuple[float, Total]:
    """Let one flow from each incident to the sink, by way of a worker or straight, at the price of staying open."""
    flow = import_module("ortools.graph.python.min_cost_flow").SimpleMinCostFlow()
    incidents, workers, ways_mm = pairs
    price, sink = int(ways_mm.max(initial=0)) * m + 1, m + n
    began = time.perf_counter()
    met = np.unique(workers)
    add = flow.add_arcs_with_capacity_and_unit_cost
    add(incidents, m + workers, np.ones(len(incidents), np.int64), ways_mm)
    add(m + met, np.full(len(met), sink), np.ones(len(met), np.int64), np.zeros(len(met), np.int64))
    straight = add(np.arange(m), np.full(m, sink), np.ones(m, np.int64), np.full(m, price))
    flow.set_nodes_supplies(np.append(np.arange(m), sink), np.append(np.ones(m, np.int64), -m))
    solved = flow.solve()
    took = time.perf_counter() - began
    if solved != flow.OPTIMAL:
        return took, (m, -1)
    left_open = int(flow.flows(straight).sum())
    return took, (left_open, int(flow.optimal_cost()) - left_open * price)
