"""Questions for figures in, tables of them out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from api.schemas.fields import Code, Incoming
from api.sheets import Cell, Row
from data.definitions import definitions
from dispatch.figures.drill import Case, Side
from dispatch.figures.kinds import FIGURES
from dispatch.figures.wanted import By, Wanted


def _day(given: object) -> object:
    """Refuse numbers, which pydantic would take for seconds."""
    if isinstance(given, date):
        return given
    if not (isinstance(given, str) and len(given) == 10 and given[4:8:3] == "--"):
        raise ValueError("not a date as YYYY-MM-DD")
    return given


def _known(code: str) -> str:
    if code not in FIGURES:
        raise ValueError("not a figure")
    return code


Day = Annotated[date, BeforeValidator(_day), Field(description="a day of the town's calendar, YYYY-MM-DD")]
FigureCode = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(FIGURES)})]
Format = Literal["csv", "xlsx", "json"]


class FiguresIn(Incoming):
    """What shall be counted: local days, both among them, and codes that narrow it."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    area: Code | None = Field(default=None, description="an area's code: it and all below it")
    layer: Code | None = None
    category: Code | None = None
    by: By | None = Field(default=None, description="by what figures are split")
    level: Code | None = Field(default=None, description="of the areas, where it is split by area")

    def wanted(self) -> Wanted:
        """Turn it into what the desk takes."""
        return Wanted(self.first, self.last, self.area, self.layer, self.category, self.by, self.level)


class ExportIn(FiguresIn):
    """What shall be counted, and as what it shall be written."""

    format: Format = "csv"


class CasesIn(FiguresIn):
    """Behind which figure to look."""

    figure: FigureCode
    side: Side = Side.OF
    key: Code | None = Field(default=None, description="a group's key")
    kind: Literal["none", "hidden", "outside"] | None = Field(default=None, description="of a group without a key")
    after: UUID | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=1000)

    def case(self) -> Case:
        """Turn it into what the desk takes."""
        return Case(self.figure, self.side, self.key, self.kind, self.after, self.limit)


PARTS: Mapping[str, Sequence[str]] = {
    "count": ("value",),
    "share": ("value", "n", "of", "low", "high"),
    "mean": ("value", "n"),
    "duration": ("median", "p90", "n"),
}
"""Which values of a figure stand in a table, each in a column of its own."""
HEAD = ("key", "name", "kind")


def table(found: Mapping[str, Any]) -> Iterator[Row]:
    """Return figures as a table: a head, the total, then the groups."""
    columns = [(code, part) for code, figure in FIGURES.items() for part in PARTS[figure.kind]]
    yield [*HEAD, *(code if part == "value" else f"{code}.{part}" for code, part in columns)]
    for group in ({"key": None, "name": None, "kind": "total", "figures": found["total"]}, *found["groups"]):
        cells: list[Cell] = [group["key"], group["name"], group["kind"]]
        yield [*cells, *(group["figures"][code][part] for code, part in columns)]


def definition_table(lang: str) -> Iterator[Row]:
    """Return what each figure is as a table, in a language."""
    ending = "" if lang == "zh" else "_en"
    columns = ("figure", f"name{ending}", f"says{ending}", f"formula{ending}", f"left_out{ending}", "target")
    yield [column.removesuffix("_en") for column in columns]
    for one in definitions().values():
        yield [one[column] for column in columns]
