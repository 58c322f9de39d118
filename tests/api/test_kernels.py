"""Where compiled kernels are kept."""

import os
from pathlib import Path

import pytest

from api import kernels
from data import locators
from data.locators import made_by


def test_kernels_are_kept_under_the_mark_of_the_sources_and_old_ones_forgotten(tmp_path: Path) -> None:
    for age in range(5):
        old = tmp_path / "kernels" / f"old{age}"
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    folder = kernels._folder(tmp_path)
    assert folder == tmp_path / "kernels" / made_by()
    assert {kept.name for kept in folder.parent.iterdir()} == {made_by(), "old0", "old1"}


def test_kernels_that_cannot_be_kept_go_to_a_folder_of_this_process_alone(tmp_path: Path) -> None:
    (tmp_path / "kernels").write_text("in the way")
    first, second = kernels._folder(tmp_path), kernels._folder(tmp_path)
    assert first != second
    assert first.stat().st_mode & 0o077 == 0, "nobody else may put code there"
    first.rmdir()
    second.rmdir()


def test_the_mark_tells_one_version_of_the_core_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("geo", "geo.kernels"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "some.py").write_text("1")
    monkeypatch.setattr(locators, "files", lambda package: tmp_path / package)
    marks = [made_by.__wrapped__(), made_by.__wrapped__()]
    for room in ("geo", "geo.kernels"):
        (tmp_path / room / "some.py").write_text("2")
        marks.append(made_by.__wrapped__())
    assert marks[0] == marks[1]
    assert len({*marks}) == 3
