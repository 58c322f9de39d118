"""What may be asked of a file of points; it needs no library."""

from dataclasses import dataclass
from enum import StrEnum


class Engine(StrEnum):
    """What finds the grids; the answers are the same."""

    OWN = "own"
    DASK = "dask"
    SEDONADB = "sedonadb"


class Encoding(StrEnum):
    """How text is kept in a CSV file."""

    UTF8 = "utf-8"
    GB18030 = "gb18030"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read, where that is said: the columns of degrees, a CSV file's encoding."""

    lng: str | None = None
    lat: str | None = None
    encoding: Encoding | None = None
