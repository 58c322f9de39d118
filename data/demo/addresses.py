"""What the buildings of a demo town are called and where they stand in words."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString

from data.demo.drafts import SORTS, Drafts
from data.demo.frame import Floats
from data.demo.ground import Block, Ground
from data.demo.names import Words, compounds, shops
from data.demo.streets import Numbers

HOMES = ("slab", "tower", "yard")
KINDS = dict.fromkeys(HOMES, "home") | dict.fromkeys(("shop", "market"), "shop")
KINDS |= dict.fromkeys(("shed", "tank", "office", "business"), "work")
INSTITUTIONS = {
    "school": ("小学", "中学", "实验学校"),
    "hospital": ("医院",),
    "government": ("政务服务中心",),
    "fire": ("消防救援站",),
    "market": ("商场", "农贸市场", "购物中心"),
    "pavilion": ("公园",),
}
TOWERS = ("大厦", "中心", "国际大厦", "商务广场")
STATION = "党群服务中心"
COMMUNITY = re.compile("街道|镇")
"""What ends the name above a community's."""
CLASS_RANK = {"main": 0, "secondary": 1, "lane": 2}


@dataclass(frozen=True, slots=True)
class Site:
    """Where a block or a shop stands: district to community, street and number, and what is written there."""

    above: str
    street: str
    number: int
    name: str

    @property
    def text(self) -> str:
        """Write the address."""
        return f"{self.above}{self.street}{self.number}号{self.name}"


class Addressed(NamedTuple):
    """A building's kind, its name if it has one, and its address; a flat's number is written after it."""

    kind: str
    name: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Named:
    """The same of all buildings as columns (n,)."""

    kinds: tuple[str, ...]
    names: tuple[str | None, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """What the names are made from: street names by road, and by block the names from district to community."""

    ground: Ground
    streets: tuple[str, ...]
    above: tuple[str, ...]
    words: Words


def address(book: Directory, drafts: Drafts, rng: np.random.Generator) -> Named:
    """Name every building and give it an address of its own."""
    numbers, signs = Numbers(book.ground), iter(shops(book.words, rng, len(drafts)))
    blocks = dict(_blocks(book, drafts, numbers, rng))
    seen: Counter[tuple[int, str, int]] = Counter()
    stations, found = set[str](), list[Addressed]()
    fronts = drafts.corners[drafts.starts[:-1, None] + [0, 1]].mean(axis=1)
    columns = (drafts.block, drafts.sort, drafts.row, drafts.road)
    for at, (block, sort, row, road) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        site = blocks[block]
        if road >= 0:
            number = numbers.next_at(road, fronts[at])
            found.append(_shop(replace(site, street=book.streets[road], number=number), next(signs), stations))
            continue
        yard = SORTS[sort] == "yard"
        key = block, KINDS.get(SORTS[sort], "public"), row if yard else -1
        seen[key] += 1
        found.append(_in_block(SORTS[sort], row, site, seen[key]))
    return Named(*zip(*found, strict=True))


def _blocks(
    book: Directory, drafts: Drafts, numbers: Numbers, rng: np.random.Generator
) -> Iterator[tuple[int, Site]]:
    kinds, inside = [SORTS[sort] for sort in drafts.sort.tolist()], drafts.road < 0
    sorts = dict(zip(drafts.block.tolist(), kinds, strict=True))
    sorts |= {int(drafts.block[row]): kinds[row] for row in np.flatnonzero(inside)}
    fresh, towers = compounds(book.words, rng), _towers(book.words, rng)
    tails_of = INSTITUTIONS | {"yard": ("里", "坊", "大院")}
    for row, sort in sorted(sorts.items()):
        road, middle = _front(book.ground.blocks[row], book.ground)
        stem = book.streets[road].rstrip("路街巷道大")
        tails = tails_of.get(sort, book.words["works"] if KINDS.get(sort) == "work" else ())
        name = stem + str(rng.choice(tails)) if tails else next(fresh) if sort in HOMES else ""
        name = next(towers) if sort == "business" else name
        yield row, Site(book.above[row], book.streets[road], numbers.next_at(road, middle), name)


def _towers(words: Words, rng: np.random.Generator) -> Iterator[str]:
    """Give distinct names of office towers for ever."""
    names = [head + tail for head in words["pair_heads"] for tail in words["pair_tails"] if head != tail]
    for number, row in enumerate(cycle(rng.permutation(len(names)).tolist())):
        yield names[row] + TOWERS[number % len(TOWERS)]


def _front(block: Block, ground: Ground) -> tuple[int, Floats]:
    """Choose the street a block belongs to, its widest and there the longest front, and the front's middle."""
    lines = [LineString(front.line) for front in block.fronts]
    rank = [CLASS_RANK[ground.roads[front.road].road_class] for front in block.fronts]
    best = min(range(len(lines)), key=lambda row: (rank[row], -lines[row].length))
    middle = lines[best].parallel_offset(1.0, "left").interpolate(0.5, normalized=True)
    return block.fronts[best].road, shapely.get_coordinates(middle)[0]


def _shop(site: Site, sign: str, stations: set[str]) -> Addressed:
    """Name a shop; the first house on a street in each community is its service centre instead."""
    if site.above not in stations:
        stations.add(site.above)
        community = COMMUNITY.split(site.above)[-1]
        return Addressed("public", community + STATION, replace(site, name=community + STATION).text)
    return Addressed("shop", sign, replace(site, name=sign).text)


def _in_block(sort: str, row: int, site: Site, number: int) -> Addressed:
    kind = KINDS.get(sort, "public")
    if sort == "yard":
        return Addressed(kind, None, f"{site.text}平房{row + 1}排{number}号")
    if sort in HOMES:
        return Addressed(kind, f"{site.name}{number}幢", f"{site.text}{number}幢")
    return Addressed(kind, site.name if number == 1 else f"{site.name}{number}号楼", f"{site.text}{number}号楼")
