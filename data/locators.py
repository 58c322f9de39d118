"""Arrays of an index in one file, mapped into memory: processes start at once and share one copy of its pages.

The file: `MAGIC`, the length of a head in JSON, the head's SHA-256, the head, then the arrays, each from a whole page
on. The head names every array's type, shape and place, the file's size, and the mark of what the index was made of.
A file is written beside its place and renamed into it, so that whoever opens it has a whole one; who has opened the
one before keeps that.
"""

import json
import mmap
import os
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from secrets import token_hex
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

MAGIC = b"WANGGE locator 1\n"
PAGE = 4096
LONGEST_HEAD = 1 << 16
NUMERIC = "biuf"

type Arrays = dict[str, NDArray[Any]]


class KeptError(ValueError):
    """A file that cannot be used, with a stable `code` and the fact `file`."""

    code: ClassVar[str] = "kept_unusable"

    def __init__(self, file: Path) -> None:
        self.facts = {"file": file.name}
        super().__init__(f"{self.code} file={file.name}")


class KeptMissingError(KeptError):
    """There is none."""

    code = "kept_missing"


class KeptForeignError(KeptError):
    """Not one of these files, one of another version, or one that was changed."""

    code = "kept_foreign"


class KeptCutError(KeptError):
    """It is shorter or longer than it was written."""

    code = "kept_cut"


class KeptOutdatedError(KeptError):
    """It was made of something else than is asked for."""

    code = "kept_outdated"


@cache
def made_by() -> str:
    """Return what tells the code that makes, reads and compiles locators from every other version of it."""
    rooms = [files("geo"), files("geo.kernels")]
    sources = [
        (file.name, file.read_bytes()) for room in rooms for file in room.iterdir() if file.name.endswith(".py")
    ]
    return sha256(repr(sorted(sources)).encode()).hexdigest()[:16]


def keep(file: Path, arrays: Mapping[str, NDArray[Any]], mark: str) -> None:
    """Write arrays of numbers to a file, whole or not at all; `mark` says what they were made of.

    The file also says by which code: arrays mean what the code that reads them takes them for.
    """
    head, places = _head(arrays, f"{mark} {made_by()}")
    beside = file.with_name(f".{file.name}.{token_hex(4)}.part")
    try:
        with beside.open("xb") as stream:
            stream.write(MAGIC + len(head).to_bytes(4, "little") + sha256(head).digest() + head)
            for name, array in arrays.items():
                stream.write(bytes(places[name] - stream.tell()))
                stream.write(memoryview(np.ascontiguousarray(array).reshape(-1)).cast("B"))
            stream.write(bytes(_paged(stream.tell()) - stream.tell()))
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def kept(file: Path, mark: str) -> Arrays:
    """Map the arrays of a file into memory, read-only; nothing is read before it is asked for.

    Raises
    ------
    KeptMissingError, KeptForeignError, KeptCutError, KeptOutdatedError
        If the file cannot be used as the one of this `mark`, made by this code.
    """
    try:
        with file.open("rb") as stream:
            head = _read_head(file, stream.read(len(MAGIC) + 4 + 32 + LONGEST_HEAD))
            if os.fstat(stream.fileno()).st_size != head["size"]:
                raise KeptCutError(file)
            if head["mark"] != f"{mark} {made_by()}":
                raise KeptOutdatedError(file)
            pages = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as missing:
        raise KeptMissingError(file) from missing
    return {name: _view(pages, **place) for name, place in head["arrays"].items()}


def _head(arrays: Mapping[str, NDArray[Any]], mark: str) -> tuple[bytes, dict[str, int]]:
    """Lay the arrays out behind a head of any length up to the longest."""
    at, places, told = _paged(len(MAGIC) + 4 + 32 + LONGEST_HEAD), {}, {}
    for name, array in arrays.items():
        if array.dtype.kind not in NUMERIC or array.dtype.hasobject:
            raise TypeError(f"{name} is no array of numbers")
        places[name] = at
        told[name] = {"kind": array.dtype.str, "shape": array.shape, "place": at}
        at = _paged(at + array.nbytes)
    head = json.dumps({"mark": mark, "size": at, "arrays": told}).encode()
    if len(head) > LONGEST_HEAD:
        raise ValueError("too many arrays for one file")
    return head, places


def _read_head(file: Path, beginning: bytes) -> dict[str, Any]:
    digest = len(MAGIC) + 4
    length = int.from_bytes(beginning[len(MAGIC) : digest], "little")
    head = beginning[digest + 32 : digest + 32 + length]
    if not beginning.startswith(MAGIC) or sha256(head).digest() != beginning[digest : digest + 32]:
        raise KeptForeignError(file)
    read: dict[str, Any] = json.loads(head)
    return read


def _view(pages: mmap.mmap, kind: str, shape: list[int], place: int) -> NDArray[Any]:
    return np.frombuffer(pages, np.dtype(kind), int(np.prod(shape, dtype=np.int64)), place).reshape(shape)


def _paged(size: int) -> int:
    return -(-size // PAGE) * PAGE
