"""A town of a year of incidents, made once, and what answers for it: our figures, and plain SQL."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from data.clocks import clock
from data.copying import copy_rows
from data.incidents import incident
from data.person import anybody_with
from data.rights import Rights
from data.schema import new_id
from data.store import Store
from data.tokens import Actor
from dispatch.desk.figures import Asked, look_at_figures
from dispatch.desk.reckon import Reckoning
from dispatch.figures.wanted import Wanted
from tests.support.place import Place
from tests.support.plain_figures import statements
from tests.support.year import FIRST, LAST, NOW, ZONE, clocks, incidents

COUNT = 4_000
EVERYTHING = {"figures.view": ("",), "incident.view": ("",), "ground.view": ("",), "worker.view": ("",)}
ALL = anybody_with(Rights(EVERYTHING))


@dataclass
class Year:
    """A town of a year, its store and its reckoning."""

    place: Place
    store: Store
    reckoning: Reckoning
    workers: dict[str, UUID] = field(default_factory=dict)
    members: dict[UUID, frozenset[UUID]] = field(default_factory=dict)

    async def told(self, wanted: Wanted, actor: Actor = ALL) -> dict[str, Any]:
        async with self.store.reader(actor) as reading:
            return await look_at_figures(Asked(wanted, actor, ZONE, self.members), reading, self.reckoning)

    async def plain(self, by: str, where: str = "true", **bound: Any) -> dict[str | None, dict[str, Any]]:
        """Ask the database alone: figures by key."""
        found: dict[str | None, dict[str, Any]] = {}
        bound = {"first": FIRST, "last": LAST, "now": NOW} | bound
        for statement in statements(by, where):
            used = {name: value for name, value in bound.items() if f":{name}" in statement}
            for row in await self.place.run(statement, **used):
                found.setdefault(row.key, {}).update({k: v for k, v in row._mapping.items() if k != "key"})
        return found


async def build_year(year: Year) -> None:
    """Build the tree, people and kinds of matters, and put the incidents with their clocks in by COPY."""
    place = year.place
    await place.add_town(ZONE.key)
    await place.add_area("S1", "street")
    for community in ("C1", "C2", "C10"):
        await place.add_area(community, parent="S1")
        for number in range(3):
            await place.add_area(f"G{community}_{number}", "grid", parent=community)
    for code, rule in {"noise": {}, "dispute": {"skill": "mediation"}, "fever": {"layer": "health"}}.items():
        await place.add_category(code, **rule)
    for code in ("W1", "W2", "W3"):
        year.workers[code] = await place.add_worker(code, home="C1" if code == "W1" else "C2")
    member = year.workers["W3"]
    for code, members in {"D1": [member], "D2": []}.items():
        year.workers[code] = await place.add_department(code, members=members)
    year.members[year.workers["D1"]] = frozenset([member])
    areas = [*(path for code, path in place.paths.items() if code.startswith("G")), place.paths["C2"], None]
    ids = iter(new_id, None)
    rows = list(incidents(8, COUNT, areas, year.workers, ids))
    async with place.engine.begin() as connection:
        await copy_rows(connection, incident, rows)
        await copy_rows(connection, clock, clocks(9, rows))
