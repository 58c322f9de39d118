"""Compiled kernels: where they are kept, and that they are there before anybody waits for them."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from data.locators import made_by

KEPT = 3  # versions: a program that was started before an update may still use its own


def make_ready(home: Path, say: Callable[[str], None]) -> None:
    """Load the kernels; compile them first where this version's are not kept under `home` yet, and say so.

    What is kept carries the mark of all sources: numba itself looks at one file at a time and would go on
    using a loop compiled with what another file said before an update. Where `home` cannot be written to they are
    compiled at each start, into a folder of this process alone: code is read from there.
    """
    import numba

    folder = _folder(home)
    numba.config.CACHE_DIR = str(folder)  # before anything is imported that is to be compiled
    if not any(folder.iterdir()):
        say("… compiling the spatial core, once: about half a minute / 首次编译空间核心，约半分钟")
    from geo.warm import warm

    warm()


def _folder(home: Path) -> Path:
    """Return a folder that can be written to, and forget versions long past."""
    kept = home.resolve() / "kernels"
    folder = kept / made_by()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()  # the latest used
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return Path(tempfile.mkdtemp(prefix="wangge-kernels-"))
    with suppress(FileNotFoundError):  # another process forgets them, too
        versions = sorted(kept.iterdir(), key=lambda version: version.stat().st_mtime, reverse=True)
        for old in versions[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    return folder
