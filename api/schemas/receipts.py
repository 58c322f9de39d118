"""Near, follow, look, judge: what comes in."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.fields import Incoming, Position, Secret, Text
from data.evaluations import Judged
from data.incidents import Given
from data.tokens import Actor
from dispatch.triage import Report


class NearIn(Position):
    """A report that is about to be made."""

    category: Annotated[Text, StringConstraints(max_length=64)]
    description: Annotated[Secret, StringConstraints(max_length=4000)] = Field(
        default="", description="what is about to be said: like words come first"
    )

    def report(self, actor: Actor) -> Report:
        """Turn it into a report, which is not made."""
        return Report(Given(self.lng, self.lat, self.datum), self.category, str(actor), self.description)


class CodeIn(Incoming):
    """The code of a receipt, as somebody typed it."""

    code: Annotated[Secret, StringConstraints(max_length=64), Field(repr=False)]


def _or_nothing(words: str) -> str | None:
    return words or None


class JudgedIn(CodeIn):
    """What somebody says of what was closed."""

    stars: int = Field(ge=1, le=5, strict=True)
    solved: bool = Field(strict=True)
    words: (
        Annotated[Secret, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_or_nothing)]
        | None
    ) = Field(default=None, repr=False)

    def judged(self) -> Judged:
        """Turn it into what the desk takes."""
        return Judged(self.stars, self.solved, self.words)
