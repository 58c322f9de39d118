"""What the buildings of a demo town are called and where they stand in words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString

from data.demo.buildings import Draft
from data.demo.frame import Floats
from data.demo.ground import Block, Ground
from data.demo.names import STOCK, compounds, shops
from data.demo.streets import Numbers

HOMES = ("slab", "tower", "yard")
KINDS = dict.fromkeys(HOMES, "home") | dict.fromkeys(("shop", "market"), "shop")
KINDS |= dict.fromkeys(("shed", "tank", "office"), "work")
INSTITUTIONS = {
    "school": ("小学", "中学", "实验学校"),
    "hospital": ("医院",),
    "government": ("政务服务中心",),
    "fire": ("消防救援站",),
    "market": ("商场", "农贸市场", "购物中心"),
    "pavilion": ("公园",),
}
STATION = "党群服务中心"
CLASS_RANK = {"main": 0, "secondary": 1, "lane": 2}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block or a shop stands: district to community, street and number, and what is written there."""

    above: str
    street: str
    number: int
    name: str

    @property
    def text(self) -> str:
        """Write the address."""
        return f"{self.above}{self.street}{self.number}号{self.name}"


@dataclass(frozen=True, slots=True)
class Addressed:
    """A building's kind, its name if it has one, and its address; a flat's number is written after it."""

    kind: str
    name: str | None
    address: str


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """What the names are made from: street names by road, and by block the names from district to community."""

    ground: Ground
    streets: tuple[str, ...]
    above: tuple[str, ...]


def address(book: Directory, drafts: list[Draft], rng: np.random.Generator) -> list[Addressed]:
    """Name every building and give it an address of its own."""
    numbers, signs = Numbers(book.ground), iter(shops(rng, len(drafts)))
    blocks = dict(_blocks(book, drafts, numbers, rng))
    seen: Counter[tuple[int, str, int]] = Counter()
    stations, found = set[str](), list[Addressed]()
    for draft in drafts:
        place = blocks[draft.block]
        if draft.road >= 0:
            number = numbers.next_at(draft.road, draft.ring[:2].mean(axis=0))
            found.append(_shop(replace(place, street=book.streets[draft.road], number=number), next(signs), stations))
            continue
        key = draft.block, KINDS.get(draft.sort, "public"), draft.row if draft.sort == "yard" else -1
        seen[key] += 1
        found.append(_in_block(draft, place, seen[key]))
    return found


def _blocks(
    book: Directory, drafts: list[Draft], numbers: Numbers, rng: np.random.Generator
) -> Iterator[tuple[int, Place]]:
    sorts = {draft.block: draft.sort for draft in drafts}
    sorts |= {draft.block: draft.sort for draft in drafts if draft.road < 0}
    fresh = compounds(rng)
    tails_of = INSTITUTIONS | {"yard": ("里", "坊", "大院")}
    for row, sort in sorted(sorts.items()):
        road, middle = _front(book.ground.blocks[row], book.ground)
        stem = book.streets[road].rstrip("路街巷道大")
        tails = tails_of.get(sort, STOCK["works"] if KINDS.get(sort) == "work" else ())
        name = stem + str(rng.choice(tails)) if tails else next(fresh) if sort in HOMES else ""
        yield row, Place(book.above[row], book.streets[road], numbers.next_at(road, middle), name)


def _front(block: Block, ground: Ground) -> tuple[int, Floats]:
    """Choose the street a block belongs to, its widest and there the longest front, and the front's middle."""
    lines = [LineString(front.line) for front in block.fronts]
    rank = [CLASS_RANK[ground.roads[front.road].road_class] for front in block.fronts]
    best = min(range(len(lines)), key=lambda row: (rank[row], -lines[row].length))
    middle = lines[best].parallel_offset(1.0, "left").interpolate(0.5, normalized=True)
    return block.fronts[best].road, shapely.get_coordinates(middle)[0]


def _shop(place: Place, sign: str, stations: set[str]) -> Addressed:
    """Name a shop; the first house on a street in each community is its service centre instead."""
    if place.above not in stations:
        stations.add(place.above)
        community = place.above[place.above.rindex("街道") + 2 :]
        return Addressed("public", community + STATION, replace(place, name=community + STATION).text)
    return Addressed("shop", sign, replace(place, name=sign).text)


def _in_block(draft: Draft, place: Place, number: int) -> Addressed:
    kind = KINDS.get(draft.sort, "public")
    if draft.sort == "yard":
        return Addressed(kind, None, f"{place.text}平房{draft.row + 1}排{number}号")
    if draft.sort in HOMES:
        return Addressed(kind, f"{place.name}{number}幢", f"{place.text}{number}幢")
    return Addressed(kind, place.name if number == 1 else f"{place.name}{number}号楼", f"{place.text}{number}号楼")
