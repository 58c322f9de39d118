"""What keeps the documentation true: links, error codes, sources, files and commands it names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from maps.palette import DARK, LIGHT, TYPE

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("geo", "data", "dispatch", "maps", "api")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"`(WANGGE_[A-Z_]+)`")


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings make, as the usual renderers write them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> Iterator[tuple[Path, str]]:
    """Yield every link to a file of ours, with the page it stands on."""
    for page in PAGES:
        for link in LINK.findall(prose(page)):
            if "://" not in link:
                yield page, link


def documented(page: str, pattern: str) -> set[str]:
    """Return what a pattern's group finds on a page of `docs/`."""
    return set(re.findall(pattern, (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE))


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page, link in links():
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    leads_to: dict[Path, set[Path]] = {}
    for page, link in links():
        leads_to.setdefault(page, set()).add((page.parent / link.partition("#")[0]).resolve())
    reached, waiting = {ROOT / "README.md"}, [ROOT / "README.md"]
    while waiting:
        new = leads_to.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_every_stable_error_code_is_documented_and_no_other() -> None:
    texts = json.loads((ROOT / "api" / "locale" / "en.json").read_text(encoding="utf-8"))
    codes = {code for code in texts if "." not in code}
    table = (
        (ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("| code | status |")[2].partition("\n\n")[0]
    )
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == codes


def test_the_documented_status_of_a_refusal_is_the_one_it_gets() -> None:
    from api.errors import HTTP_STATUS

    rows = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE))
    given = {kind.code: str(status) for kind, status in HTTP_STATUS.items() if hasattr(kind, "code")}
    assert {code: rows.get(code) for code in given} == given


def test_every_endpoint_is_documented() -> None:
    from pydantic import SecretStr

    from api.app import create_app
    from api.settings import Settings

    app = create_app(Settings(database_url=SecretStr("postgresql+asyncpg://nobody@localhost/none")))
    named = set(re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)", (ROOT / "docs" / "api.md").read_text()))
    short = {
        (method, re.sub(r"\{\w+_id\}", "{id}", path))
        for path, methods in app.openapi()["paths"].items()
        for method in map(str.upper, methods)
    }
    assert short - named == set()
    assert named - short == set()


def test_every_source_that_code_names_is_there() -> None:
    there = anchors(ROOT / "docs" / "sources.md")
    missing = []
    for room in ROOMS:
        for file in (ROOT / room).rglob("*"):
            if file.suffix in {".py", ".sql", ".toml", ".js"} and "vendor" not in file.parts:
                named = re.findall(r"docs/sources\.md#([\w-]+)", file.read_text(encoding="utf-8"))
                missing += [f"{file.relative_to(ROOT)}: {anchor}" for anchor in named if anchor not in there]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    folders = "|".join((*ROOMS, "tests", "docs", "benchmarks"))
    named = set(
        re.findall(rf"(?<![\w/.])(?:{folders})/[\w./]*\w\.(?:py|sql|js|json|toml|md|png)\b", page.read_text())
    )
    assert [name for name in sorted(named) if not (ROOT / name).exists() and not (page.parent / name).exists()] == []


def test_every_module_of_a_room_has_its_place_in_the_architecture() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text()
    unnamed = [
        f"{room}/{file.name}"
        for room in ROOMS
        for file in (ROOT / room).glob("*.py")
        if file.name != "__init__.py" and f"`{file.name}`" not in told and f"{room}/{file.name}" not in told
    ]
    assert unnamed == []


def test_every_setting_is_documented_and_no_other() -> None:
    from api.settings import Settings

    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(SETTING.findall(page)) == {f"WANGGE_{name.upper()}" for name in Settings.model_fields}


def test_the_design_page_shows_the_palette_as_it_is() -> None:
    colours = {(role, dark, LIGHT[role]) for role, dark in DARK.items()}
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w-]+)` \| `(#\w+)` \| `(#\w+)` \|$", page, re.MULTILINE)) == colours
    assert set(re.findall(r"^\| `([\w-]+)` \| `([^`]+)` \|$", page, re.MULTILINE)) == set(TYPE.items())


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for number, page in enumerate(pages, 1):
        title = page.read_text(encoding="utf-8").splitlines()[0]
        assert re.match(rf"# {number}\. \S", title)
        assert (
            f"{title[2:].replace('. ', '. [', 1)}](decisions/{page.name})"
            in (ROOT / "docs" / "architecture.md").read_text()
        )


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_a_readme_names_the_two_commands(page: str) -> None:
    told = (ROOT / page).read_text(encoding="utf-8")
    assert "./wangge demo" in told
    assert "./wangge test" in told


def test_both_readmes_show_the_same_commands_and_pictures() -> None:
    def shown(page: str) -> tuple[list[str], list[str]]:
        told = (ROOT / page).read_text(encoding="utf-8")
        commands = [line for block in CODE_BLOCK.findall(told) for line in block.splitlines()[1:]]
        return [line.partition(" #")[0].strip() for line in commands], re.findall(r"!\[[^\]]*\]\(([^)]+)\)", told)

    assert shown("README.md") == shown("README.zh.md")


def test_every_command_that_a_page_shows_is_one() -> None:
    from api.cli import app

    of_the_script = re.findall(r"^ {4}(\w+)\) need", (ROOT / "wangge").read_text(), re.MULTILINE)
    known = (
        {one.name for one in app.registered_commands}
        | {one.name for one in app.registered_groups}
        | set(of_the_script)
    )
    shown = {name for page in PAGES for name in re.findall(r"\./wangge (\w+)", page.read_text(encoding="utf-8"))}
    assert shown - known == set()
