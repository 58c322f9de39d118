"""Our own scripts and style sheets: nothing from outside, no colour of their own, no markup made from text."""

import json
import re
from pathlib import Path

import pytest

from maps.palette import tokens_css

ROOT = Path(__file__).parents[2] / "maps"
FILES = [path for path in sorted((ROOT / "static").rglob("*")) if path.suffix in {".js", ".css"}]
OWN = [path for path in FILES if "vendor" not in path.parts]
SCRIPTS = [path for path in OWN if path.suffix == ".js"]
LONGEST = 300  # lines


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", OWN, ids=name)
def test_nothing_is_asked_of_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?:", text)
    assert not re.search(r"""url\(\s*["']?//""", text)
    assert not re.search(r"@import", text)


@pytest.mark.parametrize("path", OWN, ids=name)
def test_colours_come_from_the_palette(path: Path) -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?!\()", path.read_text(encoding="utf-8").replace("#private", ""))


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_text_never_becomes_markup_or_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "bindPopup",
    ):
        assert way not in text


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_an_import_names_a_file_that_is_there(path: Path) -> None:
    for module in re.findall(r'from "(\.[^"]+)"', path.read_text(encoding="utf-8")):
        assert (path.parent / module).is_file(), module


def test_every_text_a_script_or_template_names_exists() -> None:
    known = json.loads((ROOT / "locale" / "zh_Hans.json").read_text(encoding="utf-8"))
    sources = [*SCRIPTS, *(ROOT / "templates").glob("*.html")]
    used = {
        key
        for path in sources
        for key in re.findall(r"""\bt(?:\(|\[)["'`]([a-z_]+\.[a-z_.]+)["'`]""", path.read_text(encoding="utf-8"))
    }
    assert len(used) > 60
    assert used - set(known) == set()


def test_every_variable_of_a_style_sheet_is_defined() -> None:
    text = tokens_css() + "".join(path.read_text(encoding="utf-8") for path in OWN if path.suffix == ".css")
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", text))
    defined = set(re.findall(r"(--[a-z0-9-]+):", text))
    assert used - defined == set()
