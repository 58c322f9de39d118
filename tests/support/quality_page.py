"""A place with known faults behind a real server: what the page of the ground's quality is tried on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shapely import MultiPolygon, Polygon, box

from tests.support.place import STEP, Place, square
from tests.support.server import built_and_served

M = 1e-5  # degrees: about a metre
EVIL = {
    "G00": "<img src=x onerror=alert(1)>",
    "G10": "<script>alert(2)</script>",
    "G01": "${alert(3)}{{7*7}}",
    "G21": '"><svg onload=alert(4)>',
    "C1": "</script><iframe src=javascript:alert(5)>",
}
"""Names that would run where they are taken for markup, by the code of what bears them."""


@dataclass
class Surveyed:
    """A served place; `tokens` by role."""

    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)


async def _build(owner_url: str, there: Surveyed) -> None:
    """Draw nine grids: the first reaches into its neighbour, another has a hole; some bear evil names."""
    async with Place.at(owner_url) as place:
        await place.add_town()
        await place.add_area("C1", "community", None, MultiPolygon([box(118.30, 27.00, 118.33, 27.03)]))
        for column in range(3):
            for row in range(3):
                code = f"G{column}{row}"
                await place.add_grid(code, _drawn(code, column, row), "C1")
                for role in ("grid_leader", "grid_worker"):
                    await place.add_worker(f"{role}{code}", None, role=role, home=code)
        for code, name in EVIL.items():
            await place.run("UPDATE grid SET name = :name WHERE code = :code", name=name, code=code)
            await place.run("UPDATE area SET name = :name WHERE code = :code", name=name, code=code)
        for role in ("planner", "grid_leader", "dispatcher", "worker"):
            there.tokens[role] = await place.token(role)


def _drawn(code: str, column: int, row: int) -> MultiPolygon:
    west, south, east, north = square(column, row).bounds
    shape = box(west, south, east + 60 * M, north) if code == "G00" else box(west, south, east, north)
    if code == "G21":
        near, far = 0.4 * STEP, 0.6 * STEP
        hole = [(west + x, south + y) for x, y in ((near, near), (near, far), (far, far), (far, near))]
        shape = Polygon(shape.exterior, [hole])
    return MultiPolygon([shape])


@contextmanager
def surveyed(owner_url: str, server_url: str, folder: Path) -> Iterator[Surveyed]:
    """Build the place and serve it."""
    there = Surveyed()
    with built_and_served(lambda: _build(owner_url, there), owner_url, server_url, folder) as there.url:
        yield there
