"""Tasks: what the calling worker has to do, and what the worker says to it."""

import json
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import OnTheGround, Reading, TheCity, Writing
from api.once import AtMostOnce
from api.routes.answers import PROBLEMS, json_text
from api.schemas.tasks import DeclineIn, FinishIn, Nothing
from data.tasks import TaskStatus
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.answer import Said, answer

router = APIRouter(prefix="/api/tasks", tags=["tasks"], responses=PROBLEMS)


@router.get("")
async def mine(actor: OnTheGround, reading: Reading, city: TheCity) -> Response:
    """List the caller's active tasks and those that ended within twelve hours."""
    assert actor.worker_id is not None
    cursor, now = await reading.horizon(), await reading.board.now()
    rows = await reading.board.tasks_of(actor.worker_id)
    worker = await reading.board.worker(actor.worker_id)
    more = {"cursor": str(cursor), "now": now, "time_zone": city.zone.key, "worker": worker}
    return json_text({"items": rows}, more)


@router.post("/{task_id}/accept")
async def accept(
    task_id: UUID, body: Nothing, actor: OnTheGround, city: TheCity, book: Writing, once: AtMostOnce
) -> Response:
    """Accept an offer that still stands."""
    return await once(lambda: _answered(task_id, Said(TaskStatus.ACCEPTED), actor, city, book))


@router.post("/{task_id}/decline")
async def decline(
    task_id: UUID, body: DeclineIn, actor: OnTheGround, city: TheCity, book: Writing, once: AtMostOnce
) -> Response:
    """Decline an offer: it goes to the next in order."""
    return await once(lambda: _answered(task_id, body.said(), actor, city, book))


@router.post("/{task_id}/arrive")
async def arrive(
    task_id: UUID, body: Nothing, actor: OnTheGround, city: TheCity, book: Writing, once: AtMostOnce
) -> Response:
    """Say that the caller is on scene."""
    return await once(lambda: _answered(task_id, Said(TaskStatus.ON_SCENE), actor, city, book))


@router.post("/{task_id}/finish")
async def finish(
    task_id: UUID, body: FinishIn, actor: OnTheGround, city: TheCity, book: Writing, once: AtMostOnce
) -> Response:
    """Finish a task as done, or as failed: then the incident goes to the next."""
    return await once(lambda: _answered(task_id, body.said(), actor, city, book))


async def _answered(task_id: UUID, said: Said, actor: Actor, city: City, book: Writing) -> object:
    """Take the step and return the task's row as lists and the stream show it."""
    await answer(task_id, said, actor, city, book)
    worker_and_row = (await book.board.tasks([task_id]))[task_id]
    return json.loads(worker_and_row[1])
