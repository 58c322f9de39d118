"""Groups: what figures are split by, as an array that says of each code of the ledger to which group it belongs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from data.areas import lies_in
from dispatch.figures.cohort import Cohort
from dispatch.figures.wanted import By, Wanted, begins
from dispatch.ledger import Ledger, day_number

type Codes = NDArray[np.int64]

MEDIATION = "mediation"
"""The skill that disputes ask for."""
DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Place:
    """An area: code, name, level and the path to it in the tree."""

    code: str
    name: str
    level: str
    path: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a person may know of what codes stand for: areas, categories, workers by id (code, masked name, kind), units."""

    areas: Sequence[Place] = ()
    categories: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workers: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    members: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)

    def path(self, code: str | None) -> str | None:
        """Return the path of the area with a code; None when there is none."""
        return next((area.path for area in self.areas if area.code == code), None)


@dataclass(frozen=True, slots=True)
class Groups:
    """`heads` name the groups; `of` says to which each row of a cohort belongs, int64 (k,), -1 for none.

    `sparse`: a group of which nothing is told is left out.
    """

    heads: Sequence[Mapping[str, Any]]
    of: Callable[[Cohort, str], Codes]
    sparse: bool = False


def groups_of(wanted: Wanted, ledger: Ledger, known: Known) -> Groups | None:
    """Return what figures are split by; None: by nothing."""
    if wanted.by is None:
        return None
    return MAKERS[wanted.by](wanted, ledger, known)


def _by_area(wanted: Wanted, ledger: Ledger, known: Known) -> Groups:
    within = known.path(wanted.area)
    chosen = sorted(
        (
            area
            for area in known.areas
            if area.level == wanted.level and (wanted.area is None or lies_in(area.path, within))
        ),
        key=lambda area: area.code,
    )
    place = {area.path: n for n, area in enumerate(chosen)}
    heads = [
        {"key": area.code, "name": area.name, "kind": "area", "level": area.level, "path": area.path}
        for area in chosen
    ]
    lookup = _lookup((_above(path, place) for path in ledger.names("area")), len(chosen))
    return Groups([*heads, _head("outside")], lambda cohort, _: lookup[cohort["area"]])


def _above(path: str, place: Mapping[str, int]) -> int:
    """Return which of some places a path lies in; where they lie in each other, the lowest. -1: in none."""
    while path not in place and "." in path:
        path = path.rpartition(".")[0]
    return place.get(path, -1)


def _by_category(_: Wanted, ledger: Ledger, known: Known) -> Groups:
    codes = ledger.names("category")
    heads = [
        {"key": code, "name": one.get("name"), "name_en": one.get("name_en"), "kind": "category"}
        for code in codes
        for one in (known.categories.get(code, {}),)
    ]
    order = sorted(range(len(codes)), key=lambda n: codes[n])
    lookup = np.argsort(np.array(order, np.int64))
    return Groups([heads[n] for n in order], lambda cohort, _: lookup[cohort["category"]], sparse=True)


def _by_worker(_: Wanted, ledger: Ledger, known: Known) -> Groups:
    ids: Sequence[UUID] = ledger.names("worker")
    heads, lookup = _people(ids, [id_ for id_ in ids if id_ in known.workers], "worker", known)
    return Groups(heads, lambda cohort, _: lookup[cohort["handler"]], sparse=True)


def _by_department(_: Wanted, ledger: Ledger, known: Known) -> Groups:
    """Split by the department called in, else the handler's: itself, or of what it is a member."""
    ids: Sequence[UUID] = ledger.names("worker")
    unit = {
        member: unit
        for unit in sorted(known.members)
        if known.workers.get(unit, {}).get("kind") == DEPARTMENT
        for member in known.members[unit]
    }
    departments = sorted({id_ for id_, one in known.workers.items() if one["kind"] == DEPARTMENT})
    heads, place = _people(departments, departments, DEPARTMENT, known)
    nobody = len(heads) - 2
    of_department = dict(zip(departments, place.tolist(), strict=False))
    called = _lookup((of_department.get(id_, nobody + 1) for id_ in ids), -1)
    own = _lookup((of_department.get(id_, of_department.get(unit.get(id_, id_), nobody)) for id_ in ids), nobody)

    def of(cohort: Cohort, _: str) -> Codes:
        named = called[cohort["department"]]
        return np.asarray(np.where(named >= 0, named, own[cohort["handler"]]), np.int64)

    return Groups(heads, of, sparse=True)


def _people(
    ids: Sequence[UUID], shown: Iterable[UUID], kind: str, known: Known
) -> tuple[list[Mapping[str, Any]], Codes]:
    """Return the heads of those who are shown, by code, then of nobody and of all others; and each id's place."""
    ordered = sorted(shown, key=lambda id_: str(known.workers[id_]["code"]))
    place = {id_: n for n, id_ in enumerate(ordered)}
    heads: list[Mapping[str, Any]] = [
        {"key": known.workers[id_]["code"], "name": known.workers[id_]["name"], "kind": kind} for id_ in ordered
    ]
    lookup = _lookup((place.get(id_, len(ordered) + 1) for id_ in ids), len(ordered))
    return [*heads, _head("none"), _head("hidden")], lookup


def _by_period(wanted: Wanted, _: Ledger, __: Known) -> Groups:
    by = wanted.by or By.DAY
    firsts = [begins(day, by) for day in wanted.days()]
    ordered = sorted(set(firsts))
    place = {first: n for n, first in enumerate(ordered)}
    lookup = np.array([place[first] for first in firsts], np.int64)
    start = day_number(wanted.first)
    heads = [{"key": first.isoformat(), "name": first.isoformat(), "kind": "period"} for first in ordered]
    return Groups(heads, lambda cohort, day: lookup[cohort[day] - start])


def _head(kind: str) -> Mapping[str, Any]:
    return {"key": None, "name": None, "kind": kind}


def _lookup(places: Iterable[int], none: int) -> Codes:
    """Return an array that gives each code's place; a code of -1 falls on its last, which is that of none."""
    found = np.array([*places, none], np.int64)
    found[found < 0] = none
    return found


MAKERS: Mapping[By, Callable[[Wanted, Ledger, Known], Groups]] = {
    By.AREA: _by_area,
    By.WORKER: _by_worker,
    By.DEPARTMENT: _by_department,
    By.CATEGORY: _by_category,
    By.DAY: _by_period,
    By.WEEK: _by_period,
    By.MONTH: _by_period,
}
