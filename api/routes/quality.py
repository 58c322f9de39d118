"""The quality of the ground: look at it, list what is wrong, propose repairs, accept or reject them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.background import BackgroundTask

from api.deps import Reading, permitted, process_of
from api.once import Command, commanding
from api.plain import json_of
from api.routes.answers import PROBLEMS, json_text
from api.schemas.quality import FaultsIn, ProposalIn
from data.checks import CheckStatus
from data.rights import Permission
from data.store import Reader
from data.tokens import Actor
from dispatch.desk.check_ground import ask_for_check
from dispatch.desk.mend_ground import accept, ask_for_repair, reject
from dispatch.errors import UnknownCheckError, UnknownProposalError
from geo.quality.faults import Kind

router = APIRouter(prefix="/api", tags=["quality"], responses=PROBLEMS)
Checking = Annotated[Actor, permitted(Permission.GROUND_CHECK)]
Looking = Annotated[Actor, permitted(Permission.GROUND_CHECK, Permission.GROUND_CHANGE)]
Asking = Annotated[Command, commanding(Permission.GROUND_CHECK)]
Changing = Annotated[Command, commanding(Permission.GROUND_CHANGE)]


@router.get("/checks/latest")
async def latest(actor: Checking, reading: Reading) -> Response:
    """Show the last check, and the last that was done with its faults by kind; both null before the first."""
    rows = await reading.checks.latest()
    done = next((row for row in rows if row["status"] == CheckStatus.DONE), None)
    told = {"latest": rows[0] if rows else None, "done": done and await _counted(done, actor, reading)}
    return Response(json_of(told), media_type="application/json")


@router.get("/checks/{check_id}/faults")
async def faults(check_id: UUID, wanted: Annotated[FaultsIn, Query()], actor: Checking, reading: Reading) -> Response:
    """List the faults of one's own ground by kind, the largest first; of one kind the 5,000 largest were kept."""
    if not await reading.checks.there_is(check_id):
        raise UnknownCheckError(id=check_id)
    rows, onward = await reading.checks.faults(check_id, wanted.wanted())
    return json_text({"items": rows}, {"next": onward})


@router.post("/checks", status_code=202)
async def check(request: Request, by: Asking) -> Response:
    """Look at the whole ground, beside the server; one look at a time."""
    begun: list[UUID] = []

    async def work() -> dict[str, Any]:
        begun.append(await ask_for_check(by.actor, by.book))
        return {"id": begun[0]}

    return _then(await by.once(work, 202), process_of(request).ground_jobs.check, begun)


@router.get("/proposals")
async def proposals(actor: Looking, reading: Reading) -> Response:
    """List the last proposals, the newest first, for who checks or changes the whole town."""
    return json_text({"items": await reading.proposals.rows()})


@router.get("/proposals/{proposal_id}")
async def proposal(proposal_id: UUID, actor: Looking, reading: Reading) -> Response:
    """Show a proposal with its shapes as GeoJSON; each carries the shape in force before as `was`."""
    rows = await reading.proposals.rows(proposal_id)
    if not rows:
        raise UnknownProposalError(id=proposal_id)
    shapes = ",".join(await reading.proposals.features(proposal_id))
    return json_text({"proposal": rows[0], "shapes": f'{{"type":"FeatureCollection","features":[{shapes}]}}'})


@router.post("/proposals", status_code=202)
async def propose(request: Request, body: ProposalIn, by: Changing) -> Response:
    """Make a proposal that mends a layer, beside the server and bounded in time and memory; one at a time."""
    begun: list[UUID] = []

    async def work() -> dict[str, Any]:
        begun.append(await ask_for_repair(body.layer, by.actor, by.book))
        return {"id": begun[0]}

    return _then(await by.once(work, 202), process_of(request).ground_jobs.repair, begun)


@router.post("/proposals/{proposal_id}/accept")
async def accepted(proposal_id: UUID, by: Changing) -> Response:
    """Put a proposal's shapes in force from now on, as new versions; refused when the ground changed meanwhile."""

    async def work() -> dict[str, Any]:
        return {"grids": await accept(proposal_id, by.actor, by.book)}

    return await by.once(work)


@router.post("/proposals/{proposal_id}/reject")
async def rejected(proposal_id: UUID, by: Changing) -> Response:
    """Let a proposal come to nothing."""

    async def work() -> dict[str, Any]:
        await reject(proposal_id, by.actor, by.book)
        return {"id": proposal_id}

    return await by.once(work)


async def _counted(done: dict[str, Any], actor: Actor, reading: Reader) -> dict[str, Any]:
    """Count by kind what was found, for who checks a part of the town what is in it, and how much of it is listed."""
    listed = await reading.checks.counted(done["id"])
    all_of_it = actor.rights.may_everywhere(Permission.GROUND_CHECK)
    counts = done["counts"] if all_of_it else {kind.value: listed.get(kind.value, 0) for kind in Kind}
    seen = done["seen"] if all_of_it else {}
    return done | {"counts": counts, "seen": seen, "listed": listed}


def _then(answer: Response, begin: Callable[[UUID], Awaitable[None]], begun: list[UUID]) -> Response:
    """Begin the work once the answer has left, and with it the row is there for all to see; a repeated answer begins none."""
    if begun:
        answer.background = BackgroundTask(begin, begun[0])
    return answer
