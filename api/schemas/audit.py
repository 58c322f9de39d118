"""Questions to the audit, and its verdict."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.fields import Incoming, Text
from data.audit import WantedNotes
from data.chain import Verified


class AuditIn(Incoming):
    """Which rows to list."""

    action: Annotated[Text, StringConstraints(max_length=64)] | None = None
    account: UUID | None = Field(default=None, description="an account's id")
    result: Literal["done", "refused", "failed"] | None = None
    after: int | None = Field(default=None, ge=1, lt=1 << 63, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=1000)

    def wanted(self) -> WantedNotes:
        """Turn it into what the audit takes."""
        return WantedNotes(self.action, self.account, self.result, self.after, self.limit)


def verdict(found: Verified) -> dict[str, Any]:
    """Shape what verifying found."""
    return {"whole": found.whole, "rows": found.rows, "hash": found.hash.hex(), "faults": found.faults}
