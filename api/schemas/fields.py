"""Checked kinds of input that several requests share."""

import re
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from geo.datum import Datum

DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")


def _storable(text: str) -> str:
    """Refuse what PostgreSQL cannot hold: NUL, and halves of surrogate pairs."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("text holds a NUL or a lone surrogate")
    return text


def _iso(given: object) -> object:
    """Refuse numbers, which pydantic would take for seconds or milliseconds."""
    if not (isinstance(given, str) and DATE_AND_TIME.match(given)):
        raise ValueError("not a date and time of ISO 8601")
    return given


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_storable)]
Code = Annotated[Text, StringConstraints(max_length=64)]
Name = Annotated[Text, StringConstraints(max_length=100)]
Secret = Annotated[str, AfterValidator(_storable)]
Degrees = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Moment = Annotated[AwareDatetime, BeforeValidator(_iso), Field(description="ISO 8601 with offset")]


class Incoming(BaseModel):
    """A request's body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Position(Incoming):
    """A position in a named datum; degrees."""

    lng: Degrees
    lat: Degrees
    datum: Datum
