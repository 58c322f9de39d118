"""A worker's position, and a phone's heartbeat."""

from typing import Annotated

from pydantic import Field

from api.schemas.fields import Incoming, Moment, Position
from data.incidents import Given
from dispatch.desk.move import Seen


class PositionIn(Position):
    """Where a phone is, how well it knows, and since when."""

    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False, strict=True)] | None = None
    fixed_at: Moment | None = Field(default=None, description="when the fix was taken; default: now")

    def seen(self) -> Seen:
        """Turn it into what the desk takes."""
        return Seen(Given(self.lng, self.lat, self.datum), self.accuracy_m, self.fixed_at)


class HeartbeatIn(Incoming):
    """Whether the phone has lain still since the last position it gave."""

    still: bool = Field(strict=True)
