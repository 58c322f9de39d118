"""The live stream (server-sent events) and the board it continues."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from api.deps import Reading, TheCity, permitted, process_of, token_of
from api.errors import DoorError
from api.hub import RELOAD, Message, Stream
from api.process import FAILURES, Process
from api.routes.answers import PROBLEMS, json_text
from api.shown import figures, missed, workers
from api.sight import Sight
from data.outbox import Cursor, latest
from data.rights import Permission
from data.tokens import Actor
from geo.box import Box

router = APIRouter(prefix="/api", tags=["live"], responses=PROBLEMS)
Onlooker = Annotated[Actor, permitted(Permission.INCIDENT_VIEW)]
Listener = Annotated[Actor, permitted(Permission.INCIDENT_VIEW, Permission.TASK_ANSWER)]
REPLAYED_AT_MOST = 500
KEEP_ALIVE_S = 15.0
ASK_AGAIN_S = 30.0
RETRY_MS = 1000
UNBUFFERED = {"cache-control": "no-cache", "x-accel-buffering": "no"}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events: incident, task, workers, figures, reload", "content": {"text/event-stream": {}}}
}


@router.get("/board")
async def board(request: Request, actor: Onlooker, reading: Reading, city: TheCity) -> Response:
    """Give everything the command map shows of what one may see, and the cursor from which `/api/live` continues it."""
    process, look = process_of(request), reading.board
    cursor, now, names = await reading.horizon(), await look.now(), await look.worker_names()
    seen = [(UUID(row["id"]), row) for row in workers(city, actor.rights, now)]
    more = {
        "cursor": str(cursor),
        "now": now,
        "may": list(actor.rights.held),
        "town": await process.town(reading),
        "figures": figures(Sight(city, now), actor.rights, await look.figures()),
        "categories": await look.categories(),
        "grids": await look.grid_counts(actor.rights.first_layer(Permission.GROUND_VIEW)),
        "workers": [names[id_] | row for id_, row in seen if id_ in names],
        "unseen": [{"id": id_} | names[id_] for id_ in names.keys() - {id_ for id_, _ in seen}],
    }
    return json_text({"incidents": await look.open_incidents()}, more)


Sides = Annotated[str | None, Query(max_length=120, description="west,south,east,north in WGS 84 degrees")]


async def _box(box: Sides = None) -> Box | None:
    found = None if box is None else Box.read(box)
    if box is not None and found is None:
        raise DoorError(422, "invalid_request", errors=[{"field": "box", "problem": "no_box"}])
    return found


@router.get("/live", response_class=StreamingResponse, responses=EVENTS)
async def live(
    request: Request,
    actor: Listener,
    box: Annotated[Box | None, Depends(_box)],
    after: Annotated[str | None, Query(max_length=64)] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> StreamingResponse:
    """Follow what changes. `Last-Event-ID` (or `after`) resumes without a gap; `reload` asks to fetch anew.

    With a `box` only moves within, into and out of it are told; changes of state are told wherever they are.
    """
    process, token = process_of(request), token_of(request) or ""
    if process.hub.is_full(actor):
        raise DoorError(429, "too_many_requests", retry_after=30)

    async def is_good() -> bool:
        try:
            return await process.store.who(token) == actor
        except FAILURES:  # nobody can say now; without a database nothing is sent, and it is asked again
            return True

    sent = _sent(process, actor, box, last_event_id or after, is_good)
    return StreamingResponse(sent, headers=UNBUFFERED, media_type="text/event-stream")


async def _sent(
    process: Process, actor: Actor, box: Box | None, given: str | None, is_good: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    """Write the stream until the client or the server goes; FastAPI's own writer logs a fault when a client goes."""
    stream = process.hub.join(actor, box)
    try:
        if not await is_good():  # it changed between being asked and being heard
            return
        await process.pulse.greet(stream)
        for message in await _missed(process, actor, given):
            yield _written(message)
        async for written in _following(stream, is_good):
            yield written
    finally:
        process.hub.leave(stream)


async def _following(stream: Stream, is_good: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """Write what comes; the stream ends once its token, asked for again and again, opens nothing."""
    loop = asyncio.get_running_loop()
    asked = loop.time()
    while True:
        try:
            message = await asyncio.wait_for(stream.next(), KEEP_ALIVE_S)
            if message is None:
                return
            written, quiet = _written(message), False
        except TimeoutError:
            written, quiet = KEEPALIVE_COMMENT, True
        if quiet or loop.time() - asked >= ASK_AGAIN_S:
            if not await is_good():
                return
            asked = loop.time()
        yield written


async def _missed(process: Process, actor: Actor, given: str | None) -> list[Message]:
    """Return what came after a cursor as it stands now; a reload where there is too much or no such cursor."""
    if given is None:
        return []
    cursor = Cursor.parse(given)
    if cursor is None:
        return [RELOAD]
    async with process.store.watcher() as look:
        ahead = cursor.xid > (await look.horizon()).xid or await look.forgotten(cursor)
        events = await look.events(cursor, REPLAYED_AT_MOST + 1)
    if ahead or len(events) > REPLAYED_AT_MOST:
        return [RELOAD]
    return await missed(actor, latest(events, "incident"), latest(events, "task"), process.store)


def _written(message: Message) -> bytes:
    cursor = None if message.cursor is None else str(message.cursor)
    return format_sse_event(data_str=message.data, event=message.event, id=cursor, retry=RETRY_MS)
