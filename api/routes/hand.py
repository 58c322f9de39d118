"""The dispatcher's hand: what the command centre does to an incident. Every act takes `seen`, see `api.schemas.hand`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.deps import TheCity
from api.once import Command, commanding
from api.routes.answers import PROBLEMS
from api.schemas.hand import (
    AddIn,
    CloseIn,
    DispatchIn,
    ExtendIn,
    FileIn,
    Hand,
    MergeIn,
    NoteIn,
    ShelveIn,
    Slot,
    SuperviseIn,
    VerifyIn,
    WhistleIn,
    WhyIn,
    WithdrawIn,
    done,
)
from data.rights import Permission
from dispatch.desk import close, pause, send, sort, undo, whistle
from dispatch.desk.case import Case
from dispatch.desk.look import who_could_go

router = APIRouter(prefix="/api/incidents/{incident_id}", tags=["hand"], responses=PROBLEMS)
Id = Annotated[UUID, Path(alias="incident_id")]
Sorter = Annotated[Command, commanding(Permission.INCIDENT_SORT)]
Sender = Annotated[Command, commanding(Permission.INCIDENT_DISPATCH)]
Supervisor = Annotated[Command, commanding(Permission.INCIDENT_SUPERVISE)]
Closer = Annotated[Command, commanding(Permission.INCIDENT_CLOSE)]
Waiter = Annotated[Command, commanding(Permission.INCIDENT_DISPATCH, Permission.TASK_ANSWER)]
Reminder = Annotated[Command, commanding(Permission.INCIDENT_DISPATCH, Permission.INCIDENT_REPORT)]


async def _once(by: Command, act: Callable[[], Awaitable[Case]]) -> Response:
    async def work() -> Any:
        return await done(await act(), by)

    return await by.once(work)


@router.get("/candidates")
async def candidates(id_: Id, by: Sender, city: TheCity, slot: Annotated[Slot | None, Query()] = None) -> Any:
    """Show who could go for a place (default: the first that is not filled), in order, with what speaks against each."""
    return await who_could_go(id_, slot, by.actor, city, by.book)


@router.post("/receive")
async def received(id_: Id, body: NoteIn, by: Sorter, city: TheCity) -> Response:
    """Take a report in."""
    return await _once(by, lambda: sort.receive_report(id_, body.note, body.by(by), city, by.book))


@router.post("/verify")
async def verified(id_: Id, body: VerifyIn, by: Sorter, city: TheCity) -> Response:
    """Have a report looked at before it is filed, by a chosen worker if one is named."""
    return await _once(by, lambda: sort.verify(id_, body.sight(), body.by(by), city, by.book))


@router.post("/file")
async def filed(id_: Id, body: FileIn, by: Sorter, city: TheCity) -> Response:
    """File a report and send out whom its category needs."""
    return await _once(by, lambda: sort.file(id_, body.category, body.by(by), city, by.book))


@router.post("/reject")
async def rejected(id_: Id, body: WhyIn, by: Sorter, city: TheCity) -> Response:
    """Reject a report: it is no matter for the grids."""
    return await _once(by, lambda: sort.reject(id_, body.reason, body.by(by), city, by.book))


@router.post("/dispatch")
async def dispatched(id_: Id, body: DispatchIn, by: Sender, city: TheCity) -> Response:
    """Send a chosen worker over the rules' head; whoever has the place is called back."""
    return await _once(by, lambda: send.dispatch(id_, body.chosen(), body.by(by), city, by.book))


@router.post("/withdraw")
async def withdrawn(id_: Id, body: WithdrawIn, by: Sender, city: TheCity) -> Response:
    """Call somebody back; the place goes to the next in order or waits for the hand."""
    return await _once(by, lambda: send.withdraw(id_, body.taken(), body.by(by), city, by.book))


@router.post("/add")
async def added(id_: Id, body: AddIn, by: Sender, city: TheCity) -> Response:
    """Send one more responder."""
    return await _once(by, lambda: send.add(id_, body.added(), body.by(by), city, by.book))


@router.post("/merge")
async def merged(id_: Id, body: MergeIn, by: Sender, city: TheCity) -> Response:
    """Make this the duplicate of another incident, which goes on."""
    return await _once(by, lambda: close.merge(id_, body.original, body.reason, body.by(by), city, by.book))


@router.post("/return")
async def given_back(id_: Id, body: WhyIn, by: Sender) -> Response:
    """Return what went to the wrong ones to the dispatcher's hand."""
    return await _once(by, lambda: pause.give_back(id_, body.reason, body.by(by), by.book))


@router.post("/shelve")
async def shelved(id_: Id, body: ShelveIn, by: Sender, city: TheCity) -> Response:
    """Put by what cannot be solved now, until a time or until it is resumed."""
    return await _once(by, lambda: pause.shelve(id_, body.until, body.reason, body.by(by), city, by.book))


@router.post("/resume")
async def resumed(id_: Id, body: NoteIn, by: Sender, city: TheCity) -> Response:
    """Take up again what was shelved."""
    return await _once(by, lambda: pause.resume(id_, body.note, body.by(by), city, by.book))


@router.post("/await")
async def awaiting(id_: Id, body: NoteIn, by: Waiter, city: TheCity) -> Response:
    """Wait for the reporter, as who has a task of it or from the command centre: the clocks rest meanwhile."""
    return await _once(by, lambda: pause.await_reporter(id_, body.note, body.by(by), city, by.book))


@router.post("/go-on")
async def went_on(id_: Id, body: NoteIn, by: Waiter, city: TheCity) -> Response:
    """Wait for the reporter no longer: the clocks run on."""
    return await _once(by, lambda: pause.go_on(id_, body.note, body.by(by), city, by.book))


@router.post("/whistle")
async def whistled(id_: Id, body: WhistleIn, by: Sender, city: TheCity) -> Response:
    """Call in departments, the chosen or those the category names."""
    return await _once(by, lambda: whistle.whistle(id_, body.called(), body.by(by), city, by.book))


@router.post("/extend")
async def extended(id_: Id, body: ExtendIn, by: Supervisor, city: TheCity) -> Response:
    """Set a later deadline, asked for or not."""
    return await _once(by, lambda: pause.extend(id_, body.until, body.reason, body.by(by), city, by.book))


@router.post("/refuse-extension")
async def extension_refused(id_: Id, body: WhyIn, by: Supervisor) -> Response:
    """Leave the deadline as it is."""
    return await _once(by, lambda: pause.refuse_extension(id_, body.reason, body.by(by), by.book))


@router.post("/supervise")
async def supervised(id_: Id, body: SuperviseIn, by: Supervisor) -> Response:
    """Put an incident under supervision."""
    return await _once(by, lambda: whistle.supervise(id_, body.note, body.by(by), by.book))


@router.post("/remind")
async def reminded(id_: Id, body: NoteIn, by: Reminder) -> Response:
    """Remind those who are at it, as its reporter or from the command centre."""
    return await _once(by, lambda: whistle.remind(id_, body.note, body.by(by), by.book))


@router.post("/inspect")
async def inspected(id_: Id, body: NoteIn, by: Closer) -> Response:
    """Look at what was handled before it is closed."""
    return await _once(by, lambda: close.inspect(id_, body.note, body.by(by), by.book))


@router.post("/rework")
async def reworked(id_: Id, body: WhyIn, by: Closer, city: TheCity) -> Response:
    """Send back what was not handled well."""
    return await _once(by, lambda: close.rework(id_, body.reason, body.by(by), city, by.book))


@router.post("/close")
async def closed(id_: Id, body: CloseIn, by: Closer, city: TheCity) -> Response:
    """Close a handled or waiting incident and say what came of it."""
    return await _once(by, lambda: close.close(id_, body.disposition, body.by(by), city, by.book))


@router.post("/void")
async def voided(id_: Id, body: WhyIn, by: Supervisor, city: TheCity) -> Response:
    """Declare an incident void."""
    return await _once(by, lambda: close.void(id_, body.reason, body.by(by), city, by.book))


@router.post("/reopen")
async def reopened(id_: Id, body: WhyIn, by: Supervisor, city: TheCity) -> Response:
    """Open again what had ended."""
    return await _once(by, lambda: close.reopen(id_, body.reason, body.by(by), city, by.book))


@router.post("/undo")
async def undone(id_: Id, body: Hand, by: Sender, city: TheCity) -> Response:
    """Take back one's own last act, within a minute and while nobody has gone on."""
    return await _once(by, lambda: undo.undo(id_, body.by(by), city, by.book))
