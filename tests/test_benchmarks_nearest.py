"""The benchmarks of the nearest and of positions: very small, every answer the peer's, and a place in the page for each."""

import asyncio
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from benchmarks import locate_growth, nearest, page, positions, run
from geo.movers import Movers
from geo.nearest import Hits
from tests.test_benchmarks import PROMISED, ROOT


@pytest.mark.parametrize(
    ("module", "figures"),
    [
        (nearest, {"5 nearest", "one call, p99", "moves", "memory"}),
        (positions, {"accepted", "positions accepted", "p99", "server's CPU per position"}),
    ],
)
def test_every_answer_is_the_peer_s_and_the_table_has_its_place(
    module: ModuleType, figures: set[str], tmp_path: Path
) -> None:
    measured = asyncio.run(module.measure(True))
    assert all(row.as_json().keys() >= PROMISED and not row.differing for row in measured.rows)
    assert {row.figure for row in measured.rows} >= figures
    [name] = [name for name, known in run.BENCHMARKS.items() if known == module.__name__]
    shutil.copy(ROOT / "docs" / "performance.md", tmp_path)
    page.put(tmp_path / "performance.md", name, measured)
    table = (tmp_path / "performance.md").read_text(encoding="utf-8").split(f"bench {name} -->")[1]
    assert all(f"| {row.case} | {row.figure} |" in table for row in measured.rows)


def test_somebody_who_is_not_the_nearest_fails_every_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Movers.nearest_many

    def astray(*given: Any) -> Hits:
        hits = right(*given)
        return Hits(hits.rows, np.concatenate([hits.metres[:, 1:], hits.metres[:, -1:] + 1], axis=1))

    world = nearest.World.of(200, 20, np.random.default_rng(1))
    size = nearest.Sizes((200,), 200, 20, 20, 10, 1)

    async def differing() -> dict[str, int | None]:
        async with nearest.locate_postgis.server() as connection:
            rows = await nearest._one(world, connection, size, {})
        return {row.peer.name: row.differing for row in rows if row.figure == "5 nearest" and row.peer}

    monkeypatch.setattr(Movers, "nearest_many", astray)
    found = asyncio.run(differing())
    assert all(found[name] for name in (nearest.FROZEN, nearest.BALL, nearest.POSTGIS))


def test_the_growth_is_drawn_over_movers(tmp_path: Path) -> None:
    lines = {"ours": [(1_000, 700.0), (4_500_000, 2_000.0)], nearest.POSTGIS: [(1_000, 90_000.0), (1_000_000, 2e5)]}
    locate_growth.draw(tmp_path / "picture.svg", lines, "movers", "ns a question")
    texts = {one.text for one in Xml.parse(tmp_path / "picture.svg").iter("{http://www.w3.org/2000/svg}text")}
    assert {"movers", "ns a question", nearest.POSTGIS, "1,000,000"} <= texts
