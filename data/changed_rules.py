"""Changed rules, out of a file: a few columns of categories, whole ladders and limits, put in the place of a town's own.

Nothing is written: a replay reads the file and leaves the town as it is.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

from data.categories import Category, RankBy, Urgency
from data.ladders import Ladder, Rung, Whom
from data.limits import LimitRow
from data.limits_file import LimitsFileError, limit_row
from data.workers import Kind

SECTIONS = frozenset({"category", "ladder", "limit"})
RUNG = frozenset({"whom", "tries", "offer_seconds", "wait_seconds"})
MOST = 1_000_000


class ChangedFileError(ValueError):
    """A file of a changed setting that cannot be taken: `where` in it, and `what` is wrong there."""

    code: ClassVar[str] = "changed_file"

    def __init__(self, where: str, what: str) -> None:
        self.facts = {"where": where, "what": what}
        super().__init__(f"{where}: {what}")


@dataclass(frozen=True, slots=True)
class ChangedRules:
    """A town's rules, ladders and limits with what a file puts in their place."""

    rules: Mapping[str, Category]
    ladders: Mapping[str, Ladder]
    limits: tuple[LimitRow, ...]


def changed_rules(words: str, was: ChangedRules, areas: Mapping[str, str]) -> ChangedRules:
    """Read a file over the rules there are; `areas` are the paths of areas by their codes.

    `[category.CODE]` names columns as in the database, `[[ladder.CODE]]` one rung after another of a whole ladder,
    `[[limit]]` a limit as `wangge load limits` reads it, in the place of the one for the same category, area and step.

    Raises
    ------
    ChangedFileError
        If it is no TOML, names what there is not, or a value is out of range.
    """
    given = parsed(words, SECTIONS)
    ladders = dict(was.ladders)
    for code, rungs in _tables(given, "ladder").items():
        ladders[code] = _ladder(code, rungs)
    rules = dict(was.rules)
    for code, columns in _tables(given, "category").items():
        if code not in rules:
            raise ChangedFileError(f"category {code}", "there is none")
        rules[code] = _category(rules[code], columns, ladders)
    limits = {(row.category, row.area_path, row.limit.step): row for row in was.limits}
    for number, one in enumerate(_list(given, "limit"), 1):
        row = _limit(one, number, rules, areas)
        limits[row.category, row.area_path, row.limit.step] = row
    return ChangedRules(rules, ladders, tuple(limits.values()))


def parsed(words: str, sections: frozenset[str]) -> Mapping[str, Any]:
    """Read TOML in which nothing stands but some sections."""
    try:
        given = tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        raise ChangedFileError("TOML", str(error)) from None
    unknown = sorted(given.keys() - sections)
    if unknown or not given:
        raise ChangedFileError(unknown[0] if unknown else "file", f"only {', '.join(sorted(sections))} stand in it")
    return given


def _tables(given: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found = given.get(section, {})
    if not isinstance(found, dict):
        raise ChangedFileError(section, f"is written as [{section}.CODE]")
    return found


def _list(given: Mapping[str, Any], section: str) -> list[Any]:
    found = given.get(section, [])
    if not isinstance(found, list):
        raise ChangedFileError(section, f"is written as [[{section}]]")
    return found


def _limit(given: Any, number: int, rules: Mapping[str, Category], areas: Mapping[str, str]) -> LimitRow:
    try:
        row = limit_row(given, number)
    except LimitsFileError as error:
        raise ChangedFileError(f"limit {number}", str(error)) from None
    if row.category is not None and row.category not in rules:
        raise ChangedFileError(f"limit {number}", f"there is no category {row.category}")
    if row.area is not None and row.area not in areas:
        raise ChangedFileError(f"limit {number}", f"there is no area {row.area}")
    return replace(row, area_path=None if row.area is None else areas[row.area])


def _ladder(code: str, given: Any) -> Ladder:
    if not isinstance(given, list) or not given:
        raise ChangedFileError(f"ladder {code}", f"is written rung by rung, as [[ladder.{code}]]")
    return Ladder(tuple(_rung(f"ladder {code}, rung {number}", one) for number, one in enumerate(given)))


def _rung(where: str, given: Any) -> Rung:
    if not isinstance(given, dict) or given.keys() - RUNG or "whom" not in given:
        raise ChangedFileError(where, f"has {', '.join(sorted(RUNG))}")
    offer = given.get("offer_seconds")
    return Rung(
        whom=_one_of(Whom)(where, given["whom"]),
        tries=_number(where, given.get("tries", 1), least=1),
        offer=None if offer is None else timedelta(seconds=_number(where, offer, least=1)),
        wait=timedelta(seconds=_number(where, given.get("wait_seconds", 0), least=0)),
    )


def _category(was: Category, given: Any, ladders: Mapping[str, Ladder]) -> Category:
    where = f"category {was.code}"
    if not isinstance(given, dict):
        raise ChangedFileError(where, f"is written as [category.{was.code}]")
    unknown = sorted(given.keys() - COLUMNS.keys())
    if unknown:
        raise ChangedFileError(where, f"{unknown[0]} is none of {', '.join(COLUMNS)}")
    new = replace(was, **dict(COLUMNS[name](where, value) for name, value in given.items()))
    if new.ladder is not None and new.ladder not in ladders:
        raise ChangedFileError(where, f"there is no ladder {new.ladder}")
    if new.urgency is not was.urgency:
        also = [replace(one, ladder=new.urgency) if one.ladder == was.urgency else one for one in was.also]
        new = replace(new, also=tuple(also))
    return new


def _number(where: str, given: Any, *, least: int) -> int:
    if type(given) is not int or not least <= given <= MOST:
        raise ChangedFileError(where, f"{given!r} is no whole number from {least} to {MOST}")
    return given


def _one_of[Kinds: (Whom, RankBy, Urgency, Kind)](kinds: type[Kinds]) -> Callable[[str, Any], Kinds]:
    def read(where: str, given: Any) -> Kinds:
        try:
            return kinds(given)
        except ValueError:
            raise ChangedFileError(where, f"{given!r} is none of {', '.join(kinds)}") from None

    return read


def _text(where: str, given: Any) -> str | None:
    if not isinstance(given, str):
        raise ChangedFileError(where, f"{given!r} is no text")
    return given or None


def _flag(where: str, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ChangedFileError(where, f"{given!r} is neither true nor false")
    return given


def _seconds(where: str, given: Any) -> timedelta:
    return timedelta(seconds=_number(where, given, least=1))


def _minutes(where: str, given: Any) -> timedelta:
    return timedelta(minutes=_number(where, given, least=1))


def _or_none(where: str, given: Any) -> timedelta | None:
    return timedelta(minutes=_number(where, given, least=0)) or None


def _rest(where: str, given: Any) -> timedelta:
    return timedelta(minutes=_number(where, given, least=0))


def _as(name: str, read: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[str, Any]]:
    return lambda where, given: (name, read(where, given))


COLUMNS: Mapping[str, Callable[[str, Any], tuple[str, Any]]] = {
    "skill": _as("skill", _text),
    "urgency": _as("urgency", _one_of(Urgency)),
    "ranking": _as("ranking", _one_of(RankBy)),
    "exclusive": _as("exclusive", _flag),
    "deadline_minutes": _as("deadline", _minutes),
    "offer_seconds": _as("offer", _seconds),
    "responder": _as("responder", _one_of(Kind)),
    "ladder": _as("ladder", _text),
    "mobile": _as("mobile", _flag),
    "rest_minutes": _as("rest", _rest),
    "scene_minutes": _as("scene", _or_none),
    "sorted_by_hand": _as("sorted_by_hand", _flag),
}
"""Columns of `category` a file may name; an empty text and 0 minutes to the scene stand for none."""
