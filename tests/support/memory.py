"""Where databases of tests lie: in memory, for nearly every test makes 20 MB of files and drops them again."""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 3 << 30
"""Bytes: three clusters at once take less than 1 GB each."""


def in_memory() -> Path | None:
    """Return the folder that lies in memory; None, the usual place, where there is none, or too little."""
    fit = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return MEMORY if fit else None
