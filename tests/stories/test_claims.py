"""The desk itself, in two processes without a door before them: 200 reports at one spot for 200 workers, none twice.

800 of them, and how many a second, is part of `./wangge bench once`.
"""

import multiprocessing
from collections import Counter

import pytest

from benchmarks.once_claims import Found, Part, share
from tests.support import wide
from tests.support.place import Place

pytestmark = pytest.mark.alone

WORKERS, PROCESSES = 200, 2


@pytest.mark.parametrize("whole", [False, True], ids=["the claim alone", "the whole of receiving"])
async def test_two_desks_at_one_spot_claim_everybody_once(place: Place, server_url: str, whole: bool) -> None:
    await wide.build(place, 3, WORKERS, capacity=1)
    context = multiprocessing.get_context("forkserver")
    start, answers = context.Barrier(PROCESSES), context.Queue()
    parts = [Part(server_url, number, whole, True, WORKERS // PROCESSES, side=3) for number in range(PROCESSES)]
    started = [context.Process(target=share, args=(part, start, answers), daemon=True) for part in parts]
    for process in started:
        process.start()
    found: list[Found] = [answers.get(timeout=60) for _ in parts]
    for process in started:
        process.join(10)

    claimed = Counter(id_ for one in found for id_ in one.claimed)
    assert None not in claimed
    assert (len(claimed), set(claimed.values())) == (WORKERS, {1})
    [load] = await place.run("SELECT sum(active_tasks) AS load, max(active_tasks) AS most FROM worker")
    assert tuple(load) == (WORKERS, 1)
    [tasks] = await place.run(
        "SELECT count(*) AS n, count(DISTINCT worker_id) AS workers FROM task WHERE ended_at IS NULL"
    )
    assert tuple(tasks) == ((WORKERS, WORKERS) if whole else (0, 0))
