"""Files of limits: what is taken, and what is refused."""

from datetime import time

import pytest

from data.limits import Limit, LimitRow, Step, Unit
from data.limits_file import LimitsFileError, read_limits

GOOD = """working_hours = [["08:00", "12:00"], ["14:00", "18:00"]]
[[limit]]
category = "garbage"
area = "C1"
step = "handle"
amount = 5
unit = "working_hours"
remind = 0.5
supervise = 0
[[limit]]
step = "receive"
amount = 10
unit = "minutes"
"""


def test_a_file_says_hours_and_limits() -> None:
    read = read_limits(GOOD)
    assert read.hours == ((time(8), time(12)), (time(14), time(18)))
    assert read.rows == (
        LimitRow(Limit(Step.HANDLE, 5, Unit.WORKING_HOURS, 0.5, None), "garbage", None, "C1"),
        LimitRow(Limit(Step.RECEIVE, 10, Unit.MINUTES, 0.8, 1.5)),
    )
    assert read_limits("").rows == ()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("amount = 5", "amount = 0"),
        ("amount = 5", "amount = 1.5"),
        ("amount = 5", "amount = true"),
        ("amount = 5", ""),
        ("amount = 5", "amount = 10000000"),
        ('"handle"', '"lunch"'),
        ('"minutes"', '"years"'),
        ("remind = 0.5", "remind = 1"),
        ("remind = 0.5", "remind = nan"),
        ("supervise = 0", "supervise = 1"),
        ("supervise = 0", "supervise = inf"),
        ("supervise = 0", "supervise = 'late'"),
        ("supervise = 0", "more = 1"),
        ('area = "C1"', "area = 5"),
        ('category = "garbage"\narea = "C1"\nstep = "handle"', 'step = "receive"'),
        ('"12:00"]', '"15:00"]'),
        ('"08:00"', '"8 o\'clock"'),
        ('"08:00"', '"08:00+08:00"'),
        ('[["08:00", "12:00"], ["14:00", "18:00"]]', "[]"),
        ('[["08:00", "12:00"], ["14:00", "18:00"]]', "8"),
        ("[[limit]]", "[[limits]]"),
        ("[[limit]]", "[[limit"),
    ],
)
def test_what_is_no_limit_is_refused(was: str, becomes: str) -> None:
    assert was in GOOD
    with pytest.raises(LimitsFileError):
        read_limits(GOOD.replace(was, becomes, 1))
