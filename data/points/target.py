"""A file that is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from data.points.errors import NoFileError


class NotWantedError(Exception):
    """What was written is not to be kept."""


@contextmanager
def written(target: Path | BinaryIO) -> Iterator[BinaryIO]:
    """Lend a file that takes the place of `target` at the end, unless something is raised; a stream is lent as it is.

    Raises
    ------
    NoFileError
        If a folder, a device or the like stands in its place: a rename would put a file over it.
    OSError
        If it cannot be written.
    """
    if not isinstance(target, Path):
        yield target
        return
    final = target.resolve()
    if final.exists() and not final.is_file():
        raise NoFileError(file=target.name)
    beside = final.with_name(f".{final.name}.{token_hex(4)}.part")
    try:
        with beside.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(final)
    finally:
        beside.unlink(missing_ok=True)
