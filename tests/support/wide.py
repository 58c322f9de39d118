"""A wide place: many grids and thousands of workers, all of whom are on duty round the clock, in a few statements."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from shapely import Point

from data.bulk import insert_many
from data.rosters import duty_pattern
from data.schema import new_id
from data.workers import worker, worker_position
from geo.cells import cells_of
from tests.support.place import EVERY_DAY, ROUND_THE_CLOCK, SOUTH, STEP, WEST, Place

SKILLS = ("fire", "pipes", "peace")
CATEGORIES: Sequence[tuple[str, dict[str, Any]]] = (
    ("noise", {"ranking": "nearest"}),
    ("litter", {"ranking": "own_grid_first", "urgency": "ordinary"}),
    ("leak", {"ranking": "own_grid_first", "skill": "pipes"}),
    ("quarrel", {"ranking": "nearest", "skill": "peace"}),
    ("fire", {"ranking": "nearest", "skill": "fire", "urgency": "emergency", "exclusive": True}),
)
"""Four in five go to somebody who may carry more, one in five to somebody who may then carry nothing else."""


async def build(place: Place, side: int, count: int, capacity: int = 3, offer_seconds: int = 120) -> None:
    """Make `side` × `side` grids, the categories, and `count` workers scattered over them by a fixed seed."""
    await place.add_block(side, side)
    for code, rule in CATEGORIES:
        await place.add_category(code, offer_seconds=offer_seconds, **rule)
    await hire(place, side, count, capacity)


async def hire(place: Place, side: int, count: int, capacity: int) -> list[UUID]:
    """Hire workers at home in the grid they stand in; one in two has no skill, the others one or all."""
    rng = np.random.default_rng([count, 5])
    across, up = rng.uniform(0, side, (2, count))
    lng, lat = WEST + across * STEP, SOUTH + up * STEP
    cells = cells_of(lng, lat).tolist()
    skills = [SKILLS[: rng.integers(1, 4)] if rng.random() < 0.5 else () for _ in range(count)]
    ids = [new_id() for _ in range(count)]
    homes = [f"G{int(x)}{int(y)}" for x, y in zip(across, up, strict=True)]
    workers = [
        {
            "id": id_,
            "code": f"W{n:05}",
            "name": "王小明",
            "role": "grid_worker",
            "skills": skills[n],
            "home_area_id": place.areas[homes[n]],
            "area_path": place.paths[homes[n]],
            "capacity": capacity,
            "active_tasks": 0,
        }
        for n, id_ in enumerate(ids)
    ]
    seen = [
        {
            "worker_id": id_,
            "point": Point(lng[n], lat[n]),
            "cell": cells[n],
            "accuracy_m": 8.0,
            "given_datum": "wgs84",
            "fixed_at": None,
        }
        for n, id_ in enumerate(ids)
    ]
    [[now]] = await place.run("SELECT clock_timestamp()")
    week = [
        {"id": new_id(), "worker_id": id_, "weekday": day, "starts": ROUND_THE_CLOCK[0], "ends": ROUND_THE_CLOCK[1]}
        for id_ in ids
        for day in EVERY_DAY
    ]
    async with place.engine.begin() as connection:
        await insert_many(connection, worker, workers)
        await insert_many(connection, worker_position, [one | {"fixed_at": now} for one in seen])
        await insert_many(connection, duty_pattern, week)
    return ids
