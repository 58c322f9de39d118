"""The hub: all open streams of this process. What each may see is decided by whoever publishes, row by row."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.sight import Sight
from data.outbox import Cursor
from data.rights import Rights
from data.tokens import Actor
from geo.box import Box

WAITING_AT_MOST = 512
STREAMS_AT_MOST = 20
"""Of one account in one process."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the stream: `data` is JSON text; `cursor` where a client that saw it can go on."""

    event: str
    data: str
    cursor: Cursor | None = None


RELOAD = Message("reload", "{}")


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Put messages of changes into the order of their cursors: a client that breaks off between two goes on there."""
    return sorted(messages, key=lambda message: message.cursor or Cursor(0, 0))


class Stream:
    """One open client. When it reads too slowly it is ended; it comes back with the last cursor it saw.

    `box`: what of the map it looks at, None: all. `seen`: the sight of which it was told last.
    """

    def __init__(self, actor: Actor, box: Box | None = None) -> None:
        self.actor = actor
        self.box = box
        self.seen: Sight | None = None
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self._ended = False

    def push(self, messages: Iterable[Message]) -> None:
        """Hand messages over; a client too far behind is cut off."""
        for message in messages:
            if self._ended:
                return
            if self._queue.qsize() >= WAITING_AT_MOST:
                self.end()
            else:
                self._queue.put_nowait(message)

    def end(self) -> None:
        """Let the reader finish."""
        self._ended = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def next(self) -> Message | None:
        """Wait for a message; None when the stream has ended."""
        return await self._queue.get()


class Hub:
    """Streams by the rights they were opened with: what is read for one is read for all of equal rights."""

    def __init__(self) -> None:
        self._groups: dict[Rights, set[Stream]] = {}

    def __len__(self) -> int:
        return sum(len(streams) for streams in self._groups.values())

    def join(self, actor: Actor, box: Box | None = None) -> Stream:
        """Open a stream; all that is pushed from now on is kept for it."""
        stream = Stream(actor, box)
        self._groups.setdefault(actor.rights, set()).add(stream)
        return stream

    def is_full(self, actor: Actor) -> bool:
        """Say whether an account has as many streams open as one may have."""
        streams = [s for _, group in self.groups() for s in group if s.actor.account_id == actor.account_id]
        return len(streams) >= STREAMS_AT_MOST

    def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        group = self._groups.get(stream.actor.rights, set())
        group.discard(stream)
        if not group:
            self._groups.pop(stream.actor.rights, None)

    def groups(self) -> list[tuple[Rights, Sequence[Stream]]]:
        """Return the open streams by equal rights."""
        return [(rights, list(streams)) for rights, streams in self._groups.items()]

    def end(self) -> None:
        """End every stream; a client comes back with the last cursor it saw and misses nothing."""
        self._end(stream for _, streams in self.groups() for stream in streams)

    def end_of(self, accounts: Collection[UUID | None]) -> None:
        """End the streams of these accounts, whose rights have changed; None among them: everybody's."""
        streams = [stream for _, group in self.groups() for stream in group]
        self._end(s for s in streams if None in accounts or s.actor.account_id in accounts)

    @staticmethod
    def _end(streams: Iterable[Stream]) -> None:
        for stream in streams:
            stream.end()
