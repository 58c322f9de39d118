"""Receivers: where what happens is told outside. Asked by who manages notices or, `by` None, by who holds the machine."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from data.audit import Note, noted
from data.book import Book
from data.receivers import DeliveryState, NewReceiver, ReceiverKind
from data.rights import Permission
from data.tokens import Actor
from dispatch.addresses import way_to
from dispatch.desk.accounts import COMMAND_LINE
from dispatch.errors import (
    MoveNotAllowedError,
    OutOfScopeError,
    TooManyReceiversError,
    UnknownAreaError,
    UnknownDeliveryError,
    UnknownLayerError,
    UnknownReceiverError,
)

RECEIVERS_AT_MOST = 100
"""Each event looks at every receiver."""
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class ReceiverWanted:
    """A receiver as it is asked for; no area is the whole town, no layer all of them."""

    kind: ReceiverKind
    label: str
    address: str = field(repr=False)
    events: tuple[str, ...]
    secret: str | None = field(default=None, repr=False)
    lang: str = "zh"
    layer: str | None = None
    area_code: str | None = None


async def add_receiver(wanted: ReceiverWanted, by: Actor | None, book: Book) -> tuple[UUID, str | None]:
    """Add a receiver; return its id and, for a program that brought none, the key that signs, which cannot be read again.

    Raises
    ------
    AddressRefusedError, UnknownAreaError, UnknownLayerError, TooManyReceiversError, OutOfScopeError
        If it cannot be added.
    """
    manages_notices(by)
    way = way_to(wanted.kind, wanted.address, wanted.secret)
    if await book.receivers.count() >= RECEIVERS_AT_MOST:
        raise TooManyReceiversError(at_most=RECEIVERS_AT_MOST)
    drawn = None
    if wanted.kind is ReceiverKind.WEBHOOK and wanted.secret is None:
        drawn = secrets.token_urlsafe(SECRET_BYTES)
    new = NewReceiver(
        kind=wanted.kind,
        label=wanted.label,
        address=wanted.address,
        secret=wanted.secret or drawn,
        host=way.host,
        lang=wanted.lang,
        events=wanted.events,
        layer=await _layer(wanted.layer, book),
        area=await _area(wanted.area_code, book),
    )
    id_ = await book.receivers.add(new)
    about = {"kind": wanted.kind, "events": len(wanted.events), "area": wanted.area_code, "layer": wanted.layer}
    await note_on_receiver(book, by, "receiver_added", id_, **about)
    return id_, drawn


async def change_receiver(receiver_id: UUID, changes: Mapping[str, Any], by: Actor | None, book: Book) -> None:
    """Change a receiver's `label`, `events`, `lang` or `paused`; where it lies is changed by adding another.

    Raises
    ------
    UnknownReceiverError, OutOfScopeError
        If there is no such receiver, or it is not the caller's to change.
    """
    manages_notices(by)
    await _known(receiver_id, book)
    await book.receivers.change(receiver_id, changes)
    paused = {"paused": changes["paused"]} if "paused" in changes else {}
    await note_on_receiver(book, by, "receiver_changed", receiver_id, changed=sorted(changes), **paused)


async def remove_receiver(receiver_id: UUID, by: Actor | None, book: Book) -> None:
    """Take a receiver away with all its deliveries.

    Raises
    ------
    UnknownReceiverError, OutOfScopeError
        If there is no such receiver, or it is not the caller's to take away.
    """
    manages_notices(by)
    if not await book.receivers.remove(receiver_id):
        raise UnknownReceiverError(id=receiver_id)
    await note_on_receiver(book, by, "receiver_removed", receiver_id)


async def retry_delivery(delivery_id: int, by: Actor | None, book: Book) -> UUID:
    """Begin anew with a delivery that waits or was given up, and return its receiver.

    Raises
    ------
    UnknownDeliveryError, MoveNotAllowedError, OutOfScopeError
        If there is no such delivery, it was delivered, or it is not the caller's to try.
    """
    manages_notices(by)
    found = await book.deliveries.state(delivery_id)
    if found is None:
        raise UnknownDeliveryError
    if found[1] is DeliveryState.DELIVERED or await book.deliveries.again(delivery_id) is None:
        raise MoveNotAllowedError(status=found[1])
    await note_on_receiver(book, by, "delivery_retried", found[0], delivery=delivery_id)
    return found[0]


def manages_notices(by: Actor | None) -> None:
    """Refuse who manages notices for a part of the town only: what is told outside concerns all of it.

    Raises
    ------
    OutOfScopeError
        If the permission does not reach everywhere.
    """
    if by is not None and not by.rights.may_everywhere(Permission.NOTICE_MANAGE):
        raise OutOfScopeError


async def note_on_receiver(book: Book, by: Actor | None, action: str, receiver_id: UUID, **facts: object) -> None:
    """Put an act on a receiver into the audit; its address and label are not in there."""
    subject = f"receiver:{receiver_id}"
    told = noted(by, action, subject, **facts) if by else Note(action, COMMAND_LINE, subject=subject, facts=facts)
    await book.audit.note(told)


async def _known(receiver_id: UUID, book: Book) -> None:
    if await book.receivers.one(receiver_id) is None:
        raise UnknownReceiverError(id=receiver_id)


async def _layer(code: str | None, book: Book) -> str | None:
    if code is not None and code not in [one["code"] for one in await book.grids.layers()]:
        raise UnknownLayerError
    return code


async def _area(code: str | None, book: Book) -> tuple[UUID, str] | None:
    if code is None:
        return None
    found = await book.areas.of_code(code)
    if found is None:
        raise UnknownAreaError
    return found
