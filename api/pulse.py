"""The pulse: what moves and what is counted, told once a second to each group of equal rights."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.hub import Hub, Message
from api.shown import figures, workers
from data.person import anybody_with
from data.rights import Permission, Rights
from data.store import Store
from dispatch.city import City

COUNTED_EVERY_S = 10.0
"""What grows overdue, and the day, change without an incident being touched."""


@dataclass(slots=True)
class Told:
    """What one group was last told, and what is counted for it until something changes."""

    workers: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    figures: str = ""
    counted: Mapping[str, Any] = field(default_factory=dict)
    counted_until: float = 0.0


class Pulse:
    """What each group of equal rights was last told. A group is forgotten when its last stream has gone."""

    def __init__(self) -> None:
        self._told: dict[Rights, Told] = {}

    def touch(self, groups: Iterable[Rights]) -> None:
        """Have these groups counted anew at the next beat."""
        for rights in groups:
            if rights in self._told:
                self._told[rights].counted_until = 0.0

    async def beat(self, hub: Hub, city: City, store: Store) -> None:
        """Tell every group that watches incidents what differs from the last time."""
        groups = [(rights, streams) for rights, streams in hub.groups() if rights.may(Permission.INCIDENT_VIEW)]
        self._told = {rights: self._told.get(rights) or Told() for rights, _ in groups}
        if not groups:
            return
        async with store.watcher() as look:
            now = await look.board.now()
        for rights, streams in groups:
            await self._count(rights, store)
            messages = self._differing(rights, city, now)
            for stream in streams:
                stream.push(messages)

    async def _count(self, rights: Rights, store: Store) -> None:
        told, now = self._told[rights], asyncio.get_running_loop().time()
        if now < told.counted_until and told.counted:
            return
        told.counted_until = now + COUNTED_EVERY_S  # before the look: what is touched meanwhile is counted again
        async with store.reader(anybody_with(rights)) as reader:
            told.counted = await reader.board.figures()

    def _differing(self, rights: Rights, city: City, now: datetime) -> list[Message]:
        told, rows = self._told[rights], {row["id"]: row for row in workers(city, rights, now)}
        moved = [row for id_, row in rows.items() if row != told.workers.get(id_)]
        counts = json.dumps(figures(city, rights, now, told.counted))
        messages = [Message("workers", json.dumps(moved))] if moved else []
        if counts != told.figures:
            messages.append(Message("figures", counts))
        told.workers, told.figures = rows, counts
        return messages

    def last(self, rights: Rights) -> list[Message]:
        """Return what the last beat left on every map of these rights: whoever joins is told only what differs."""
        told = self._told.get(rights) or Told()
        messages = [Message("workers", json.dumps([*told.workers.values()]))] if told.workers else []
        return [*messages, Message("figures", told.figures)] if told.figures else messages
