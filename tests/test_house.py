"""What keeps the house as planned, where no other tool looks."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("geo", "data", "dispatch", "maps", "api")
LONGEST = 300
PERSONAL = {"name", "phone", "address", "description", "token", "key", "body", "url", "password"}


def modules() -> Iterator[Path]:
    """Yield our own modules, migrations left out."""
    for room in ROOMS:
        yield from (file for file in (ROOT / room).rglob("*.py") if "migrations" not in file.parts)


def tracked() -> list[Path]:
    """Return the files git would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_module_is_longer_than_300_lines_tests_and_benchmarks_neither() -> None:
    beside = (file for folder in ("tests", "benchmarks") for file in (ROOT / folder).rglob("*.py"))
    long = {
        str(file.relative_to(ROOT)): n
        for file in (*modules(), *beside)
        if (n := len(file.read_text().splitlines())) > LONGEST
    }
    assert long == {}


def test_there_are_exactly_five_top_level_packages() -> None:
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_s_name_belongs_to_this_project(room: str) -> None:
    found = util.find_spec(room)
    assert found is not None
    assert found.origin == str(ROOT / room / "__init__.py")


def test_the_distribution_may_not_be_uploaded() -> None:
    assert "Private :: Do Not Upload" in (metadata.metadata("wangge").get_all("Classifier") or [])


def test_log_calls_take_ids_and_nothing_personal() -> None:
    faults = []
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _is_log_call(node):
                named = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)} - {"__name__"}
                named |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                faults += [f"{file.relative_to(ROOT)}:{node.lineno} {word}" for word in named & PERSONAL]
                faults += [
                    f"{file.relative_to(ROOT)}:{node.lineno} f-string"
                    for n in node.args
                    if isinstance(n, ast.JoinedStr)
                ]
    assert faults == []


def _is_log_call(node: ast.Call) -> bool:
    function = node.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "log"


def test_every_public_module_and_function_says_what_it_is_for() -> None:
    faults = []
    for file in modules():
        tree = ast.parse(file.read_text())
        if not ast.get_docstring(tree) and file.read_text().strip():
            faults.append(str(file.relative_to(ROOT)))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if public and not node.name.startswith("_") and not ast.get_docstring(node):
                faults.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert faults == []


@pytest.mark.parametrize("package", ["api", "maps"])
def test_both_languages_say_the_same_things(package: str) -> None:
    zh, en = (
        json.loads((ROOT / package / "locale" / f"{lang}.json").read_text(encoding="utf-8"))
        for lang in ("zh_Hans", "en")
    )
    assert zh.keys() == en.keys()
    gaps = re.compile(r"\{(\w+)\}")
    assert {key: sorted(gaps.findall(zh[key])) for key in zh} == {key: sorted(gaps.findall(en[key])) for key in en}


def test_every_refusal_has_a_status_and_words() -> None:
    from api.errors import HTTP_STATUS
    from api.i18n import texts
    from dispatch import errors as dispatch_errors
    from geo import errors as geo_errors

    refusals = [one for one in vars(dispatch_errors).values() if isinstance(one, type) and hasattr(one, "code")]
    assert set(refusals) == set(HTTP_STATUS)
    codes = {one.code for one in refusals}
    off_the_map = [
        one for one in vars(geo_errors).values() if isinstance(one, type) and issubclass(one, geo_errors.GeoError)
    ]
    codes |= {one.code for one in off_the_map if one is not geo_errors.GeoError}
    assert codes <= set(texts("en"))


def test_no_tracked_file_names_a_package_registry_or_another_machine() -> None:
    registries = "|".join(
        ("pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(?:org|com)", "deb" + r"\.debian\.org")
    )
    faults = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if file.suffix != ".png" and re.search(registries, file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert faults == []


def test_third_party_assets_are_not_committed() -> None:
    faults = [
        file for file in tracked() if "vendor" in file.parts or ".min." in file.name or "node_modules" in file.parts
    ]
    assert faults == []


def test_statements_in_files_say_in_their_first_line_what_comes_out() -> None:
    faults = [file.name for file in (ROOT / "data" / "sql").glob("*.sql") if not file.read_text().startswith("-- ")]
    assert faults == []
