"""What comes in at the doors of the ground's quality."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from data.checks import WantedFaults
from geo.quality.faults import Kind


class FaultsIn(BaseModel):
    """Which faults a page shall hold; `cursor` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    cursor: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)

    def wanted(self) -> WantedFaults:
        """Return it as the statements take it."""
        return WantedFaults(self.kind, self.cursor, self.limit)


class ProposalIn(BaseModel):
    """A proposal that is asked for."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["repair"]
    layer: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$")
