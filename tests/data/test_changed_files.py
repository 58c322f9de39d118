"""Files of a changed setting: what they put in the place of a town's own, and what they are refused for."""

from datetime import date, time, timedelta

import pytest

from data.categories import RankBy, Urgency
from data.changed_grids import Drawing, changed_grids
from data.changed_roster import changed_roster
from data.changed_rules import ChangedFileError, ChangedRules, changed_rules
from data.ladders import Ladder, Rung, Whom
from data.limits import Limit, LimitRow, Step, Unit
from data.rosters import Pattern
from tests.support.city import box_grid, named, rule, somebody
from tests.support.place import square

LADDER = Ladder((Rung(Whom.RANKED, 3, None, timedelta(0)),))
WAS = ChangedRules(
    {"fire": rule("fire", urgency=Urgency.EMERGENCY, skill="fire"), "noise": rule("noise")},
    {"urgent": LADDER},
    (LimitRow(Limit(Step.DISPATCH, 5, Unit.MINUTES)),),
)
AREAS = {"C1": "D.C1"}
PEOPLE = [somebody("W1"), somebody("W2")]
EVERY_MONDAY = [Pattern(named("p", who.code), who.id, 1, time(8), time(16)) for who in PEOPLE]


def test_columns_that_are_named_change_and_all_others_stay() -> None:
    new = changed_rules(
        """
        [category.fire]
        ranking = "own_grid_first"
        skill = ""
        offer_seconds = 45
        scene_minutes = 0
        [[ladder.urgent]]
        whom = "ranked"
        tries = 1
        offer_seconds = 20
        [[ladder.urgent]]
        whom = "centre"
        [[limit]]
        step = "dispatch"
        amount = 2
        unit = "hours"
        [[limit]]
        step = "handle"
        area = "C1"
        amount = 1
        unit = "working_days"
        """,
        WAS,
        AREAS,
    )
    fire = new.rules["fire"]
    assert (fire.ranking, fire.skill, fire.offer, fire.scene) == (
        RankBy.OWN_GRID_FIRST,
        None,
        timedelta(seconds=45),
        None,
    )
    assert (fire.urgency, fire.deadline) == (Urgency.EMERGENCY, timedelta(hours=1))
    assert new.rules["noise"] == WAS.rules["noise"]
    first, last = new.ladders["urgent"].rungs
    assert first == Rung(Whom.RANKED, 1, timedelta(seconds=20), timedelta(0))
    assert last == Rung(Whom.CENTRE, 1, None, timedelta(0))
    assert {(row.limit.step, row.limit.amount, row.area_path) for row in new.limits} == {
        (Step.DISPATCH, 2, None),
        (Step.HANDLE, 1, "D.C1"),
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("[category.fire", "TOML"),
        ("", "only category, ladder, limit"),
        ("[fire]\nskill='x'", "fire: only"),
        ("[category.flood]\nskill='x'", "category flood: there is none"),
        ("[category.fire]\ndeadline='1 h'", "deadline is none of skill"),
        ("[category.fire]\ndeadline_minutes=0", "0 is no whole number"),
        ("[category.fire]\ndeadline_minutes=true", "True is no whole number"),
        ("[category.fire]\nranking='luck'", "'luck' is none of nearest"),
        ("[category.fire]\nladder='rope'", "there is no ladder rope"),
        ("category=1", "is written as [category.CODE]"),
        ("[ladder]\nurgent=[]", "rung by rung"),
        ("[[ladder.urgent]]\ntries=1", "rung 0: has"),
        ("[[ladder.urgent]]\nwhom='ranked'\nwait_seconds=-1", "-1 is no whole number"),
        ("[[limit]]\nstep='dispatch'\namount=1\nunit='weeks'", "limit 1"),
        ("[[limit]]\nstep='dispatch'\namount=1\nunit='hours'\ncategory='flood'", "no category flood"),
        ("[[limit]]\nstep='dispatch'\namount=1\nunit='hours'\narea='C9'", "no area C9"),
    ],
)
def test_what_cannot_be_taken_is_named(words: str, told: str) -> None:
    with pytest.raises(ChangedFileError) as refused:
        changed_rules(words, WAS, AREAS)
    assert told in str(refused.value)


def test_what_a_roster_says_of_somebody_stands_for_all_that_was_said_of_that_one() -> None:
    words = "worker,day,starts,ends\nW1,2,22:00,06:00\nW1,2026-11-20,,\n"
    patterns, changes = changed_roster(words, False, PEOPLE, (EVERY_MONDAY, ()))
    assert [(one.worker_id, one.weekday, one.starts, one.ends) for one in patterns] == [
        (PEOPLE[1].id, 1, time(8), time(16)),
        (PEOPLE[0].id, 2, time(22), time(6)),
    ]
    assert [(one.worker_id, one.day, one.starts) for one in changes] == [(PEOPLE[0].id, date(2026, 11, 20), None)]
    in_toml = "[[shift]]\nworker='W1'\nday='all'\nstarts='08:00'\nends='20:00'"
    patterns, _ = changed_roster(in_toml, True, PEOPLE, (EVERY_MONDAY, ()))
    assert sorted(one.weekday for one in patterns if one.worker_id == PEOPLE[0].id) == list(range(1, 8))
    assert changed_roster(words, False, PEOPLE, ((), ())) == changed_roster(words, False, PEOPLE, ((), ()))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "line 1: the columns are"),
        ("worker,day,starts,ends\n", "nothing in it"),
        ("worker;day\nW1;1", "line 1: the columns are"),
        ("worker,day,starts,ends\nW9,1,08:00,16:00", "there is no worker W9"),
        ("worker,day,starts,ends\nW1,8,08:00,16:00", "'8' is no day"),
        ("worker,day,starts,ends\nW1,1,8 o'clock,16:00", "is no time"),
        ("worker,day,starts,ends\nW1,1,08:00,", "both given or both empty"),
        ("worker,day,starts,ends\nW1,1", "has not 4 columns"),
    ],
)
def test_a_roster_that_cannot_be_taken_is_told_by_its_line(words: str, told: str) -> None:
    with pytest.raises(ChangedFileError) as refused:
        changed_roster(words, False, PEOPLE, ((), ()))
    assert told in str(refused.value)


def test_a_drawing_ends_other_grids_where_it_is_whole_and_new_ones_lie_beside_what_was_there() -> None:
    was = (box_grid(0, 0), box_grid(1, 0, "C2"))
    shapes = (("G00", "一", square(1, 0)), ("G99", "九", square(1, 0)))
    whole = changed_grids(was, Drawing("governance", shapes, whole=True))
    assert [grid.code for grid in whole] == ["G00", "G99"]
    assert (whole[0].area_id, whole[0].area_path) == (was[0].area_id, "C1.G00")
    assert (whole[1].area_path, whole[1].parent_id) == ("C2.G99", was[1].parent_id)
    some = changed_grids(was, Drawing("governance", shapes[:1], whole=False))
    assert [grid.code for grid in some] == ["G00", "G10"]
    with pytest.raises(ChangedFileError, match="G00: comes twice"):
        changed_grids(was, Drawing("governance", (shapes[0], shapes[0]), whole=True))
    with pytest.raises(ChangedFileError, match="layer health: has no grids"):
        changed_grids(was, Drawing("health", shapes, whole=True))
