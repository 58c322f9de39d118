"""The hub: each change is read and encoded once in a process and handed to every open stream it concerns."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from data.outbox import Cursor
from data.store import Reader
from data.tokens import Actor, ActorKind

WAITING_AT_MOST = 512


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the stream: `data` is JSON text; `cursor` where a client that saw it can go on."""

    event: str
    data: str
    cursor: str | None = None
    worker_id: UUID | None = None
    """Whose it is; None for the command centre."""

    def concerns(self, actor: Actor) -> bool:
        """Say whether somebody may see it."""
        if actor.kind is ActorKind.DISPATCHER:
            return self.worker_id is None
        return actor.worker_id is not None and actor.worker_id == self.worker_id


RELOAD = Message("reload", "{}")


async def read(reader: Reader, incidents: Mapping[UUID, Cursor], tasks: Mapping[UUID, Cursor]) -> list[Message]:
    """Read how changed incidents and tasks stand now; each message carries the place of its subject's last change."""
    rows = await reader.board.rows(incidents) if incidents else {}
    mine = await reader.board.tasks(tasks) if tasks else {}
    return [
        *(Message("incident", rows[id_], str(at)) for id_, at in incidents.items() if id_ in rows),
        *(Message("task", mine[id_][1], str(at), mine[id_][0]) for id_, at in tasks.items() if id_ in mine),
    ]


class Stream:
    """One open client. When it reads too slowly it is ended; it comes back with the last cursor it saw."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self._ended = False

    def push(self, message: Message) -> None:
        """Hand over a message; a client too far behind is cut off."""
        if self._ended or not message.concerns(self.actor):
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
    """All open streams of this process."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()

    def __len__(self) -> int:
        return len(self._streams)

    def join(self, actor: Actor, first: Iterable[Message] = ()) -> Stream:
        """Open a stream; what comes `first` and all messages from now on are kept for it."""
        stream = Stream(actor)
        for message in first:
            stream.push(message)
        self._streams.add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        self._streams.discard(stream)

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages to every stream they concern."""
        for message in messages:
            for stream in self._streams:
                stream.push(message)

    def end(self) -> None:
        """End every stream; a client comes back with the last cursor it saw and misses nothing."""
        for stream in self._streams:
            stream.end()
