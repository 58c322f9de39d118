"""Positions sent together: read in one go and kept as columns, since thousands of them come a second."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import numpy as np
from pydantic import ConfigDict, FailFast, Field, StringConstraints, TypeAdapter, with_config

from api.schemas.fields import Degrees
from dispatch.gathered import Gathered

MOST_AT_ONCE = 5_000
ID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"


@with_config(ConfigDict(extra="forbid"))
class FixIn(TypedDict):
    """One fix of one worker."""

    worker: Annotated[str, StringConstraints(pattern=ID), Field(description="the worker's id")]
    lng: Degrees
    lat: Degrees
    datum: Literal["wgs84", "gcj02", "bd09", "cgcs2000"]
    fixed_at: Annotated[str, StringConstraints(pattern=MOMENT), Field(description="ISO 8601 with offset")]
    accuracy_m: NotRequired[Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False, strict=True)] | None]


@with_config(ConfigDict(extra="forbid"))
class PositionsIn(TypedDict):
    """Fixes in any order, of one worker several, too."""

    positions: Annotated[list[FixIn], Field(min_length=1, max_length=MOST_AT_ONCE), FailFast()]


POSITIONS = TypeAdapter(PositionsIn)


def described() -> dict[str, Any]:
    """Return the body's schema in one piece, as the OpenAPI document can hold it."""
    whole = POSITIONS.json_schema()
    whole["properties"]["positions"]["items"] = whole.pop("$defs")["FixIn"]
    return whole


class NoMomentError(ValueError):
    """A date and time that there never is, as the 30th of February; `row` says in which fix."""

    def __init__(self, row: int) -> None:
        super().__init__("no date and time")
        self.row = row


def gathered_in(body: bytes) -> Gathered:
    """Read a body; the shape of all of it is looked at before any of it counts.

    Raises
    ------
    pydantic.ValidationError
        If it has another shape; the first fix that has is named.
    NoMomentError
        If a time is none.
    """
    fixes = POSITIONS.validate_json(body)["positions"]
    return Gathered(
        [one["worker"].lower() for one in fixes],
        np.array([one["lng"] for one in fixes], np.float64),
        np.array([one["lat"] for one in fixes], np.float64),
        np.array([one["datum"] for one in fixes]),
        _seconds([one["fixed_at"] for one in fixes]),
        [one.get("accuracy_m") for one in fixes],
    )


def _seconds(moments: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return Unix seconds, float64 (k,)."""
    seconds = np.empty(len(moments))
    for row, moment in enumerate(moments):
        try:
            seconds[row] = datetime.fromisoformat(moment).timestamp()
        except ValueError:
            raise NoMomentError(row) from None
    return seconds
