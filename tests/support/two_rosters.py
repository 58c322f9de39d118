"""What is said of the days of both communities' workers, and for what they are spoken for."""

from collections.abc import MutableMapping
from uuid import UUID

from data.schema import new_id
from tests.support.place import Place

SAID = """INSERT INTO duty_exception (id, worker_id, day, reason, swap_id, made_by, made_at)
    VALUES (gen_random_uuid(), :worker, CAST(:day AS text)::date, :reason, :swap, 'x', now())"""
RESERVED = """INSERT INTO reservation (id, worker_id, during, purpose, made_by, made_at)
    VALUES (:id, :worker, tstzrange(now() + :n * interval '1 day', now() + (:n + 1) * interval '1 day'), :purpose, 'x',
            now())"""


async def plan(place: Place, ids: MutableMapping[str, UUID], side: str, told: str) -> None:
    """Say something of two workers' days, swap one, and reserve one of them thrice."""
    idle, leader = ids[f"worker idle {side}"], ids[f"worker leader {side}"]
    ids[f"swap {side}"] = swap = new_id()
    await place.run(SAID, worker=idle, day="2099-01-03", reason="leave", swap=None)
    for worker in (idle, leader):
        await place.run(SAID, worker=worker, day="2099-01-05", reason="swap", swap=swap)
    for n in (1, 2, 3):
        ids[f"reservation {side} {n}"] = id_ = new_id()
        await place.run(RESERVED, id=id_, worker=idle, n=n, purpose=f"{told} reserved7")
