"""A look at the ground of two communities: what is wrong with each, a proposal for the whole town, house numbers."""

from typing import Any
from uuid import UUID

from data.schema import new_id
from tests.support.place import Place

CHECK = "INSERT INTO ground_check (id, started, ended, status, counts) VALUES (:id, now(), now(), 'done', '{}')"
RUNNING = "INSERT INTO ground_check (id, started, status) VALUES (:id, now(), 'running')"
FAULT = """INSERT INTO ground_fault (id, check_id, kind, layer, level, code, amount, unit, place, area_path, household_id)
    SELECT :id, :check, :kind, :layer, 'grid', a.code, 7, 'm2', st_setsrid(st_makepoint(:lng, :lat), 4326), a.path, :home
    FROM area a WHERE a.code = :code"""
PROPOSAL = """INSERT INTO proposal (id, kind, layer, level, made, status)
    VALUES (:id, 'repair', 'governance', 'grid', now(), 'proposed')"""
SHAPE = """INSERT INTO proposal_shape (proposal_id, code, name, shape, was, moved_m2, households)
    SELECT :id, code, name, shape, shape, 1, 1 FROM grid WHERE layer = 'governance'"""

NUMBER = """INSERT INTO address (id, number, text, point, cell)
    VALUES (:id, 'pub7', 'pub7', st_setsrid(st_makepoint(:lng, 27.0061), 4326), 0)"""  # everybody's


async def look_at(place: Place, ids: dict[str, Any], sides: dict[str, str], lng: dict[str, float]) -> None:
    """Add a check that was done with faults of both communities, one that runs, and a proposal for all grids."""
    ids["check"], ids["check running"], ids["proposal"] = (new_id() for _ in range(3))
    await place.run(CHECK, id=ids["check"])
    await place.run(RUNNING, id=ids["check running"])
    for side, code in sides.items():
        await place.run(NUMBER, id=new_id(), lng=lng[side])
        at = {"check": ids["check"], "code": f"{code}_1", "lng": lng[side], "lat": 27.0051}
        await _fault(place, ids, f"fault {side}", kind="overlap", layer="governance", home=None, **at)
        home: UUID = ids[f"household {side}"]
        await _fault(
            place, ids, f"fault {side} home", kind="household_in_other_grid", layer="governance", home=home, **at
        )
    await place.run(PROPOSAL, id=ids["proposal"])
    await place.run(SHAPE, id=ids["proposal"])


async def _fault(place: Place, ids: dict[str, Any], name: str, **given: Any) -> None:
    ids[name] = new_id()
    await place.run(FAULT, id=ids[name], **given)
