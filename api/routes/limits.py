"""Limits: within how long each step must be done, and the calendar by which working time is counted."""

from typing import Any

from fastapi import APIRouter

from api.deps import Asking, Reading, TheCity
from api.routes.answers import PROBLEMS
from api.schemas.limits import limits_shown

router = APIRouter(prefix="/api", tags=["limits"], responses=PROBLEMS)


@router.get("/limits")
async def limits(actor: Asking, reading: Reading, city: TheCity) -> dict[str, Any]:
    """Give the town's time limits, the working hours of a day, and of each known year the days that are otherwise."""
    return limits_shown(await reading.limits.all(), await reading.calendars.all(), city)
