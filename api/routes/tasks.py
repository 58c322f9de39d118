"""Tasks: what the calling worker has to do, and what the worker says to it."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Reading, TheCity, permitted
from api.errors import DoorError
from api.once import Command, commanding
from api.routes.answers import PROBLEMS, json_text
from api.schemas.hand import WhistleTaskIn, done
from api.schemas.tasks import DeclineIn, ExtensionIn, FinishIn, Nothing, ReasonIn
from data.rights import Permission
from data.tasks import TaskStatus
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.answer import Said, answer
from dispatch.desk.pause import ask_extension, return_own
from dispatch.desk.whistle import whistle_from_the_ground

router = APIRouter(prefix="/api/tasks", tags=["tasks"], responses=PROBLEMS)
OnTheGround = Annotated[Actor, permitted(Permission.TASK_ANSWER)]
Answering = Annotated[Command, commanding(Permission.TASK_ANSWER)]


@router.get("")
async def mine(actor: OnTheGround, reading: Reading, city: TheCity) -> Response:
    """List the caller's active tasks and those that ended within twelve hours."""
    if actor.worker_id is None:
        raise DoorError(403, "forbidden")
    cursor, now = await reading.horizon(), await reading.board.now()
    rows = await reading.board.tasks_of(actor.responders)
    worker = await reading.board.worker(actor.worker_id)
    more = {"cursor": str(cursor), "now": now, "time_zone": city.zone.key, "worker": worker}
    return json_text({"items": rows}, more)


@router.post("/{task_id}/accept")
async def accept(task_id: UUID, body: Nothing, by: Answering, city: TheCity) -> Response:
    """Accept an offer that still stands."""
    return await by.once(lambda: _answered(task_id, Said(TaskStatus.ACCEPTED), by, city))


@router.post("/{task_id}/decline")
async def decline(task_id: UUID, body: DeclineIn, by: Answering, city: TheCity) -> Response:
    """Decline an offer: it goes to the next in order."""
    return await by.once(lambda: _answered(task_id, body.said(), by, city))


@router.post("/{task_id}/arrive")
async def arrive(task_id: UUID, body: Nothing, by: Answering, city: TheCity) -> Response:
    """Say that the caller is on scene."""
    return await by.once(lambda: _answered(task_id, Said(TaskStatus.ON_SCENE), by, city))


@router.post("/{task_id}/finish")
async def finish(task_id: UUID, body: FinishIn, by: Answering, city: TheCity) -> Response:
    """Finish a task as done, or as failed: then the incident goes to the next."""
    return await by.once(lambda: _answered(task_id, body.said(), by, city))


@router.post("/{task_id}/return")
async def returned(task_id: UUID, body: ReasonIn, by: Answering) -> Response:
    """Return a task that is not the caller's to do: it waits for the dispatcher's hand."""

    async def work() -> object:
        return await done(await return_own(task_id, body.reason, by.actor, by.book), by)

    return await by.once(work)


@router.post("/{task_id}/extension")
async def extension(task_id: UUID, body: ExtensionIn, by: Answering) -> Response:
    """Ask for a later deadline; the command centre grants it or not, and work goes on meanwhile."""

    async def work() -> object:
        return await done(await ask_extension(task_id, body.until, body.reason, by.actor, by.book), by)

    return await by.once(work)


@router.post("/{task_id}/whistle")
async def whistled(task_id: UUID, body: WhistleTaskIn, by: Answering, city: TheCity) -> Response:
    """Call in departments for what the caller is at: they must report in before their own clocks."""

    async def work() -> object:
        case = await whistle_from_the_ground(task_id, body.called(), by.actor, city, by.book)
        return await done(case, by)

    return await by.once(work)


async def _answered(task_id: UUID, said: Said, by: Command, city: City) -> object:
    """Take the step and return the task's row as lists and the stream show it."""
    await answer(task_id, said, by.actor, city, by.book)
    worker_and_row = (await by.book.board.tasks([task_id]))[task_id]
    return json.loads(worker_and_row[1])
