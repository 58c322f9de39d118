"""How a worker is shown: free, busy, stale, lost, off."""

from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dispatch.able import FRESH, STALE
from dispatch.city import City


class WorkerState(StrEnum):
    """One word for a symbol on the map."""

    OFF = "off"
    LOST = "lost"
    STALE = "stale"
    BUSY = "busy"
    FREE = "free"


def states(city: City, now: datetime) -> NDArray[np.object_]:
    """Return the state of every worker of the crew, object (n,) of WorkerState, in row order; a unit stands where it stands."""
    crew = city.crew
    age = now.timestamp() - crew.seen_at
    found = np.full(len(crew), WorkerState.FREE, dtype=object)
    found[~crew.free(exclusive=False)] = WorkerState.BUSY
    found[age > FRESH.total_seconds()] = WorkerState.STALE
    found[np.isnan(age) | (age > STALE.total_seconds())] = WorkerState.LOST
    found[~city.on_duty(now)] = WorkerState.OFF
    return found
