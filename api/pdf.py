"""A page as a PDF, made in a process of its own with bounds on memory and time. The only importer of weasyprint.

Run as a program it takes HTML on standard input and writes the PDF to standard output; the exit code says why not.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import NoReturn

from api.bounded import bound

SECONDS, MEGABYTES = 60, 2048
"""A report of 67 areas computes for 1.5 s and holds 200 MB, one of 400 areas 6 s and 310 MB."""
NO_LIBRARY, NO_FONT, TOO_LARGE = 3, 4, 5
MISSING = {NO_LIBRARY: "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", NO_FONT: "fonts-noto-cjk"}
"""What has to be installed, by exit code."""
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}


class PdfError(Exception):
    """No PDF was made. `missing` names what the system lacks; None: it took too long or too much."""

    def __init__(self, missing: str | None) -> None:
        super().__init__(missing or "too large")
        self.missing = missing


async def pdf_of(page: str) -> bytes:
    """Make a PDF of a page that carries all it needs.

    Raises
    ------
    PdfError
        If a library or a Chinese font is missing, or the page is too much for the bounds.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "api.pdf"), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=ENVIRONMENT
    )
    try:
        async with asyncio.timeout(SECONDS):
            made, _ = await child.communicate(page.encode())
    except TimeoutError:
        raise PdfError(None) from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGKILL)
            await child.wait()
    if child.returncode != 0:
        raise PdfError(MISSING.get(child.returncode or 0))
    return made


def has_chinese_font() -> bool:
    """Say whether fontconfig knows a font with Chinese letters."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    found = subprocess.run([program, ":lang=zh", "family"], capture_output=True, check=False)  # noqa: S603 - its own path
    return bool(found.stdout.strip())


def main() -> None:
    """Make one PDF."""
    if not has_chinese_font():
        sys.exit(NO_FONT)
    try:
        from weasyprint import HTML
    except OSError:
        sys.exit(NO_LIBRARY)
    bound(SECONDS, MEGABYTES)
    try:
        made = HTML(string=sys.stdin.read(), url_fetcher=_nothing).write_pdf()
    except MemoryError:
        sys.exit(TOO_LARGE)
    sys.stdout.buffer.write(made)


def _nothing(url: str, *_: object, **__: object) -> NoReturn:
    """Fetch nothing: a report carries all it needs."""
    raise ValueError("a report asks for nothing")


if __name__ == "__main__":
    main()
