"""What a person costs the database: whose the token is, what the transaction is told, what the policies ask of each row."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.reports import draw, file
from benchmarks.rows import Row, interleave, quantile
from benchmarks.town import Bed, Served, duty_chief
from data.board import Board
from data.engine import engine_for
from data.person import anybody_with
from data.rights import EVERYWHERE, NO_LAYER, Permission, Rights
from data.store import Store, transaction
from data.tokens import TokenKind, Tokens, rights_for

ONE = text("SELECT 1")
SEEN = (Permission.INCIDENT_VIEW, Permission.GROUND_VIEW, Permission.WORKER_VIEW)
TOLD = (
    "A look that asks for nothing but the time; the peer is the same look of the process itself, told of no person."
)
BOARD = "Ids of what is open and their JSON rows, in our own process; the peer reads them on the owner's connection."
Ask = Callable[[], Awaitable[float]]


async def requests(place: Bed, times: int, repetitions: int) -> list[Row]:
    """Measure what every request pays before it asks for anything."""
    async with transaction(place.url("wangge_owner")) as connection:
        token, _ = await Tokens(connection).issue(await duty_chief(connection), TokenKind.PROGRAM, 1)
    store = Store(place.url("wangge_server"), pool_size=4)
    actor = await store.who(token)
    assert actor is not None, "a token just issued"

    async def who() -> float:
        began = time.perf_counter()
        await store.who(token)
        return time.perf_counter() - began

    async def look(told: bool) -> float:
        began = time.perf_counter()
        if told:
            async with store.reader(actor) as reader:
                await reader.board.now()
        else:
            async with store.watcher() as watcher:
                await watcher.board.now()
        return time.perf_counter() - began

    sides: dict[str, Ask] = {"who": who, "told": partial(look, True), "untold": partial(look, False)}
    found = await interleave({name: partial(_many, ask, times) for name, ask in sides.items()}, repetitions)
    await store.close()
    told, untold = quantile("ours", found["told"], 0.5), quantile("told of nobody", found["untold"], 0.5)
    return [
        Row("each request", "whose token, p50", "ms", quantile("ours", found["who"], 0.5), how="One round trip."),
        Row("each request", "a look for a person, p50", "ms", told, untold, how=TOLD),
    ]


async def board(place: Bed, served: Served, open_: int, times: int, repetitions: int) -> list[Row]:
    """Measure the policies of a board of `open_` incidents."""
    await place.finish_all()
    door = await served.door()
    for told in draw(place.made, open_, 9):
        await file(door, told)
    await door.close()
    await place.owner.execute("ANALYZE incident, task, incident_event")
    path, part = await _busiest_community(place)
    layers = (NO_LAYER, *(layer.code for layer in place.made.layers))
    scopes = {
        "whole town": rights_for(*SEEN, keys=(EVERYWHERE,)),
        "one community": rights_for(*SEEN, keys=tuple(f"{layer}.{path}" for layer in layers)),
    }
    store = Store(place.url("wangge_server"), pool_size=4)
    owner = engine_for(place.url("wangge_owner"), None, pool_size=1)
    asks: dict[str, Callable[[], Awaitable[tuple[float, int]]]] = {
        "owner": lambda: _read(owner.connect()),
        **{name: partial(_read_as, store, rights) for name, rights in scopes.items()},
    }
    counted: dict[str, set[int]] = {name: set() for name in asks}

    async def one(name: str) -> float:
        took, rows = await asks[name]()
        counted[name].add(rows)
        return took

    sides = {name: partial(_many, partial(one, name), times) for name in asks}
    found = await interleave(sides, repetitions)
    await store.close()
    await owner.dispose()
    peer = quantile("all of them as the owner", found["owner"], 0.5)
    wanted = {"whole town": open_, "one community": part}
    return [
        Row(
            f"board of {open_} open incidents",
            f"{name} sees {wanted[name]}, p50",
            "ms",
            quantile("ours", found[name], 0.5),
            peer,
            differing=len(counted[name] ^ {wanted[name]}),
            how=BOARD,
        )
        for name in scopes
    ]


async def _busiest_community(place: Bed) -> tuple[str, int]:
    """Return the path of the community with most open incidents, and how many."""
    row = await place.owner.fetchrow(
        "SELECT ltree2text(a.path) AS path, count(*) AS open FROM area a JOIN incident i ON i.area_path <@ a.path "
        "WHERE a.level = 'community' AND i.status NOT IN ('closed', 'rejected', 'void', 'duplicate') "
        "GROUP BY a.path ORDER BY count(*) DESC, a.path LIMIT 1"
    )
    assert row is not None
    return row["path"], row["open"]


async def _read(opened: AbstractAsyncContextManager[AsyncConnection]) -> tuple[float, int]:
    async with opened as connection:
        await connection.execute(ONE)
        began = time.perf_counter()
        rows = await Board(connection).open_incidents(1_000_000)
        return time.perf_counter() - began, len(rows)


async def _read_as(store: Store, rights: Rights) -> tuple[float, int]:
    async with store.reader(anybody_with(rights)) as reader:
        await reader.connection.execute(ONE)
        began = time.perf_counter()
        rows = await reader.board.open_incidents(1_000_000)
        return time.perf_counter() - began, len(rows)


async def _many(ask: Ask, times: int) -> list[float]:
    await ask()
    return [await ask() for _ in range(times)]
