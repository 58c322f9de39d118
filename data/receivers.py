"""Receivers outside: where what happens is told (chat robots, mail, webhooks), and how each delivery went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import area_path_column, id_column, in_the_tree, metadata, moment, new_id, one_of, statement


class ReceiverKind(StrEnum):
    """How a receiver is reached."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    MAIL = "mail"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


receiver = Table(
    "receiver",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("secret", Text),
    Column("host", Text, nullable=False),
    Column("lang", Text, nullable=False, server_default="zh"),
    Column("events", ARRAY(Text), nullable=False),
    Column("layer", ForeignKey("grid_layer.code")),
    Column("area_id", Uuid, index=True),
    area_path_column(),
    in_the_tree("area_id"),
    moment("made_at"),
    moment("paused_at", required=False),
    CheckConstraint(one_of("kind", ReceiverKind), name="kind"),
    CheckConstraint("char_length(label) BETWEEN 1 AND 100", name="label"),
    CheckConstraint("char_length(address) BETWEEN 1 AND 2000 AND char_length(secret) <= 500", name="lengths"),
    CheckConstraint("cardinality(events) BETWEEN 1 AND 50", name="events"),
    CheckConstraint("lang IN ('zh', 'en')", name="lang"),
)
"""`events`: the kinds of line in an incident's history that are told; `area_id` and `layer` narrow whose."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("receiver_id", Uuid, nullable=False),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("event", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    moment("made_at"),
    moment("due_at"),
    moment("ended_at", required=False),
    Column("trouble", Text),
    CheckConstraint(one_of("state", DeliveryState), name="state"),
    CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
    Index("delivery_receiver_id_idx", "receiver_id", "id"),
    Index("delivery_waiting_idx", "receiver_id", "id", postgresql_where=text("state = 'waiting'")),
    Index("delivery_ended_at_idx", "ended_at"),
)
"""One event told to one receiver; `trouble` is the code of what went wrong last, never an address.

`receiver_id` is no foreign key: its check would lock the one row of a receiver in every transaction that tells it
something, and fail the report of an incident whose receiver is taken away in that moment.
"""

ROWS = text(statement("receiver_rows"))
ADD = text("""
    INSERT INTO receiver (id, kind, label, address, secret, host, lang, events, layer, area_id, area_path, made_at)
    VALUES (:id, :kind, :label, :address, :secret, :host, :lang, :events, :layer, :area_id,
            CAST(CAST(:area_path AS text) AS ltree), now())
""")
ONE = text("SELECT id, kind, label, address, secret, lang FROM receiver WHERE id = :id")
COUNT = text("SELECT count(*) FROM receiver")
CHANGE = text("""
    UPDATE receiver SET label = coalesce(:label, label), events = coalesce(CAST(:events AS text[]), events),
        lang = coalesce(:lang, lang),
        paused_at = CASE WHEN CAST(:paused AS boolean) IS NULL THEN paused_at WHEN :paused THEN coalesce(paused_at, now()) END
    WHERE id = :id
""")
REMOVE = text("DELETE FROM receiver WHERE id = :id RETURNING id")
EMPTY = text("DELETE FROM delivery WHERE receiver_id = :id")
CLAIM = text(statement("claim_deliveries"))
DELIVERED = text("""
    UPDATE delivery SET state = 'delivered', trouble = NULL, ended_at = clock_timestamp()
    WHERE id = :id AND tries = :tries AND state = 'waiting'
""")
FAIL = text(statement("fail_delivery"))
HURRY = text("""
    UPDATE delivery SET due_at = now() WHERE trouble IS NOT NULL AND id = (
        SELECT id FROM delivery WHERE receiver_id = :id AND state = 'waiting' ORDER BY id LIMIT 1)
""")
AGAIN = text("""
    UPDATE delivery SET state = 'waiting', tries = 0, due_at = now(), ended_at = NULL, trouble = NULL
    WHERE id = :id AND state <> 'delivered' RETURNING receiver_id
""")
PAGE = text("""
    SELECT id, jsonb_build_object(
        'id', id, 'incident', incident_id, 'event', event, 'state', state, 'tries', tries, 'made_at', made_at,
        'due_at', CASE WHEN state = 'waiting' THEN due_at END, 'ended_at', ended_at, 'trouble', trouble)::text AS row
    FROM delivery WHERE receiver_id = :receiver_id AND (CAST(:after AS bigint) IS NULL OR id < :after)
    ORDER BY id DESC LIMIT :limit
""")
DELIVERY = text("SELECT receiver_id, state FROM delivery WHERE id = :id")
FORGET = text("""
    DELETE FROM delivery WHERE ended_at < now() - make_interval(days => :days)
        OR NOT EXISTS (SELECT FROM receiver WHERE receiver.id = receiver_id)
""")


@dataclass(frozen=True, slots=True)
class NewReceiver:
    """A receiver as it is written; no area is the whole town, no layer all of them."""

    kind: ReceiverKind
    label: str
    address: str = field(repr=False)
    secret: str | None = field(repr=False)
    host: str
    lang: str
    events: tuple[str, ...]
    layer: str | None = None
    area: tuple[UUID, str] | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A receiver as it is told something."""

    id: UUID
    kind: ReceiverKind
    label: str
    address: str = field(repr=False)
    secret: str | None = field(repr=False)
    lang: str


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose turn it is; `tries` counts the one that begins, `told` is the row of what is told."""

    id: int
    tries: int
    kind: ReceiverKind
    address: str = field(repr=False)
    secret: str | None = field(repr=False)
    lang: str
    now_s: int
    told: Mapping[str, Any] = field(repr=False)


class Receivers:
    """Statements on receivers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: NewReceiver) -> UUID:
        """Add a receiver and return its id."""
        id_ = new_id()
        row = {name: getattr(new, name) for name in NewReceiver.__slots__ if name not in ("area", "events")}
        area_id, area_path = new.area or (None, None)
        more = {"id": id_, "events": list(new.events), "area_id": area_id, "area_path": area_path}
        await self._connection.execute(ADD, row | more)
        return id_

    async def one(self, id_: UUID) -> Reached | None:
        """Read one receiver with its address: for telling it something, and for nobody to see."""
        row = (await self._connection.execute(ONE, {"id": id_})).one_or_none()
        return None if row is None else Reached(row.id, ReceiverKind(row.kind), *row[2:])

    async def count(self) -> int:
        """Count the receivers."""
        return int((await self._connection.execute(COUNT)).scalar_one())

    async def rows(self, id_: UUID | None = None) -> list[str]:
        """Return the JSON rows of all receivers, or of one."""
        return [row.row for row in await self._connection.execute(ROWS, {"id": id_})]

    async def change(self, id_: UUID, changes: Mapping[str, Any]) -> None:
        """Change `label`, `events`, `lang` or `paused`, where they are given."""
        nothing = {"label": None, "events": None, "lang": None, "paused": None}
        await self._connection.execute(CHANGE, nothing | dict(changes) | {"id": id_})

    async def remove(self, id_: UUID) -> bool:
        """Take a receiver away with what was and was to be told to it; False when there is none."""
        if (await self._connection.execute(REMOVE, {"id": id_})).first() is None:
            return False
        await self._connection.execute(EMPTY, {"id": id_})
        return True


class Deliveries:
    """Statements on deliveries; they are made by `data/sql/write_case.sql`, with the event that they tell."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, limit: int, lease: timedelta) -> list[Due]:
        """Take deliveries whose turn it is, at most one of each receiver; nobody else gets them before `lease` ends."""
        rows = await self._connection.execute(CLAIM, {"limit": limit, "lease_s": lease.total_seconds()})
        whom = ("kind", "address", "secret", "lang", "id", "tries", "now_s")
        return [
            Due(
                **{name: getattr(row, name) for name in whom if name != "kind"},
                kind=ReceiverKind(row.kind),
                told={name: value for name, value in row._mapping.items() if name not in whom},
            )
            for row in rows
        ]

    async def delivered(self, due: Due) -> None:
        """Note that a try succeeded; nothing when another has been begun since."""
        await self._connection.execute(DELIVERED, {"id": due.id, "tries": due.tries})

    async def failed(self, due: Due, trouble: str, wait: timedelta | None, patience: timedelta) -> None:
        """Note that a try failed and put the delivery off; without a wait it is given up.

        With it is given up what waited behind it for as long as `patience`: the receiver failed for it as well.
        """
        bound = {"id": due.id, "tries": due.tries, "trouble": trouble, "patience_s": patience.total_seconds()}
        await self._connection.execute(FAIL, bound | {"wait_s": wait and wait.total_seconds()})

    async def hurry(self, receiver_id: UUID) -> None:
        """Let what failed and waits be tried at once: the receiver has just been reached."""
        await self._connection.execute(HURRY, {"id": receiver_id})

    async def again(self, id_: int) -> UUID | None:
        """Begin anew with what was not delivered and return its receiver; None when there is no such delivery."""
        return (await self._connection.execute(AGAIN, {"id": id_})).scalar_one_or_none()

    async def state(self, id_: int) -> tuple[UUID, DeliveryState] | None:
        """Read whom a delivery is for and how it stands."""
        row = (await self._connection.execute(DELIVERY, {"id": id_})).one_or_none()
        return None if row is None else (row.receiver_id, DeliveryState(row.state))

    async def page(self, receiver_id: UUID, after: int | None, limit: int) -> tuple[list[str], int | None]:
        """Return one page of JSON rows, the newest first, and the id after which the next page starts."""
        bound = {"receiver_id": receiver_id, "after": after, "limit": limit + 1}
        found = (await self._connection.execute(PAGE, bound)).all()
        page = found[:limit]
        return [row.row for row in page], page[-1].id if len(found) > limit else None

    async def forget(self, days: int) -> None:
        """Drop what ended longer ago, and what is for no receiver any more."""
        await self._connection.execute(FORGET, {"days": days})
