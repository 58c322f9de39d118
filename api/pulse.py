"""The pulse: what moves and what is counted, told once a second to each group of equal rights."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.hub import Hub, Message, Stream
from api.shown import figures
from api.sight import Sight
from data.person import anybody_with
from data.rights import Permission, Rights
from data.store import Store
from dispatch.city import City
from geo.box import Box

COUNTED_EVERY_S = 10.0
"""What grows overdue, and the day, change without an incident being touched."""
WRITTEN_AT_ONCE = 250
"""Workers, before somebody else is let in: half a millisecond."""

type Told = dict[tuple[Sight | None, Rights, Box | None], Message | None]


@dataclass(slots=True)
class Counts:
    """The figures one group was last told, and what is counted for it until something changes."""

    figures: str = ""
    counted: Mapping[str, Any] = field(default_factory=dict)
    counted_until: float = 0.0


class Pulse:
    """What each group of equal rights was last told. A group is forgotten when its last stream has gone."""

    def __init__(self) -> None:
        self._counts: dict[Rights, Counts] = {}
        self._sight: Sight | None = None

    def touch(self, groups: Iterable[Rights]) -> None:
        """Have these groups counted anew at the next beat."""
        for rights in groups:
            if rights in self._counts:
                self._counts[rights].counted_until = 0.0

    async def beat(self, hub: Hub, city: City, store: Store) -> None:
        """Tell every group that watches incidents what differs from the last time."""
        groups = [(rights, streams) for rights, streams in hub.groups() if rights.may(Permission.INCIDENT_VIEW)]
        self._counts = {rights: self._counts.get(rights) or Counts() for rights, _ in groups}
        if not groups:
            self._sight = None
            return
        async with store.watcher() as look:
            now = await look.board.now()
        if self._sight is not None:
            self._sight.let_go()
        self._sight = Sight(city, now)
        written: Told = {}
        for rights, streams in groups:
            await self._count(rights, store)
            counts = self._figures(rights, self._sight)
            for stream in streams:
                await self._tell(stream, self._sight, written)
                stream.push(counts)

    async def _count(self, rights: Rights, store: Store) -> None:
        counts, now = self._counts[rights], asyncio.get_running_loop().time()
        if now < counts.counted_until and counts.counted:
            return
        counts.counted_until = now + COUNTED_EVERY_S  # before the look: what is touched meanwhile is counted again
        async with store.reader(anybody_with(rights)) as reader:
            counts.counted = await reader.board.figures()

    def _figures(self, rights: Rights, sight: Sight) -> list[Message]:
        counts = self._counts[rights]
        text = json.dumps(figures(sight, rights, counts.counted))
        differ, counts.figures = text != counts.figures, text
        return [Message("figures", text)] if differ else []

    async def _tell(self, stream: Stream, sight: Sight, written: Told) -> None:
        """Tell a stream who moved since it was told last; what several are told is written once."""
        before = stream.seen
        key = (before, stream.actor.rights, stream.box)
        if key not in written:
            rows = sight.told(stream.actor.rights, stream.box, before)
            first = before is None and stream.box is not None
            written[key] = Message("workers", await _text(sight, rows)) if rows.size or first else None
        message = written[key]
        if stream.seen is before:
            stream.seen = sight
            stream.push([message] if message else [])

    async def greet(self, stream: Stream) -> None:
        """Tell who joins what the last beat left on every map of these rights; from then on only what differs."""
        rights, sight = stream.actor.rights, self._sight
        if sight is None or stream.seen is not None or rights not in self._counts:
            return
        text = self._counts[rights].figures
        stream.push([Message("figures", text)] if text else [])
        await self._tell(stream, sight, {})


async def _text(sight: Sight, rows: NDArray[np.int64]) -> str:
    """Write workers in small parts, so that nobody waits for all of them."""
    parts: list[str] = []
    for start in range(0, len(rows), WRITTEN_AT_ONCE):
        parts += [sight.text(row) for row in rows[start : start + WRITTEN_AT_ONCE].tolist()]
        await asyncio.sleep(0)
    return f"[{','.join(parts)}]"
