"""What finds and names the grids of one ground, made once and kept in a file for whoever starts later."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from data.locators import Arrays, KeptForeignError, keep, kept
from data.points.answers import Answers
from data.points.ground import Ground
from geo.locate import Locator

LOCATOR, AREAS, ENDS = "locator.", "areas", "areas_ends"


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """A layer's locator, and the areas of its grids joined by `/`, row by row."""

    locator: Locator
    areas: tuple[str, ...]

    def answers(self) -> Answers:
        """Return what is written beside the rows of a file."""
        return Answers(self.locator.codes, self.areas)


def store(index: Index, ground: Ground, file: Path) -> None:
    """Keep an index in a file, marked as that of `ground`."""
    arrays = {LOCATOR + name: array for name, array in index.locator.to_arrays().items()}
    keep(file, arrays | _as_arrays(index.areas), ground.mark)


def stored(file: Path, mark: str) -> Index:
    """Map an index out of a file, if it is that of the ground with this mark.

    Raises
    ------
    KeptError
        If the file cannot be used.
    """
    arrays = kept(file, mark)
    of_locator = {name.removeprefix(LOCATOR): array for name, array in arrays.items() if name.startswith(LOCATOR)}
    try:
        return Index(Locator.from_arrays(of_locator), _texts(arrays))
    except (KeyError, TypeError, ValueError) as foreign:  # another version's
        raise KeptForeignError(file) from foreign


@lru_cache(maxsize=1)
def shared(file: Path, mark: str) -> tuple[Index, Answers]:
    """Map an index once for all the work of a process."""
    index = stored(file, mark)
    return index, index.answers()


def _as_arrays(texts: Sequence[str]) -> Arrays:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return {AREAS: np.frombuffer(b"".join(encoded), np.uint8), ENDS: ends}


def _texts(arrays: Arrays) -> tuple[str, ...]:
    text, ends = arrays[AREAS].tobytes(), arrays[ENDS].tolist()
    return tuple(text[begin:end].decode() for begin, end in zip([0, *ends], ends, strict=False))
