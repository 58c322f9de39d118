"""Live publishing to many of different rights: from a report to its event at the one grid leader whom it concerns."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.door import Door
from benchmarks.reports import draw, file
from benchmarks.rows import Row, Side, interleave, quantile
from benchmarks.town import Bed, Served, duty_chief
from data.accounts import Accounts
from data.demo.reports import Report
from data.schema import new_id
from data.store import transaction
from data.tokens import TokenKind, Tokens

REPORTS_PER_S = 5.0
SEEN_WITHIN_S = 2.0
ONE_GROUP = "one group"
GRIDS = """
    SELECT g.area_id, g.code FROM grid g WHERE g.layer = 'governance' AND g.valid @> now() ORDER BY g.code LIMIT $1
"""
HOW = (
    f"Reports at {REPORTS_PER_S:g}/s over one connection, one stream for each grid leader; the peer is as many streams "
    "of a person of the whole town: one group of equal rights. Foreign events and missing ones count as differing."
)
QUIET = "The server's process while nothing is reported and nobody moves: what a second's pulse costs."


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many watch, how many reports they watch, and for how many seconds nothing happens before."""

    leaders: int
    reports: int
    quiet_s: float


@dataclass(slots=True)
class Ears:
    """Streams that are open, one for each grid watched; when each heard of each incident."""

    tokens: Sequence[str]
    heard: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    listening: list["asyncio.Task[None]"] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)

    async def open(self, served: Served) -> None:
        """Open all streams."""
        self.doors = [await Door.open(served.port, token) for token in self.tokens]
        self.listening = [asyncio.create_task(self._listen(row, door)) for row, door in enumerate(self.doors)]
        await asyncio.sleep(1.0)

    async def _listen(self, row: int, door: Door) -> None:
        async for event, given in door.follow("/api/live"):
            if event == "incident":
                self.heard[given["id"]].setdefault(row, time.perf_counter())

    async def close(self) -> None:
        """Hang up; a stream that ended by itself is a fault."""
        ended = [task for task in self.listening if task.done()]
        for task in self.listening:
            task.cancel()
        await asyncio.gather(*self.listening, return_exceptions=True)
        for door in self.doors:
            await door.close()
        if ended:
            raise RuntimeError(f"{len(ended)} streams ended before their time")


@dataclass(frozen=True, slots=True)
class Watched:
    """One repetition: seconds from sending and from the 201 to the event, what was missed or foreign, quiet CPU."""

    from_sending: list[float]
    from_answer: list[float]
    wrong: int
    quiet: float


async def measure(place: Bed, served: Served, size: Sizes, repetitions: int) -> list[Row]:
    """Watch with grid leaders of different grids, first while nothing happens, then while reports come in."""
    codes, tokens = await _leaders(place, size.leaders)
    alike = await _officers(place, len(tokens))
    sides = {
        "ours": partial(_watch, place, served, codes, tokens, size),
        ONE_GROUP: partial(_watch, place, served, codes, alike, size, alike=True),
    }
    found = await interleave(sides, repetitions)
    ours, group = found["ours"], found[ONE_GROUP]
    case, wrong = f"live, {len(codes)} groups of rights", sum(one.wrong for one in (*ours, *group))
    rows = []
    for name, part in (("from sending", "from_sending"), ("from the 201", "from_answer")):
        for figure, q in (("p50", 0.5), ("p95", 0.95)):
            mine, peer = (
                quantile(side, [getattr(one, part) for one in runs], q)
                for side, runs in (("ours", ours), (ONE_GROUP, group))
            )
            rows.append(Row(case, f"{figure} {name}", "ms", mine, peer, differing=wrong, how=HOW))
    quiet, quieter = (
        Side(name, [one.quiet * 100 for one in runs], [size.quiet_s] * len(runs))
        for name, runs in (("ours", ours), (ONE_GROUP, group))
    )
    return [*rows, Row(case, "server's CPU while nothing happens", "%", quiet, quieter, how=QUIET)]


async def _leaders(place: Bed, count: int) -> tuple[list[str], list[str]]:
    """Give an account of a grid leader for each of so many grids; return the grids' codes and the tokens."""
    grids = await place.owner.fetch(GRIDS, count)
    tokens = []
    async with transaction(place.url("wangge_owner")) as connection:
        accounts = Accounts(connection)
        for row in grids:
            id_ = await accounts.add(f"bench-{new_id().hex}", "bench", None, None)
            assert id_ is not None, "a login of its own"
            await accounts.give_role(id_, "grid_leader", administrator=False, area_id=row["area_id"], layer=None)
            token, _ = await Tokens(connection).issue(id_, TokenKind.PROGRAM, 1)
            tokens.append(token)
    return [row["code"] for row in grids], tokens


async def _officers(place: Bed, count: int) -> list[str]:
    """Give so many accounts equal rights in the whole town; return their tokens."""
    async with transaction(place.url("wangge_owner")) as connection:
        ids = [await duty_chief(connection) for _ in range(count)]
        return [(await Tokens(connection).issue(id_, TokenKind.PROGRAM, 1))[0] for id_ in ids]


async def _watch(
    place: Bed, served: Served, codes: list[str], tokens: list[str], size: Sizes, *, alike: bool = False
) -> Watched:
    await place.finish_all()
    ears = Ears(tokens)
    await ears.open(served)
    before = served.cpu()
    await asyncio.sleep(size.quiet_s)
    quiet = (served.cpu() - before) / size.quiet_s
    door = await served.door()
    told = await _report(door, draw(place.made, size.reports, 13))
    row_of = {code: row for row, code in enumerate(codes)}
    wanted = {id_: row_of[code] for id_, (code, _, _) in told.items() if code in row_of}
    await asyncio.sleep(SEEN_WITHIN_S)
    await door.close()
    await ears.close()
    heard = {id_: ears.heard[id_][row] for id_, row in wanted.items() if row in ears.heard[id_]}
    foreign = sum(row != wanted.get(id_) for id_ in told for row in ears.heard[id_]) if not alike else 0
    return Watched(
        [at - told[id_][1] for id_, at in heard.items()],
        [max(0.0, at - told[id_][2]) for id_, at in heard.items()],
        len(wanted) - len(heard) + foreign,
        quiet,
    )


async def _report(door: Door, told: list[Report]) -> dict[str, tuple[str | None, float, float]]:
    """File reports at an even pace; return by id the grid's code, when it was sent and when it was answered."""
    found, start = {}, time.perf_counter()
    for number, one in enumerate(told):
        await asyncio.sleep(max(0.0, start + number / REPORTS_PER_S - time.perf_counter()))
        sent = time.perf_counter()
        given = await file(door, one)
        found[given["id"]] = (given["grid"] and given["grid"]["code"], sent, time.perf_counter())
    return found
