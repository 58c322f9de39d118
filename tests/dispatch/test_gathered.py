"""Which positions sent together stand, against a loop that takes one after the other."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import RefusedError
from dispatch.gathered import Gathered, newest, refusals
from dispatch.triage import in_time
from geo.datum import Datum, point_in
from geo.errors import GeoError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIX = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([118.3, 27.0, -180.0, 180.5, 1e308]),
    st.sampled_from([27.0, 118.3, -90.0, -90.5]),
    st.sampled_from([datum.value for datum in Datum]),
    st.sampled_from([-121, -120, -60, 0, 1, 5, 7 * 86_400, 7 * 86_400 + 1]),
    st.booleans(),
)


def one_after_the_other(
    fixes: list[tuple[str, float, float, str, int, bool]],
) -> tuple[dict[int, str], dict[str, int]]:
    """Return the code of each that is refused, and the row of each worker's that stands."""
    refused: dict[int, str] = {}
    stands: dict[str, tuple[datetime, int]] = {}
    for row, (who, lng, lat, datum, seconds, may) in enumerate(fixes):
        at = NOW - timedelta(seconds=seconds)
        try:
            if not may:
                refused[row] = "unknown_worker"
                continue
            point_in(lng, lat, datum)
            in_time(at, NOW, "fixed_at")
        except (RefusedError, GeoError) as error:
            refused[row] = error.code
            continue
        if who not in stands or at >= stands[who][0]:
            stands[who] = (at, row)
    return refused, {who: row for who, (_, row) in stands.items()}


@given(st.lists(FIX, min_size=1, max_size=12))
def test_many_at_once_are_judged_as_one_after_the_other(
    fixes: list[tuple[str, float, float, str, int, bool]],
) -> None:
    who, lng, lat, datum, seconds, may = (list(column) for column in zip(*fixes, strict=True))
    at = NOW.timestamp() - np.array(seconds, np.float64)
    sent = Gathered(who, np.array(lng), np.array(lat), np.array(datum), at, [float(row) for row in range(len(fixes))])
    refused = refusals(sent, np.array(may), NOW)
    kept = newest(sent, refused, NOW)
    codes, stands = one_after_the_other(fixes)
    assert {row: error.code for row, error in refused.items()} == codes
    assert dict(zip(kept.ids, kept.accuracy_m, strict=True)) == {who: float(row) for who, row in stands.items()}
    assert list(kept.ids) == sorted(stands)
    assert (kept.fixed_at <= NOW.timestamp()).all()
    for id_, x, y in zip(kept.ids, kept.lng, kept.lat, strict=True):
        row = stands[id_]
        point = point_in(lng[row], lat[row], datum[row])
        assert (x, y) == (pytest.approx(point.lng, abs=1e-12), pytest.approx(point.lat, abs=1e-12))
