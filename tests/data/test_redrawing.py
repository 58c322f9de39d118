"""Grids redrawn: versions, plans and lineage against a plain list of what was true when; cuts against PostGIS."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.grids import Purpose
from data.importing.drawn import Drawn
from data.importing.errors import BeginsInPastError, ImportingError, LaterPlannedError, LayerWantedError
from data.importing.tree import unplan
from data.importing.writing import write_drawn
from data.store import transaction
from tests.support.drawings import add_home, drawn, middle_of, settled, strip, write
from tests.support.place import Place, square


async def in_force(place: Place) -> list[tuple[Any, ...]]:
    rows = await place.run(
        "SELECT code, kind, purpose, upper(valid) FROM grid WHERE valid @> clock_timestamp() ORDER BY layer, code"
    )
    return [tuple(row) for row in rows]


OVERLAPS = """
    SELECT coalesce(max(st_area(st_intersection(a.shape, b.shape)) * 1.1e10), 0) FROM grid a JOIN grid b ON a.code < b.code
    AND a.layer = b.layer WHERE a.valid @> clock_timestamp() AND b.valid @> clock_timestamp()"""


async def coverage(place: Place) -> list[Any]:
    rows = await place.run(
        "SELECT st_asbinary(shape) AS shape FROM grid WHERE layer = 'governance' AND valid @> clock_timestamp()"
    )
    return [shapely.from_wkb(row.shape) for row in rows]


async def test_a_mall_is_cut_out_of_the_grids_around_it_and_all_still_fits(place: Place, owner_url: str) -> None:
    mall = middle_of(1.0, 0.2)
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2)), ("C", strip(2, 3))))
    for column in (0.5, 0.9, 1.1, 1.5, 2.5):
        await add_home(place, f"{column}", column)
    done = await write(owner_url, drawn(("M", mall), purpose=Purpose.MALL))
    assert (done.new, done.cut, done.exclaves, done.ended, done.descents) == (1, ("A", "B"), (), (), 4)
    assert await in_force(place) == [
        ("A", "basic", None, None), ("B", "basic", None, None), ("C", "basic", None, None),
        ("M", "dedicated", "mall", None),
    ]  # fmt: skip
    assert (await place.run(OVERLAPS))[0][0] < 0.001
    [row] = await place.run(
        "SELECT st_area(st_symdifference(st_union(shape), st_geomfromtext(:whole, 4326))) * 1.1e10 AS m2 FROM grid"
        " WHERE valid @> clock_timestamp()",
        whole=strip(0, 3).wkt,
    )
    assert row.m2 < 0.01, "together they hold what they held before"
    assert shapely.coverage_is_valid(await coverage(place))
    assert await settled(place) == {"0.5": "A", "0.9": "M", "1.1": "M", "1.5": "B", "2.5": "C"}
    lineage = await place.run(
        """SELECT b.code AS before, a.code AS after, l.households, l.m2,
            abs(l.m2 - st_area(st_intersection(b.shape, a.shape)::geography)) AS off
        FROM grid_lineage l JOIN grid b ON b.id = l.before JOIN grid a ON a.id = l.after ORDER BY 1, 2"""
    )
    assert [tuple(row)[:3] for row in lineage] == [("A", "A", 1), ("A", "M", 1), ("B", "B", 1), ("B", "M", 1)]
    assert all(row.off < row.m2 * 1e-5 + 5 for row in lineage)


async def test_a_mall_that_shrinks_gives_its_ground_back_to_whom_it_came_from(place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2))))
    await write(owner_url, drawn(("M", middle_of(1.0, 0.3)), purpose=Purpose.MALL))
    done = await write(owner_url, drawn(("M", middle_of(0.8, 0.1)), purpose=Purpose.MALL))
    assert (done.redrawn, done.cut, done.grown, done.beside) == (1, (), ("A", "B"), ())
    shapes = {row.code: shapely.from_wkb(row.shape) for row in await place.run(
        "SELECT code, st_asbinary(shape) AS shape FROM grid WHERE valid @> clock_timestamp()")}  # fmt: skip
    assert shapes["B"].symmetric_difference(strip(1, 2)).area < 1e-14
    assert shapes["A"].symmetric_difference(strip(0, 1).difference(middle_of(0.8, 0.1))).area < 1e-14
    assert shapely.coverage_is_valid(list(shapes.values()))
    gone = await write(owner_url, drawn(("T", middle_of(1.5, 0.1)), purpose=Purpose.TOWER), replace=True)
    assert gone.ended == ("M",)
    assert [row[:3] for row in await in_force(place)] == [
        ("A", "basic", None), ("B", "basic", None), ("T", "dedicated", "tower")
    ]  # fmt: skip
    assert shapely.coverage_is_valid(await coverage(place))


async def test_basic_grids_drawn_anew_leave_the_dedicated_ones_their_ground(place: Place, owner_url: str) -> None:
    first = drawn(("A", strip(0, 1)), ("B", strip(1, 2)))
    await write(owner_url, first)
    await write(owner_url, drawn(("M", middle_of(1.0, 0.2)), purpose=Purpose.MALL))
    again = await write(owner_url, first)
    assert (again.new, again.redrawn, again.unchanged, again.descents) == (0, 0, 2, 0)
    moved = await write(owner_url, drawn(("A", strip(0, 1.1)), ("B", strip(1.1, 2))))
    assert (moved.redrawn, moved.ended) == (2, ())
    assert (await place.run(OVERLAPS))[0][0] < 0.001
    assert shapely.coverage_is_valid(await coverage(place))


REFUSALS: dict[str, tuple[Drawn, set[tuple[str, str]]]] = {
    "a mall that swallows a grid": (drawn(("M", strip(-1, 1.5)), purpose=Purpose.MALL), {("A", "swallowed")}),
    "a mall over another": (drawn(("N", middle_of(1.1, 0.1)), purpose=Purpose.TOWER), {("N", "overlaps_dedicated")}),
    "two malls over each other": (
        drawn(("N", middle_of(0.5, 0.1)), ("O", middle_of(0.4, 0.1)), purpose=Purpose.PARK),
        {("N", "overlaps_dedicated")},
    ),
    "a mall's code for a street block": (drawn(("M", middle_of(0.5, 0.1))), {("M", "code_of_dedicated")}),
    "a block's code for a mall": (drawn(("A", middle_of(0.5, 0.1)), purpose=Purpose.MALL), {("A", "code_of_basic")}),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_nothing_is_written_of(what: str, place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2))))
    await write(owner_url, drawn(("M", middle_of(1.0, 0.2)), purpose=Purpose.MALL))
    before = await in_force(place)
    asked, refused = REFUSALS[what]
    done = await write(owner_url, asked)
    assert {(one.code, one.reason) for one in done.refused} == refused
    assert await in_force(place) == before


async def test_a_street_cuts_a_grid_in_two_and_says_so(owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2))))
    done = await write(owner_url, drawn(("S", strip(0.4, 0.6)), purpose=Purpose.STREET))
    assert (done.cut, done.exclaves) == (("A",), ("A",))


async def test_what_is_not_drawn_any_more_ends_only_when_asked(place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2))))
    assert (await write(owner_url, drawn(("A", strip(0, 1))))).ended == ()
    done = await write(owner_url, drawn(("A", strip(0, 2))), replace=True)
    assert done.ended == ("B",)
    lineage = await place.run(
        "SELECT b.code FROM grid_lineage l JOIN grid b ON b.id = l.before JOIN grid a ON a.id = l.after WHERE a.code = 'A'"
    )
    assert {row.code for row in lineage} == {"A", "B"}


async def test_a_planned_redraw_begins_by_itself_and_can_be_taken_back(place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2))))
    await add_home(place, "home", 1.2)
    december = datetime(2099, 12, 1, tzinfo=UTC)
    plan = drawn(("A", strip(0, 1.5)), ("B", strip(1.5, 2)), ("N", strip(2, 3)))
    assert (await write(owner_url, plan, begins=december)).redrawn == 2
    assert await in_force(place) == [("A", "basic", None, december), ("B", "basic", None, december)]
    with pytest.raises(LaterPlannedError):
        await write(owner_url, drawn(("A", strip(0, 1))))
    with pytest.raises(LaterPlannedError):
        await write(owner_url, plan, begins=december)
    async with transaction(owner_url) as connection:
        assert await unplan(connection, "governance") == 3
    assert await in_force(place) == [("A", "basic", None, None), ("B", "basic", None, None)]
    assert [row.code for row in await place.run("SELECT code FROM area ORDER BY code")] == ["A", "B"]
    assert (await write(owner_url, plan)).redrawn == 2


SENSELESS: dict[str, tuple[Callable[[], dict[str, Any]], str | None, type[ImportingError]]] = {
    "a redraw of yesterday": (
        lambda: {"begins": datetime.now(UTC) - timedelta(days=1)}, "governance", BeginsInPastError
    ),
    "a planned area that is no grid": (
        lambda: {"begins": datetime.now(UTC) + timedelta(days=1)}, None, LayerWantedError
    ),
    "other areas to be ended where there are no versions": (lambda: {"replace": True}, None, LayerWantedError),
}  # fmt: skip


@pytest.mark.parametrize("what", SENSELESS)
async def test_refused_as_a_whole_is(what: str, owner_url: str) -> None:
    how, layer, error = SENSELESS[what]
    with pytest.raises(error):
        await write(owner_url, drawn(("A", strip(0, 1)), layer=layer), **how())


@dataclass
class Truth:
    """What was true when, as a plain list: moment, and the shape under each code from then on."""

    since: list[tuple[datetime, dict[str, bytes]]] = field(default_factory=list)

    def at(self, moment: datetime) -> dict[str, bytes]:
        known = [state for began, state in self.since if began <= moment]
        return known[-1] if known else {}


BORDERS = st.lists(st.integers(1, 29), min_size=1, max_size=4, unique=True).map(sorted)
AT = "SELECT code, st_asbinary(shape) AS shape FROM grid WHERE valid @> CAST(:at AS timestamptz) ORDER BY code"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(sequence=st.lists(BORDERS, min_size=1, max_size=6))
async def test_asked_for_any_moment_the_grids_are_those_that_were_true_then(
    sequence: list[list[int]], place: Place, owner_url: str
) -> None:
    """Each redraw divides the same ground anew, in place of all before it."""
    await place.run("TRUNCATE grid_lineage, grid, area CASCADE")
    truth, moments = Truth(), [datetime.now(UTC)]
    for borders in sequence:
        edges = [0, *borders, 30]
        shapes = {f"G{n}": strip(a / 10, b / 10) for n, (a, b) in enumerate(pairwise(edges))}
        await write(owner_url, drawn(*shapes.items()), replace=True)
        [row] = await place.run("SELECT max(lower(valid)) AS began, clock_timestamp() AS now FROM grid")
        truth.since.append(
            (row.began, {code: shapely.to_wkb(shapely.normalize(one)) for code, one in shapes.items()})
        )
        moments += [row.began, row.began - timedelta(microseconds=1), row.now]
    for moment in moments:
        found = {row.code: shapely.to_wkb(shapely.normalize(shapely.from_wkb(row.shape)))
                 for row in await place.run(AT, at=moment)}  # fmt: skip
        assert found == truth.at(moment)
    [row] = await place.run(
        """SELECT count(*) AS wrong FROM grid_lineage l JOIN grid b ON b.id = l.before JOIN grid a ON a.id = l.after
        WHERE upper(b.valid) <> lower(a.valid)"""
    )
    assert row.wrong == 0, "ground goes over at one moment"
    [row] = await place.run(
        """SELECT coalesce(max(abs(st_area(a.shape::geography) - l.m2)), 0) AS off FROM grid a
        JOIN (SELECT after, sum(m2) AS m2 FROM grid_lineage GROUP BY after) l ON l.after = a.id"""
    )
    assert row.off < 20, "each square metre of a new grid came from somewhere"


async def test_the_second_of_two_cuts_at_one_moment_waits_for_the_first(place: Place, owner_url: str) -> None:
    """Several drawings in one transaction follow each other: the later sees what the earlier wrote."""
    async with transaction(owner_url) as connection:
        await write_drawn(connection, drawn(("A", strip(0, 1)), ("B", square(1, 0))))
        done = await write_drawn(connection, drawn(("M", middle_of(1.0, 0.2)), purpose=Purpose.MALL))
    assert done.cut == ("A", "B")
    assert len(await in_force(place)) == 3


async def test_a_repair_leaves_each_grid_of_the_kind_it_is(place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("B", strip(1, 2))))
    await write(owner_url, drawn(("M", middle_of(1.0, 0.2)), purpose=Purpose.MALL))
    mended = drawn(("A", strip(0, 1)), ("M", middle_of(1.0, 0.1)), keeps_kind=True)
    assert (await write(owner_url, mended)).refused == ()
    assert [row[:3] for row in await in_force(place)] == [
        ("A", "basic", None), ("B", "basic", None), ("M", "dedicated", "mall")
    ]  # fmt: skip
    assert (await place.run(OVERLAPS))[0][0] < 0.001


async def test_two_who_redraw_at_once_follow_each_other(place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("A", strip(0, 1))))
    wider = [write(owner_url, drawn(("A", strip(0, east)))) for east in (1.5, 2.0, 2.5)]
    assert [done.redrawn for done in await asyncio.gather(*wider)] == [1, 1, 1]
    [row] = await place.run(
        """SELECT count(*) AS versions, count(*) FILTER (WHERE upper_inf(valid)) AS open,
        max(upper(valid)) <= clock_timestamp() AS past FROM grid"""
    )
    assert tuple(row) == (4, 1, True)


ACTS = st.one_of(
    st.tuples(st.just("divide"), BORDERS, st.just(0.0)),
    st.tuples(st.sampled_from(["M1", "M2"]), st.floats(0.2, 2.8), st.floats(0.02, 0.4)),
    st.tuples(st.just("only M1"), st.floats(0.2, 2.8), st.floats(0.02, 0.4)),
)
MEANT = "SELECT code, st_area(st_symdifference(shape, st_geomfromtext(:wkt, 4326))) AS off FROM grid" + (
    " WHERE code = :code AND valid @> clock_timestamp()"
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(sequence=st.lists(ACTS, min_size=2, max_size=7))
async def test_whatever_is_divided_cut_moved_and_ended_each_grid_has_what_was_drawn_less_the_dedicated_ones(
    sequence: list[tuple[str, Any, float]], place: Place, owner_url: str
) -> None:
    await place.run("TRUNCATE grid_lineage, grid, area CASCADE")
    basic: dict[str, Any] = {"G0": strip(0, 3)}
    malls: dict[str, Any] = {}
    await write(owner_url, drawn(*basic.items()))
    for act, where, size in sequence:
        if act == "divide":
            edges = [0, *where, 30]
            wanted = {f"G{n}": strip(a / 10, b / 10) for n, (a, b) in enumerate(pairwise(edges))}
            if (await write(owner_url, drawn(*wanted.items()), replace=True)).refused == ():
                basic = wanted
            continue
        code, mall = act[-2:], middle_of(where, size)
        alone = act.startswith("only")
        done = await write(owner_url, drawn((code, mall), purpose=Purpose.MALL), replace=alone)
        if done.refused == ():
            malls = ({} if alone else malls) | {code: mall}
    taken = shapely.union_all(list(malls.values()))
    for code, shape in (basic | malls).items():
        meant = shape if code in malls else shape.difference(taken)
        [row] = await place.run(MEANT, wkt=meant.wkt, code=code)
        assert row.off < 1e-9, f"{code} differs by {row.off * 1.1e10} m²"
    assert len(await in_force(place)) == len(basic) + len(malls)
    assert shapely.coverage_is_valid(await coverage(place))
