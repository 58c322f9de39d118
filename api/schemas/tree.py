"""The tree's own words as a town writes them: levels and grid layers, in a TOML file."""

import json
import tomllib
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from api.schemas.fields import Incoming, Name
from data.importing.tree import GridLayer, Level

LevelCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
LayerCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]{0,63}$")]
Households = Annotated[int, Field(ge=0, le=1_000_000)]


class LevelIn(Incoming):
    """A level; the smaller its rank, the higher it stands."""

    rank: int = Field(ge=0, le=10_000)
    name: Name
    name_en: Name
    digits: int | None = Field(default=None, ge=1, le=64)


class LayerIn(Incoming):
    """A layer of grids, and how many households a grid of it shall have."""

    name: Name
    name_en: Name
    least_households: Households | None = None
    most_households: Households | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "LayerIn":
        least, most = self.least_households, self.most_households
        if least is not None and most is not None and least > most:
            raise ValueError("least_households is more than most_households")
        return self


class TreeIn(Incoming):
    """Levels and layers by code; those that are not named stay as they are."""

    levels: dict[LevelCode, LevelIn] = Field(default_factory=dict)
    layers: dict[LayerCode, LayerIn] = Field(default_factory=dict)

    @classmethod
    def read(cls, given: str) -> "TreeIn":
        """Read what `written` writes."""
        return cls.model_validate(tomllib.loads(given))

    def rows(self) -> tuple[list[Level], list[GridLayer]]:
        """Turn it into what is written."""
        levels = [Level(code, one.rank, one.name, one.name_en, one.digits) for code, one in self.levels.items()]
        layers = [
            GridLayer(code, one.name, one.name_en, one.least_households, one.most_households)
            for code, one in self.layers.items()
        ]
        return levels, layers


def written(levels: Iterable[Level], layers: Iterable[GridLayer]) -> str:
    """Write levels and layers as the file from which they can be read again."""
    sections = [_section(f"levels.{one.code}", one, ("rank", "name", "name_en", "digits")) for one in levels]
    sizes = ("name", "name_en", "least_households", "most_households")
    return "\n\n".join([*sections, *(_section(f"layers.{one.code}", one, sizes) for one in layers)])


def _section(heading: str, row: Level | GridLayer, names: tuple[str, ...]) -> str:
    said = [(name, getattr(row, name)) for name in names]
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in said if value is not None]
    return "\n".join([f"[{heading}]", *lines])
