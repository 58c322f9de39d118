"""Tasks: what the calling worker has to do, and what the worker says to it."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Reading, TheCity, permitted
from api.errors import DoorError
from api.once import Command, commanding
from api.routes.answers import PROBLEMS, json_text
from api.schemas.tasks import DeclineIn, FinishIn, Nothing
from data.rights import Permission
from data.tasks import TaskStatus
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.answer import Said, answer

router = APIRouter(prefix="/api/tasks", tags=["tasks"], responses=PROBLEMS)
OnTheGround = Annotated[Actor, permitted(Permission.TASK_ANSWER)]
Answering = Annotated[Command, commanding(Permission.TASK_ANSWER)]


@router.get("")
async def mine(actor: OnTheGround, reading: Reading, city: TheCity) -> Response:
    """List the caller's active tasks and those that ended within twelve hours."""
    if actor.worker_id is None:
        raise DoorError(403, "forbidden")
    cursor, now = await reading.horizon(), await reading.board.now()
    rows = await reading.board.tasks_of(actor.worker_id)
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


async def _answered(task_id: UUID, said: Said, by: Command, city: City) -> object:
    """Take the step and return the task's row as lists and the stream show it."""
    await answer(task_id, said, by.actor, city, by.book)
    worker_and_row = (await by.book.board.tasks([task_id]))[task_id]
    return json.loads(worker_and_row[1])
