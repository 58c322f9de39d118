"""Open streams: an offer on the phone of whoever gets it, and a thousand viewers beside some who never read."""

import asyncio
import contextlib
import re
import socket
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.door import Door
from benchmarks.once_town import Ground, Server, doors, reports, servers
from benchmarks.rows import Row, Side, at_most, quantile
from tests.support.client import until

OFFERS_PER_S, OFFER_SOON_MS = 50.0, 250.0
EVENTS_PER_S, EVENT_SOON_MS = 5.0, 300.0
OF_ONE_ACCOUNT = 20
"""Streams one account may have open in a process (`api/hub.py`)."""
SEEN_WITHIN_S = 3.0
GROWS_AT_MOST_MB = 50.0
DEAF_CUT_WITHIN_S = 45.0
BURST, LONG, GO_ON = 800, "吵" * 3_900, 20
"""Events of about 12 kB that fill what the system keeps for a socket nobody reads: up to 4 MB each. Twenty viewers go on."""
EVENT = re.compile(rb'event: (incident|task)\r?\ndata: \{"id": ?"([0-9a-f-]{36})"')
OFFERED = (
    f"{OFFERS_PER_S:g} reports/s over one connection, one stream for each worker, two server processes; from sending the "
    "report until the task is on the stream of the worker who got it. Missing ones count as wrong."
)
WATCHED = (
    f"One server process, {OF_ONE_ACCOUNT} streams of each of so many duty chiefs; reports at {EVENTS_PER_S:g}/s over one "
    "connection; from sending a report until its event is there, over all streams. An event that a viewer did not get "
    "counts as wrong. Memory is what the server holds after the events, above what it held with all streams just open. "
    "Those who never read have a receive buffer of 4 kB; after the events all but twenty viewers leave, and a burst of "
    "long reports fills what the system keeps for them."
)


@dataclass
class Ears:
    """Streams that are read; when each first heard of each incident or task."""

    heard: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    ended: int = 0
    _doors: list[Door] = field(default_factory=list)
    _reading: list["asyncio.Task[None]"] = field(default_factory=list)

    async def open(self, served: Sequence[Server], tokens: Sequence[str]) -> None:
        """Open one stream for each token, shared out among the servers."""
        for row, token in enumerate(tokens):
            door = await Door.open(served[row % len(served)].port, token)
            self._doors.append(door)
            self._reading.append(asyncio.create_task(self._read(row, door)))
        await asyncio.sleep(1.0)

    async def _read(self, row: int, door: Door) -> None:
        waiting = b""
        async for part in door.raw("/api/live"):
            waiting += part
            for found in EVENT.finditer(waiting):
                self.heard[found[2].decode()].setdefault(row, time.perf_counter())
            waiting = waiting.rpartition(b"\n\n")[2]
        self.ended += 1

    async def close(self, but: int = 0) -> None:
        """Hang up, all but so many."""
        reading, self._reading = self._reading[but:], self._reading[:but]
        opened, self._doors = self._doors[but:], self._doors[:but]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        for door in opened:
            with contextlib.suppress(OSError):
                await door.close()


async def offers(town: Ground, phones: int, seconds: float) -> list[Row]:
    """Measure from a report to the offer on the stream of the worker who got it."""
    ids = [row["id"] for row in await town.owner.fetch("SELECT id FROM worker ORDER BY code LIMIT $1", phones)]
    tokens = [await town.place.token("worker", worker_id=id_) for id_ in ids]
    async with servers(town, 2) as served:
        ears, [door] = Ears(), await doors(served, 1, town.token)
        await ears.open(served, tokens)
        sent: dict[str, float] = {}
        for began, text in await _at_pace(door, OFFERS_PER_S, seconds):
            at = text.find(b'"tasks":[{"id":"') + len(b'"tasks":[{"id":"')
            sent[text[at : at + 36].decode()] = began
        await asyncio.sleep(SEEN_WITHIN_S)
        await ears.close()
        await door.close()
    ways = [min(ears.heard[id_].values()) - began for id_, began in sent.items() if id_ in ears.heard]
    missing = sum(id_ not in ears.heard for id_ in sent) + ears.ended
    case = f"report to offer on the worker's stream, {OFFERS_PER_S:g}/s"
    return [
        Row(case, name, "ms", quantile("ours", [ways or [np.nan]], q), must=must, differing=missing, how=OFFERED)
        for name, q, must in (("p50", 0.5, None), ("p99", 0.99, at_most(OFFER_SOON_MS)))
    ]


async def viewers(town: Ground, sizes: tuple[int, int], seconds: float) -> list[Row]:
    """Measure many viewers of equal rights, beside some who never read."""
    many, deaf_ones = sizes
    accounts = [await town.place.token("duty_chief") for _ in range(-(-(many + deaf_ones) // OF_ONE_ACCOUNT))]
    tokens = [accounts[row // OF_ONE_ACCOUNT] for row in range(many + deaf_ones)]
    async with servers(town, 1) as served:
        ears, [door] = Ears(), await doors(served, 1, town.token)
        await ears.open(served, tokens[:many])
        deaf = [_deaf(served[0].port, token) for token in tokens[many:]]
        held = served[0].resident_mb()
        sent = [(_id_in(text), began) for began, text in await _at_pace(door, EVENTS_PER_S, seconds)]
        await asyncio.sleep(SEEN_WITHIN_S)
        await door.close()
        ways = [at - began for id_, began in sent for at in ears.heard[id_].values()]
        missing = sum(many - len(ears.heard[id_]) for id_, _ in sent)
        grown = served[0].resident_mb() - held
        await ears.close(but=GO_ON)
        cut = await _cut(town, served, deaf) if deaf_ones else 0
        missing += ears.ended
        await ears.close()
        for one in deaf:
            one.close()
    case = f"{many} viewers at {EVENTS_PER_S:g} events/s"

    def side(value: float) -> Side:
        return Side("ours", [value], [seconds])

    return [
        Row(case, "p50", "ms", quantile("ours", [ways], 0.5), differing=missing, how=WATCHED),
        Row(
            case,
            "p99",
            "ms",
            quantile("ours", [ways], 0.99),
            must=at_most(EVENT_SOON_MS),
            differing=missing,
            how=WATCHED,
        ),
        Row(case, "streams cut that never read", "", side(cut), differing=deaf_ones - cut, how=WATCHED),
        Row(case, "memory grown by", "MB", side(grown), must=at_most(GROWS_AT_MOST_MB), how=WATCHED),
    ]


async def _at_pace(door: Door, per_s: float, seconds: float) -> list[tuple[float, bytes]]:
    """Report at a steady pace; return when each was sent and what was answered."""
    drawn, answers, start = reports(31), [], time.perf_counter()
    for number in range(max(2, round(per_s * seconds))):
        await asyncio.sleep(max(0.0, start + number / per_s - time.perf_counter()))
        began = time.perf_counter()
        status, text = await door.ask("POST", "/api/incidents", drawn.draw("noise"))
        if status != 201:
            raise RuntimeError(f"a report was answered {status}: {text[:200]!r}")
        answers.append((began, text))
    return answers


def _id_in(text: bytes) -> str:
    at = text.find(b'"id":"') + 6
    return text[at : at + 36].decode()


def _deaf(port: int, token: str) -> socket.socket:
    """Ask for a stream and never read it."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET /api/live HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    return line


async def _cut(town: Ground, served: list[Server], deaf: list[socket.socket]) -> int:
    """Fill what is kept for those who do not read; return how many of them the server has hung up on then."""
    opened, drawn = await doors(served, 8, town.token), reports(32)
    left = iter(range(BURST))

    async def some(door: Door) -> None:
        for _ in left:
            await door.ask("POST", "/api/incidents", drawn.draw("noise") | {"description": LONG})

    await asyncio.gather(*(some(door) for door in opened))
    for door in opened:
        await door.close()
    with contextlib.suppress(TimeoutError):
        await until(lambda: all([_is_cut(one) for one in deaf]), DEAF_CUT_WITHIN_S)
    return sum(_is_cut(one) for one in deaf)


def _is_cut(line: socket.socket) -> bool:
    """Say whether the server has let a line go, without reading anything that came over it: then it refuses what is sent."""
    line.settimeout(0)
    try:
        line.send(b"\r\n")
    except (ConnectionResetError, BrokenPipeError):
        return True
    return False
