"""What is shown to whom: a change is read once for all streams of equal rights, under row security with those rights."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from api.hub import Hub, Message, in_order
from api.sight import Sight
from data.feed import Change
from data.outbox import Cursor
from data.person import anybody_with
from data.rights import Permission, Rights
from data.store import Store, Watcher
from data.tokens import Actor
from dispatch.city import City
from dispatch.states import states

Places = Mapping[UUID, tuple[str, str | None]]


async def publish(change: Change, hub: Hub, store: Store) -> set[Rights]:
    """Hand each stream what changed and is its person's to see; return the rights for which incidents changed."""
    if not len(hub) or not (change.incidents or change.tasks):
        return set()
    touched = set()
    async with store.watcher() as look:
        places = await look.places(change.incidents) if change.incidents else {}
        cursors = await _tasks_touched(change.incidents, change.tasks, look)
        tasks = await look.board.tasks(cursors) if cursors else {}
    for rights, streams in hub.groups():
        incidents = await _incidents(rights, change.incidents, places, store)
        if incidents:
            touched.add(rights)
        for stream in streams:
            stream.push(in_order([*incidents, *_tasks(stream.actor, cursors, tasks)]))
    return touched


async def missed(
    actor: Actor, incidents: Mapping[UUID, Cursor], tasks: Mapping[UUID, Cursor], store: Store
) -> list[Message]:
    """Read how incidents and tasks that changed meanwhile stand now, as far as they are the person's to see."""
    async with store.watcher() as look:
        places = await look.places(incidents) if incidents else {}
        cursors = await _tasks_touched(incidents, tasks, look)
        mine = await look.board.tasks(cursors) if cursors else {}
    seen = await _incidents(actor.rights, incidents, places, store)
    return in_order([*seen, *_tasks(actor, cursors, mine)])


async def _tasks_touched(
    incidents: Mapping[UUID, Cursor], tasks: Mapping[UUID, Cursor], look: Watcher
) -> Mapping[UUID, Cursor]:
    """Add to the tasks that changed those going on at an incident that changed: a phone shows its deadline and status."""
    going_on = await look.board.tasks_going_on(incidents) if incidents else {}
    return {task: incidents[incident] for task, incident in going_on.items()} | dict(tasks)


async def _incidents(rights: Rights, changed: Mapping[UUID, Cursor], places: Places, store: Store) -> list[Message]:
    ids = [id_ for id_ in changed if id_ in places and rights.covers(Permission.INCIDENT_VIEW, *places[id_])]
    if not ids:
        return []
    async with store.reader(anybody_with(rights)) as reader:
        rows = await reader.board.rows(ids)
    return [Message("incident", rows[id_], changed[id_]) for id_ in ids if id_ in rows]


def _tasks(actor: Actor, changed: Mapping[UUID, Cursor], read: Mapping[UUID, tuple[UUID, str]]) -> Iterable[Message]:
    if not actor.may(Permission.TASK_ANSWER):
        return ()
    return [Message("task", row, changed[id_]) for id_, (whose, row) in read.items() if whose in actor.responders]


def workers(city: City, rights: Rights, now: datetime) -> list[dict[str, Any]]:
    """Return every worker one may see and who was ever seen as the map shows one, without a name."""
    paths = {worker.area_path for worker in city.crew.workers}
    seen = {path for path in paths if rights.covers(Permission.WORKER_VIEW, None, path)}
    return [
        {
            "id": str(worker.id),
            "lng": worker.lng,
            "lat": worker.lat,
            "fixed_at": worker.fixed_at.isoformat(),
            "accuracy_m": worker.accuracy_m,
            "state": state,
        }
        for worker, state in zip(city.crew.workers, states(city, now), strict=True)
        if worker.area_path in seen and worker.fixed_at is not None
    ]


def figures(sight: Sight, rights: Rights, counted: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the counted figures those about the workers one may see; None for who may see none."""
    last = counted["last_closed_at"]
    on_duty, free = sight.on_duty_and_free(rights) if rights.may(Permission.WORKER_VIEW) else (None, None)
    return dict(counted) | {"on_duty": on_duty, "free": free, "last_closed_at": last and last.isoformat()}
