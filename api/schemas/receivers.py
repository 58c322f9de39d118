"""Receivers of notices in."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.fields import Code, Incoming, Name, Secret, Text
from data.receivers import ReceiverKind
from dispatch.desk.receivers import ReceiverWanted
from dispatch.notices import Event

Events = Annotated[list[Event], Field(min_length=1, max_length=50)]
Address = Annotated[Text, StringConstraints(max_length=2000)]
Key = Annotated[Secret, StringConstraints(min_length=1, max_length=500)]
Lang = Literal["zh", "en"]


class NewReceiverIn(Incoming):
    """A chat group, mailbox or program that shall be told; without area and layer of the whole town."""

    kind: ReceiverKind
    label: Name
    address: Address = Field(repr=False)
    secret: Key | None = Field(default=None, repr=False)
    events: Events
    lang: Lang = "zh"
    layer: Code | None = None
    area: Code | None = Field(default=None, description="code of the area in which it must have happened")

    def wanted(self) -> ReceiverWanted:
        """Turn it into what the desk takes."""
        return ReceiverWanted(
            kind=self.kind,
            label=self.label,
            address=self.address,
            events=tuple(dict.fromkeys(self.events)),
            secret=self.secret,
            lang=self.lang,
            layer=self.layer,
            area_code=self.area,
        )


class ReceiverIn(Incoming):
    """What of a receiver shall be another."""

    label: Name | None = None
    events: Events | None = None
    lang: Lang | None = None
    paused: bool | None = Field(default=None, strict=True)

    def changes(self) -> dict[str, Any]:
        """Return what was given."""
        given = {name: value for name, value in self.model_dump().items() if value is not None}
        return given | ({"events": list(dict.fromkeys(self.events))} if self.events else {})


class DeliveriesIn(Incoming):
    """Which deliveries to list."""

    after: int | None = Field(default=None, ge=0, lt=1 << 63, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=1000)
