"""Arrays in one file, mapped by several processes; a file that is not whole is not used."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.locators import (
    MAGIC,
    PAGE,
    Arrays,
    KeptCutError,
    KeptError,
    KeptForeignError,
    KeptMissingError,
    KeptOutdatedError,
    keep,
    kept,
)

ARRAYS: Arrays = {
    "cells": np.arange(100_000, dtype=np.int64).reshape(-1, 4),
    "xy": np.random.default_rng(0).random((1000, 2)),
    "turned": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "every_other": np.arange(10, dtype=np.int32)[::2],
    "none": np.empty((0, 3), np.float32),
    "one": np.array(7, np.uint16),
    "sure": np.array([True, False]),
    "text": np.frombuffer("网格".encode(), np.uint8),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Lend a file in which the arrays are kept."""
    keep(tmp_path / "a.locator", ARRAYS, "mark")
    return tmp_path / "a.locator"


def test_what_is_kept_comes_back_as_it_was(file: Path) -> None:
    found = kept(file, "mark")
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert np.array_equal(found[name], array)
        assert found[name].ctypes.data % PAGE == 0 or not array.size
    assert [one.name for one in file.parent.iterdir()] == ["a.locator"]


def test_the_arrays_are_the_file_s_pages_and_nobody_writes_to_them(file: Path) -> None:
    found = kept(file, "mark")["cells"]
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1
    maps = Path("/proc/self/maps").read_text()
    [line] = [line for line in maps.splitlines() if line.endswith(str(file))]
    begin, end = (int(place, 16) for place in line.split()[0].split("-"))
    assert begin <= found.ctypes.data < end
    assert line.split()[1] == "r--s"


def test_a_newer_file_leaves_whoever_reads_the_older_alone(file: Path) -> None:
    before = kept(file, "mark")["cells"]
    keep(file, {"cells": np.zeros(3)}, "newer")
    assert np.array_equal(before, ARRAYS["cells"])
    assert kept(file, "newer")["cells"].tolist() == [0, 0, 0]
    with pytest.raises(KeptOutdatedError):
        kept(file, "mark")


@pytest.mark.parametrize("size", [1, 10, len(MAGIC) + 10, 100, 5000, 70_000, 100_000, -PAGE, -1, 1, PAGE])
def test_half_a_file_is_refused(file: Path, size: int) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:size])
    with pytest.raises((KeptForeignError, KeptCutError)):
        kept(file, "mark")
    file.write_bytes(whole + bytes(size % PAGE or PAGE))
    with pytest.raises(KeptCutError):
        kept(file, "mark")


@pytest.mark.parametrize("place", [0, len(MAGIC) - 2, len(MAGIC), len(MAGIC) + 5, len(MAGIC) + 40, len(MAGIC) + 60])
def test_a_changed_head_and_a_foreign_file_are_refused(file: Path, place: int) -> None:
    changed = bytearray(file.read_bytes())
    changed[place] ^= 1
    file.write_bytes(changed)
    with pytest.raises(KeptForeignError):
        kept(file, "mark")
    for foreign in (b"", b"PAR1" * 100, MAGIC, bytes(200)):
        file.write_bytes(foreign)
        with pytest.raises(KeptForeignError):
            kept(file, "mark")


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeptMissingError):
        kept(tmp_path / "none", "mark")
    with pytest.raises(KeptMissingError):
        kept(tmp_path, "mark")


def test_what_cannot_be_kept_leaves_the_file_there_was(file: Path) -> None:
    with pytest.raises(TypeError):
        keep(file, ARRAYS | {"objects": np.array([None])}, "mark")
    assert np.array_equal(kept(file, "mark")["xy"], ARRAYS["xy"])
    with pytest.raises(KeptError):
        keep(file, {"a": np.zeros(1)}, "mark")
        kept(file, "other")
    assert [one.name for one in file.parent.iterdir()] == ["a.locator"]


def test_another_process_reads_the_same(file: Path) -> None:
    told = "from data.locators import kept; from pathlib import Path; import sys; "
    told += "print(int(kept(Path(sys.argv[1]), 'mark')['cells'].sum()))"
    done = subprocess.run([sys.executable, "-c", told, str(file)], capture_output=True, text=True, check=True)
    assert int(done.stdout) == int(ARRAYS["cells"].sum())
