"""Which households are asked for."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.fields import Incoming, Text


class HouseholdsIn(Incoming):
    """One grid's households, a page at a time."""

    grid: Annotated[Text, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")] = Field(description="a grid's code")
    after: UUID | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=1000)
