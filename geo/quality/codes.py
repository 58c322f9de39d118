"""Codes: whether each is built as its level asks, and which are there twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from geo.quality.faults import Fault, Kind


@dataclass(frozen=True, slots=True)
class Coded:
    """An area's code, the number of digits that its level asks for (None: any code will do), and its parent's code."""

    level: str
    code: str
    digits: int | None
    parent: str | None
    at: tuple[float, float] | None = None


def bad_codes(areas: Iterable[Coded]) -> Iterator[Fault]:
    """Find codes that are not digits, not as many as asked, or do not begin with the parent's: reason in `other`."""
    for area in areas:
        reason = _reason(area)
        if reason is not None:
            yield Fault(Kind.CODE_BAD, None, area.level, area.code, reason, at=area.at)


def doubled_codes(layer: str | None, level: str, codes: Sequence[str]) -> Iterator[Fault]:
    """Find codes that several areas of one level or layer have; `amount` is how many."""
    for code, times in Counter(codes).items():
        if times > 1:
            yield Fault(Kind.CODE_DOUBLED, layer, level, code, amount=float(times), unit="areas")


def _reason(area: Coded) -> str | None:
    if area.digits is None:
        return None
    if not (area.code.isascii() and area.code.isdigit()):
        return "not_digits"
    if len(area.code) != area.digits:
        return "wrong_length"
    return "not_under_parent" if area.parent and not area.code.startswith(area.parent) else None
