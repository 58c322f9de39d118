"""Grids are redrawn all the time while others ask: every answer must be that of the version that was asked."""

import argparse
import asyncio
import faulthandler
import multiprocessing
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from geo.locate import Locator
from geo.point import Point
from tests.support.coverages import Floats, anywhere, at_edges, covering
from tests.support.redraws import LARGE, SMALL, Changes, Town

PROCESSES, READERS = 3, 2  # READERS in each process, beside one who redraws
IN_A_CHAIN = 1000  # redraws one upon the other before the town is taken up from its arrays anew
SIZE, ACROSS = 0.003, 9  # degrees, grids
OLD = 20  # versions kept to be asked again


@dataclass(frozen=True)
class Version:
    """What is published by swapping one reference: a locator, and the ground it must answer for."""

    locator: Locator
    town: Town
    changed: Changes


@dataclass
class Told:
    """What happened, to be counted."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Square:
    """One process's town: `current` is read and swapped, nothing else is shared."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng, self.folder = np.random.default_rng(seed), folder
        middle = self.rng.uniform((-160, -60), (160, 70))
        town = Town.built(self.rng, middle, SIZE, ACROSS)
        self.current = Version(Locator(town.codes, list(town.shapes.values())), town, {})
        self.old = [self.current] * OLD
        self.told = Told()
        self.over = threading.Event()

    def redraw(self) -> None:
        """Redraw until it is over; now and then upon an older version, now and then from arrays in files."""
        number = 0
        while not self.over.is_set():
            acts = LARGE if self.rng.random() < 0.01 else SMALL
            base = self.current if self.rng.random() < 0.95 else self.old[int(self.rng.integers(0, OLD))]
            changes, nodes = acts[int(self.rng.integers(0, len(acts)))](base.town, self.rng)
            locator = base.locator.redrawn(changes)
            number += 1
            if number % IN_A_CHAIN == 0 or len(base.town.shapes) > ACROSS**2 + 20:
                base, locator, changes = self._afresh(number)
                nodes = None
                self.told.counts["starts from arrays"] += 1
            self.current = Version(locator, base.town.after(changes, nodes), changes)
            self.old[number % OLD] = self.current
            self.told.counts["redraws"] += 1
            time.sleep(0.0005)  # lets readers in

    def _afresh(self, number: int) -> tuple[Version, Locator, Changes]:
        """Take up the first layout of the corners as they are now from files mapped read-only."""
        nodes = self.current.town.nodes
        town = Town.built(self.rng, nodes[0, 0], SIZE, ACROSS)
        arrays = Locator(town.codes, list(town.shapes.values())).to_arrays()
        for name, array in arrays.items():
            np.save(self.folder / f"{number}_{name}.npy", array)
        mapped = {
            name: np.load(self.folder / f"{number}_{name}.npy", mmap_mode="r" if array.size else None)
            for name, array in arrays.items()
        }
        locator = Locator.from_arrays(mapped)
        return Version(locator, town, {}), locator, {}

    def read(self, seed: int) -> None:
        """Ask until it is over: the version of the moment, sometimes an older one, near what was redrawn."""
        rng = np.random.default_rng(seed)
        told = self.told
        while not self.over.is_set():
            version = self.current if rng.random() < 0.8 else self.old[int(rng.integers(0, OLD))]
            places = _places(version, rng)
            found = version.locator.locate_many(*places.T).tolist()
            rows = [version.locator.locate(Point(*place)) for place in places[:20].tolist()]
            town = version.town
            expected = covering(version.locator.codes, [town.shapes[code] for code in version.locator.codes], places)
            said = [*found, *(-1 if row is None else row for row in rows)]
            pairs = zip(said, [*expected, *expected[:20]], strict=True)
            told.wrong += [f"{answer} and not {right}" for answer, right in pairs if answer != right]
            told.counts["questions"] += len(found) + len(rows)
            told.counts["of one version"] += 1


def _places(version: Version, rng: np.random.Generator) -> Floats:
    """Choose places at the edges of what was redrawn, and elsewhere."""
    near, whole = ([shape for shape in its.values() if shape] for its in (version.changed, version.town.shapes))
    places = [anywhere(whole, rng, 20), at_edges(whole, rng, 40)]
    places += [at_edges(near, rng, 80), anywhere(near, rng, 40)] if near else []
    return np.ascontiguousarray(np.clip(np.vstack(places), (-180, -90), (180, 90)))


def live(seed: int, seconds: float) -> Told:
    """Let one redraw and some ask, in one process."""
    from geo.warm import warm  # numba looks where kernels are kept when it is loaded

    warm()
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder, ThreadPoolExecutor(1 + READERS) as threads:
        square = Square(seed, Path(folder))
        jobs = [threads.submit(square.redraw)]
        jobs += [threads.submit(square.read, seed * 100 + reader) for reader in range(READERS)]
        until = time.monotonic() + seconds
        while time.monotonic() < until and not any(job.done() for job in jobs):
            time.sleep(0.05)
        square.over.set()
        for job in jobs:
            job.result()
    return square.told


async def redraws(given: argparse.Namespace) -> list[str]:
    """Let several processes do so, say what happened, and return what was answered wrongly."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as processes:
        seeds = range(given.seed, given.seed + PROCESSES)
        jobs = [loop.run_in_executor(processes, live, seed, given.seconds) for seed in seeds]
        told = await asyncio.gather(*jobs)
    counts = sum((one.counts for one in told), Counter[str]())
    wrong = [fault for one in told for fault in one.wrong]
    print(f"{given.seconds:g} s in {PROCESSES} processes, {READERS} ask in each while one redraws, seed {given.seed}")
    print(f"{counts['redraws']} redraws, {counts['starts from arrays']} starts from arrays in files")
    print(f"{counts['questions']} questions in {counts['of one version']} batches, {len(wrong)} wrong answers")
    return wrong
