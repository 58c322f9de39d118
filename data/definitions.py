"""Definitions: what each figure is, in both languages, as rows of a file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

OPTIONAL = ("target", "good", "source")


@cache
def definitions() -> Mapping[str, Mapping[str, Any]]:
    """Read the definition of every figure by its code, in the order in which they are shown."""
    read = tomllib.loads(resources.files("data").joinpath("definitions.toml").read_text(encoding="utf-8"))
    return {
        code: {"figure": code, **said, **{name: said.get(name) for name in OPTIONAL}} for code, said in read.items()
    }
