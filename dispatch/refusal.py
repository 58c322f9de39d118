"""What every refusal is."""

from typing import ClassVar


class RefusedError(Exception):
    """A request that the rules refuse. `noted`: an attempt at more than one may, for the audit whatever its status."""

    code: ClassVar[str]
    noted: ClassVar[bool] = False

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts
