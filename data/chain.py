"""The audit's chain, reckoned apart from the database: each row's hash covers the row and the hash before it."""

import hashlib
from collections.abc import AsyncIterable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

NOTHING = bytes(32)
"""What stands for a field that is null, and for the hash before the first row."""

MOST_COMPARED = 32
MOST_FAULTS = 1000


class FaultKind(StrEnum):
    """What is wrong with a row."""

    EDITED = "edited"
    """It does not carry the hash that follows from it and the row before."""
    MISSING = "missing"
    """It is not there, perhaps with others after it."""
    REORDERED = "reordered"
    """It belongs in another place."""
    CUT_OFF = "cut_off"
    """From here on the rows are not those that the head tells of."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the id of the row that has it."""

    id: int
    fault: FaultKind


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is kept: `at` in microseconds since 1970 (None: never), `facts` the text of its jsonb."""

    id: int
    at: int | None
    account_id: UUID | None
    actor: str
    action: str
    subject: str | None
    result: str
    code: str | None
    address: str | None
    facts: str
    hash: bytes

    def content(self) -> bytes:
        """Digest every field but the id and the hash, 32 bytes each."""
        numbered = (None if given is None else str(given) for given in (self.at, self.account_id))
        said = (self.actor, self.action, self.subject, self.result, self.code, self.address, self.facts)
        return b"".join(map(digest, (*numbered, *said)))


@dataclass(frozen=True, slots=True)
class Head:
    """How many rows the chain should have, and the last one's hash."""

    rows: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: how many rows there are, the last one's hash, the faults by id (the first `MOST_FAULTS`)."""

    rows: int
    hash: bytes
    faults: Sequence[Fault]
    holds: bool
    """Whether the hash that was kept elsewhere is a row's; true where none was given."""

    @property
    def whole(self) -> bool:
        """Say whether nothing is wrong."""
        return self.holds and not self.faults


def digest(said: str | None) -> bytes:
    """Digest one field."""
    return NOTHING if said is None else hashlib.sha256(said.encode()).digest()


def chained(before: bytes, id_: int, content: bytes) -> bytes:
    """Return the hash of a row with this id and content after the row with the hash `before`."""
    return hashlib.sha256(before + digest(str(id_)) + content).digest()


@dataclass(slots=True)
class _Suspect:
    """A row whose hash does not follow from the row before it."""

    id: int
    content: bytes
    hash: bytes
    before: bytes
    """The hash of the row before, as it is kept."""

    def reckoned(self, place: int, befores: Iterable[bytes]) -> set[bytes]:
        """Return the hashes it would have with this id after each of these hashes."""
        return {chained(before, place, self.content) for before in befores}


@dataclass(slots=True)
class _Walk:
    """A walk along the rows by id. After a fault it goes on from the hash that is kept, so that one fault is one."""

    kept_elsewhere: bytes | None
    rows: int = 0
    id: int = 0
    hash: bytes = NOTHING
    should_be: bytes | None = None
    holds: bool = False
    faults: list[Fault] = field(default_factory=list)
    suspects: list[_Suspect] = field(default_factory=list)

    def step(self, line: Line) -> None:
        """Take the next row."""
        self.rows += 1
        if line.id <= self.id:
            self._found(line.id, FaultKind.EDITED)
            return
        content, gap = line.content(), line.id != self.id + 1
        reckoned = None if gap else chained(self.hash, line.id, content)
        if gap:
            self._found(self.id + 1, FaultKind.MISSING)
        elif line.hash != reckoned and not self._follows_what_should_be(line, content):
            self._suspect(_Suspect(line.id, content, line.hash, self.hash))
        self.id, self.hash, self.should_be = line.id, line.hash, reckoned
        self.holds = self.holds or line.hash == self.kept_elsewhere

    def _follows_what_should_be(self, line: Line, content: bytes) -> bool:
        """Say whether only the row before carries a wrong hash."""
        return self.should_be is not None and chained(self.should_be, line.id, content) == line.hash

    def _suspect(self, one: _Suspect) -> None:
        if len(self.suspects) < MOST_COMPARED:
            self.suspects.append(one)
        else:
            self._found(one.id, FaultKind.EDITED)

    def _found(self, id_: int, fault: FaultKind) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(id_, fault))

    def end(self, head: Head) -> None:
        """Hold the end against the head, and judge the suspects by one another."""
        if head != Head(self.id, self.hash):
            self._found(min(head.rows, self.id) + (head.rows != self.id), FaultKind.CUT_OFF)
        moved = {one.hash for one in self.suspects}
        places = {one.id: moved | {one.before} for one in self.suspects}
        for one in self.suspects:
            if one.hash not in one.reckoned(one.id, moved):
                elsewhere = any(one.reckoned(place, befores) & moved for place, befores in places.items())
                self._found(one.id, FaultKind.REORDERED if elsewhere else FaultKind.EDITED)
        self.faults.sort(key=lambda fault: fault.id)


async def verify(batches: AsyncIterable[Sequence[Line]], head: Head, kept_elsewhere: bytes | None = None) -> Verified:
    """Walk along all rows by id and find what was edited, taken out, moved or cut off.

    `kept_elsewhere` is a hash noted down earlier: a chain written anew from some row on is whole in itself and
    lacks it.
    """
    walk = _Walk(kept_elsewhere)
    async for batch in batches:
        for line in batch:
            walk.step(line)
    walk.end(head)
    holds = kept_elsewhere in (None, NOTHING) or walk.holds
    return Verified(walk.rows, walk.hash, tuple(walk.faults), holds)
