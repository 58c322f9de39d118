"""Tiles that were drawn already, kept in this process for as long as the ground is what it was."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.rights import Permission
from data.store import Store
from data.tiles import At, has_own_grids, reach
from data.tokens import Actor

MOST_BYTES = 64 * 1024 * 1024
OF_AN_ENTRY = 600
"""Bytes that an entry takes beside its tile, about."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile (MVT) and the tag by which it is known again."""

    content: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class _Kept:
    tile: Tile
    ground: str
    until: datetime | None


class TileCache:
    """The tiles asked for last. Each look asks the database whether the ground has changed, so that none is ever old.

    A key holds all that decides what is drawn for a person: two people share a tile only if their rights for its layer,
    the grid layer they are shown and their own grids are equal.
    """

    def __init__(self, store: Store, most_bytes: int = MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[Any, ...], _Kept] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def tile(self, actor: Actor, layer: str, at: At) -> Tile:
        """Return one tile (z, x, y) of a layer of `data.tiles.SOURCES`, drawn anew only if it must be."""
        ground, now = await self._store.ground()  # before the tile is looked at: a tile may be newer than its mark
        own = ""
        if has_own_grids(layer, actor.rights):
            async with self._store.reader(actor) as reader:
                own = await reader.own_grids()
        key = (layer, at, reach(layer, actor.rights), _shown(layer, actor), own)
        kept = self._kept.get(key)
        if kept is not None and kept.ground == ground and (kept.until is None or now < kept.until):
            self._kept.move_to_end(key)
            return kept.tile
        async with self._store.reader(actor) as reader:
            content = await reader.tile(layer, *at)
            until = await reader.tile_until(layer)
        tile = Tile(content, f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"')
        self._keep(key, _Kept(tile, ground, until))
        return tile

    def _keep(self, key: tuple[Any, ...], kept: _Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        self.bytes += _size(kept)
        while self.bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[Any, ...]) -> None:
        kept = self._kept.pop(key, None)
        self.bytes -= 0 if kept is None else _size(kept)


def _size(kept: _Kept) -> int:
    return len(kept.tile.content) + OF_AN_ENTRY


def _shown(layer: str, actor: Actor) -> str:
    return actor.rights.first_layer(Permission.GROUND_VIEW) if layer == "grids" else ""
