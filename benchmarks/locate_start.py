"""Building the index of a set, saving its arrays, starting processes from them, and the memory all this takes.

Run as a program it is such a process: `python -m benchmarks.locate_start FOLDER mapped|read` prints what it saw.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.ground import Ground
from benchmarks.rows import Limit, Row, Side
from geo.locate import Locator

ROOT = Path(__file__).resolve().parents[1]
MAPPED, READ = "mapped", "read"
GOALS: Mapping[str, Mapping[str, tuple[Limit, Limit]]] = {
    "nation": {
        "build": (Limit("≤", 20), Limit("≤", 5)),
        "start": (Limit("≤", 2), Limit("≤", 0.5)),
        "memory": (Limit("≤", 3.5), Limit("≤", 1)),
    }
}
BUILD = "From shapely polygons to the first answer; every other part of the process stands still."
START = (
    "A process of its own that has loaded its libraries and its compiled kernels: maps the saved arrays (numpy, files in "
    "the page cache), makes the index of them, and has located one point."
)
WHOLE = "The same, from the start of Python: imports, kernels from their cache, arrays, one point."
MEMORY = (
    "By how much the resident memory of a process grows that reads all arrays into its own memory, makes the index of "
    "them, and locates all points."
)
SHARED = "As above, of a process that maps the arrays: what it shares with others, and what is its own."
NO_GOALS = (None, None)


async def measure(size: str, ground: Ground, locator: Locator, folder: Path, repetitions: int) -> list[Row]:
    """Measure building (on all cores and on one) and starting; `locator` is an index of the set, `folder` empty."""
    goals = GOALS.get(size, {})
    expected = locator.locate_many(ground.lng, ground.lat)
    built = {threads: [_build(ground, threads, expected) for _ in range(repetitions)] for threads in (2, 1)}
    rows = []
    for threads, runs in built.items():
        must, aim = goals.get("build", NO_GOALS) if threads == 2 else NO_GOALS
        took = [seconds for seconds, _ in runs]
        unlike = sum(wrong for _, wrong in runs)
        figure = f"build, {threads} thread{'s' * (threads > 1)}"
        rows.append(Row(size, figure, "s", Side("ours", took, took), None, must, aim, unlike, BUILD))
    arrays, saved = _save(ground, locator, folder)
    rows.append(Row(size, "arrays saved", "GB", Side("ours", [arrays / 1e9], [saved])))
    starts = [await _start(folder, MAPPED) for _ in range(repetitions)]
    return [*rows, *_rows(size, starts, [await _start(folder, READ)], expected, folder)]


def _build(ground: Ground, threads: int, expected: NDArray[np.int32]) -> tuple[float, int]:
    gc.collect()
    began = time.perf_counter()
    locator = Locator(ground.codes, ground.shapes, threads=threads)
    locator.locate_many(ground.lng[:1], ground.lat[:1])
    took = time.perf_counter() - began
    return took, int(np.count_nonzero(locator.locate_many(ground.lng, ground.lat) != expected))


def _save(ground: Ground, locator: Locator, folder: Path) -> tuple[int, float]:
    """Write the arrays and the points; return the bytes of the arrays and the seconds of writing them."""
    folder.joinpath("arrays").mkdir(parents=True)
    began = time.perf_counter()
    arrays = locator.to_arrays()
    for name, array in arrays.items():
        np.save(folder / "arrays" / f"{name}.npy", array)
    took = time.perf_counter() - began
    np.save(folder / "points.npy", np.stack([ground.lng, ground.lat]))
    return sum(array.nbytes for array in arrays.values()), took


def _rows(
    size: str, mapped: list[dict[str, Any]], read: list[dict[str, Any]], expected: NDArray[np.int32], folder: Path
) -> list[Row]:
    goals = GOALS.get(size, {})
    unlike = sum(int(np.count_nonzero(np.load(folder / f"found-{mode}.npy") != expected)) for mode in (MAPPED, READ))
    start = [run["start"] for run in mapped]

    def grown(runs: list[dict[str, Any]], what: str) -> Side:
        return Side("ours", [run[what] / 1e9 for run in runs], [run["start"] for run in runs])

    whole = Side("ours", [run["whole"] for run in mapped], [run["whole"] for run in mapped])
    begun = Side("ours", start, start)
    (start_must, start_aim), (must, aim) = goals.get("start", NO_GOALS), goals.get("memory", NO_GOALS)
    return [
        Row(size, "start from saved arrays", "s", begun, None, start_must, start_aim, unlike, START),
        Row(size, "start of a process", "s", whole, how=WHOLE),
        Row(size, "memory", "GB", grown(read, "grown"), None, must, aim, how=MEMORY),
        Row(size, "memory mapped, in all", "GB", grown(mapped, "grown"), how=SHARED),
        Row(size, "memory mapped, its own", "GB", grown(mapped, "own"), how=SHARED),
    ]


async def _start(folder: Path, mode: str) -> dict[str, Any]:
    """Start a process from the saved arrays and return what it saw, and how long it took until its first answer."""
    command = [sys.executable, "-m", "benchmarks.locate_start", str(folder), mode]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    seen: dict[str, Any] = json.loads(ended.stdout)
    return seen


def _memory() -> dict[str, int]:
    """Read how many bytes of this process are in memory, and how many of them are its own; on Linux."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, file, shared = (int(lines[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile", "RssShmem"))
    return {"grown": own + file + shared, "own": own}


def _process_s() -> float:
    """Say how many seconds ago this process began; on Linux."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def main(folder: Path, mode: str) -> None:
    """Be a process that starts from saved arrays."""
    small = Locator(["a", "b"], [shapely.box(8, 47, 8.001, 47.001), shapely.box(8.001, 47, 8.002, 47.001)])
    Locator.from_arrays(small.to_arrays()).locate_many(np.array([8.0005] * 100), np.array([47.0005] * 100))
    lng, lat = np.load(folder / "points.npy")
    gc.collect()
    before = _memory()
    began = time.perf_counter()
    map_mode: Literal["r"] | None = "r" if mode == MAPPED else None
    arrays = {file.stem: np.load(file, mmap_mode=map_mode) for file in (folder / "arrays").glob("*.npy")}
    locator = Locator.from_arrays(arrays)
    locator.locate_many(lng[:1], lat[:1])
    took, whole = time.perf_counter() - began, _process_s()
    found = locator.locate_many(lng, lat)
    after = _memory()
    np.save(folder / f"found-{mode}.npy", found)
    print(json.dumps({"start": took, "whole": whole, **{name: after[name] - before[name] for name in before}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
