"""`wangge receiver`."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from api.cli.database import fail, say
from api.cli.desk import at_the_desk, checked
from api.errand import Errand
from api.outgoing import Outgoing
from api.schemas.receivers import NewReceiverIn
from api.settings import Settings
from api.telling import Telling
from data.store import Store
from dispatch.addresses import way_to
from dispatch.desk import receivers as desk
from dispatch.desk.receivers import ReceiverWanted
from dispatch.desk.tell import try_out
from dispatch.errors import AddressRefusedError

Label = Annotated[str, typer.Argument(help="The receiver's label or its id.")]
FromStdin = Annotated[
    bool, typer.Option("--secret-stdin", help="Read the secret's line instead of none or drawing one.")
]


def add(  # noqa: PLR0913 - a command's options
    kind: Annotated[str, typer.Argument(help="wecom, dingtalk, feishu, mail or webhook.")],
    label: Annotated[str, typer.Argument(help="What it is called here.")],
    events: Annotated[
        str, typer.Option(help="Kinds of event, by commas.")
    ] = "filed,waiting,overdue,scene_late,whistled",
    area: Annotated[str | None, typer.Option(help="Code of the area; none: the whole town.")] = None,
    layer: Annotated[str | None, typer.Option(help="Grid layer; none: all of them.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    secret_stdin: FromStdin = False,
) -> None:
    """Add a receiver; its address is read from standard input, for it may hold a key. A drawn secret is printed once."""
    stdin = typer.get_text_stream("stdin")
    address = stdin.readline().strip()
    body: dict[str, Any] = {
        "kind": kind,
        "label": label,
        "address": address,
        "secret": stdin.readline().rstrip("\r\n") if secret_stdin else None,
        "events": [event.strip() for event in events.split(",") if event.strip()],
        "lang": lang,
        "layer": layer,
        "area": area,
    }
    wanted = checked(lambda: NewReceiverIn(**body)).wanted()

    async def work(store: Store, telling: Telling) -> str | None:
        await _look_up(wanted, telling.outgoing)
        async with store.books.open() as book:
            return (await desk.add_receiver(wanted, None, book))[1]

    drawn = _carried_out(work)
    say("✓ added")
    if drawn is not None:
        say("✓ the key that signs, shown this once:")
        typer.echo(drawn)


def listed() -> None:
    """List the receivers by label: id, label, kind, host, state, delivered, waiting, given up, trouble; tabs between."""

    async def work(store: Store, _: Telling) -> list[str]:
        async with store.books.open() as book:
            return await book.receivers.rows()

    for row in _carried_out(work):
        typer.echo(_line(json.loads(row)))


def pause(
    label: Label, go_on: Annotated[bool, typer.Option("--go-on", help="Let it be told again instead.")] = False
) -> None:
    """Tell a receiver nothing until it goes on."""

    async def work(store: Store, _: Telling) -> None:
        async with store.books.open() as book:
            id_ = _id_of(label, await book.receivers.rows())
            await desk.change_receiver(id_, {"paused": not go_on}, None, book)

    _carried_out(work)
    say("✓ goes on" if go_on else "✓ paused")


def remove(label: Label) -> None:
    """Take a receiver away with its deliveries."""

    async def work(store: Store, _: Telling) -> None:
        async with store.books.open() as book:
            await desk.remove_receiver(_id_of(label, await book.receivers.rows()), None, book)

    _carried_out(work)
    say("✓ removed")


def test(label: Label) -> None:
    """Tell a receiver at once that this is a test, and say how that went."""

    async def work(store: Store, telling: Telling) -> str | None:
        async with store.books.open() as book:
            id_ = _id_of(label, await book.receivers.rows())
        return await try_out(id_, None, store.books, telling.try_out)

    trouble = _carried_out(work)
    if trouble is not None:
        raise fail(f"Not delivered: {trouble}.")
    say("✓ delivered")


def _carried_out[Done](work: Callable[[Store, Telling], Awaitable[Done]]) -> Done:
    """Carry out work with a messenger of its own, which ends with it."""
    settings = Settings()

    async def inside(store: Store) -> Done:
        outgoing = Outgoing(settings.outgoing_private)
        try:
            return await work(store, Telling(outgoing, store, lambda: ZoneInfo("UTC"), settings.public_url))
        finally:
            await outgoing.close()

    return at_the_desk(inside)


async def _look_up(wanted: ReceiverWanted, outgoing: Outgoing) -> None:
    way = asdict(way_to(wanted.kind, wanted.address, wanted.secret))
    if await outgoing.look_up(Errand(wanted.kind, way, None, "", "", "", "", 0)) == "refused_address":
        raise AddressRefusedError(hint="not_public")


def _id_of(label: str, rows: list[str]) -> UUID:
    found = [row["id"] for row in map(json.loads, rows) if label in (row["label"], row["id"])]
    if len(found) != 1:
        raise fail(
            "There is no such receiver." if not found else "Several receivers have this label: name one by its id."
        )
    return UUID(found[0])


def _line(row: dict[str, Any]) -> str:
    state = "paused" if row["paused_at"] else "failing" if row["trouble"] else "well"
    counts = [f"{name} {row[name]}" for name in ("delivered", "waiting", "given_up")]
    parts = (row["id"], row["label"], row["kind"], row["host"], state, *counts, row["trouble"] or "–")
    return "\t".join(" ".join(part.split()) for part in parts)
