"""Receivers of notices: list, add, change, take away, try out; what was told them, and telling it again."""

import json
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.deps import Reading, permitted, process_of
from api.errand import Errand
from api.once import Command, commanding
from api.routes.answers import PROBLEMS, json_text
from api.schemas.receivers import DeliveriesIn, NewReceiverIn, ReceiverIn
from data.grids import Grids
from data.rights import Permission
from data.store import Reader
from data.tokens import Actor
from dispatch.addresses import way_to
from dispatch.desk.receivers import add_receiver, change_receiver, remove_receiver, retry_delivery
from dispatch.desk.tell import try_out
from dispatch.errors import AddressRefusedError, UnknownReceiverError

router = APIRouter(prefix="/api", tags=["receivers"], responses=PROBLEMS)
Viewing = Annotated[Actor, permitted(Permission.NOTICE_MANAGE)]
Managing = Annotated[Command, commanding(Permission.NOTICE_MANAGE)]
DeliveryId = Annotated[int, Path(ge=0, lt=1 << 63)]


async def _looked_up(body: NewReceiverIn, request: Request, actor: Viewing) -> NewReceiverIn:
    """Refuse an address from which nothing can be expected but harm, before anything is written."""
    way = asdict(way_to(body.kind, body.address, body.secret))
    errand = Errand(body.kind, way, None, "", "", "", "", 0)
    trouble = await process_of(request).telling.outgoing.look_up(errand)
    if trouble == "refused_address":
        raise AddressRefusedError(hint="not_public")
    return body


LookedUp = Annotated[NewReceiverIn, Depends(_looked_up, scope="function")]


@router.get("/receivers")
async def listed(actor: Viewing, reading: Reading) -> Response:
    """List the receivers by label, with how it goes with each; their addresses are never shown."""
    return json_text({"items": await reading.receivers.rows()}, {"layers": await Grids(reading.connection).layers()})


@router.post("/receivers", status_code=201)
async def added(body: LookedUp, by: Managing) -> Response:
    """Add a receiver; a drawn `secret` is shown this once, and null when one was given or the request is repeated."""

    async def work() -> dict[str, object]:
        id_, drawn = await add_receiver(body.wanted(), by.actor, by.book)
        return {"id": id_, "secret": drawn}

    return await by.once(work, 201, not_kept="secret")


@router.patch("/receivers/{receiver_id}")
async def changed(receiver_id: UUID, body: ReceiverIn, by: Managing) -> Response:
    """Give a receiver another label, other events, another language; pause it or let it go on."""

    async def work() -> object:
        await change_receiver(receiver_id, body.changes(), by.actor, by.book)
        return await _row(receiver_id, by)

    return await by.once(work)


@router.delete("/receivers/{receiver_id}")
async def removed(receiver_id: UUID, by: Managing) -> Response:
    """Take a receiver away, with what was and was to be told to it."""

    async def work() -> dict[str, object]:
        await remove_receiver(receiver_id, by.actor, by.book)
        return {"id": receiver_id}

    return await by.once(work)


@router.post("/receivers/{receiver_id}/test")
async def tried(receiver_id: UUID, request: Request, actor: Viewing) -> dict[str, Any]:
    """Tell a receiver at once that this is a test; `trouble` is null when it was told, at the latest after 15 s."""
    process = process_of(request)
    return {"trouble": await try_out(receiver_id, actor, process.store.books, process.telling.try_out)}


@router.get("/receivers/{receiver_id}/deliveries")
async def deliveries(
    receiver_id: UUID, wanted: Annotated[DeliveriesIn, Query()], actor: Viewing, reading: Reading
) -> Response:
    """List what was told to a receiver, the newest first; `after` takes the `next` of the page before."""
    await _check_known(receiver_id, reading)
    rows, after = await reading.deliveries.page(receiver_id, wanted.after, wanted.limit)
    return json_text({"items": rows}, {"next": after})


@router.post("/deliveries/{delivery_id}/retry")
async def again(delivery_id: DeliveryId, by: Managing) -> Response:
    """Try a delivery again, from the beginning, that waits or was given up."""

    async def work() -> object:
        return await _row(await retry_delivery(delivery_id, by.actor, by.book), by)

    return await by.once(work)


async def _check_known(receiver_id: UUID, reading: Reader) -> None:
    if not await reading.receivers.rows(receiver_id):
        raise UnknownReceiverError(id=receiver_id)


async def _row(receiver_id: UUID, by: Command) -> Any:
    return json.loads((await by.book.receivers.rows(receiver_id))[0])
