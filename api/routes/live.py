"""The live stream (server-sent events) and the board it continues."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.deps import Asking, CommandCentre, Reading, TheCity, process_of
from api.hub import RELOAD, Message, told
from api.process import Process
from api.routes.answers import PROBLEMS, json_text
from data.outbox import Cursor
from data.tokens import Actor

router = APIRouter(prefix="/api", tags=["live"], responses=PROBLEMS)
REPLAYED_AT_MOST = 500


@router.get("/board")
async def board(request: Request, actor: CommandCentre, reading: Reading, city: TheCity) -> Response:
    """Give everything the command map shows, and the cursor from which `/api/live` continues it."""
    process, look = process_of(request), reading.board
    cursor, now, names = await reading.horizon(), await look.now(), await look.worker_names()
    workers = [names[row_id] | row for row_id, row in process.workers_by_id(now) if row_id in names]
    more = {
        "cursor": str(cursor),
        "now": now,
        "town": await process.town(reading),
        "figures": process.figures(now, await look.figures()),
        "categories": await look.categories(),
        "grids": await look.grid_counts("governance"),
        "workers": workers,
    }
    return json_text({"incidents": await look.open_incidents()}, more)


@router.get("/live", response_class=EventSourceResponse)
async def live(
    request: Request,
    actor: Asking,
    after: Annotated[str | None, Query(max_length=64)] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow what changes. `Last-Event-ID` (or `after`) resumes without a gap; `reload` asks to fetch anew."""
    process = process_of(request)
    stream = process.hub.join(actor, process.shown())
    try:
        for message in await _missed(process, actor, last_event_id or after):
            yield _sent(message)
        while (message_ := await stream.next()) is not None:
            yield _sent(message_)
    finally:
        process.hub.leave(stream)


async def _missed(process: Process, actor: Actor, given: str | None) -> list[Message]:
    """Return what came after a cursor as it stands now; a reload where there is too much or no such cursor."""
    if given is None:
        return []
    cursor = Cursor.parse(given)
    if cursor is None:
        return [RELOAD]
    async with process.store.reader() as reader:
        if cursor.xid > (await reader.horizon()).xid:
            return [RELOAD]
        events = await reader.events(cursor, REPLAYED_AT_MOST + 1)
        incidents = list(dict.fromkeys(event.subject_id for event in events if event.kind == "incident"))
        tasks = list(dict.fromkeys(event.subject_id for event in events if event.kind == "task"))
        if len(events) > REPLAYED_AT_MOST:
            return [RELOAD]
        rows = await reader.board.incidents([id_ for id_ in incidents if id_])
        mine = await reader.board.tasks([id_ for id_ in tasks if id_])
    seen = str(events[-1].cursor) if events else given
    return [message for message in told(rows, mine, seen) if message.concerns(actor)]


def _sent(message: Message) -> ServerSentEvent:
    return ServerSentEvent(raw_data=message.data, event=message.event, id=message.cursor, retry=1000)
