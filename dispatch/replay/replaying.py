"""Replaying: a period under two settings, from the record to the result. Nothing is read or written on the way."""

from datetime import timedelta
from typing import Any

from data.record import Record
from dispatch.replay.difference import Setting, as_it_is, difference
from dispatch.replay.drawn import drawn
from dispatch.replay.loop import Loop, Told
from dispatch.replay.models import Models, models_of
from dispatch.replay.outcome import outcome_of
from dispatch.replay.result import Asked, Run, result_of
from dispatch.replay.setting import side_of
from dispatch.replay.world import Story, stories_of

AFTER = timedelta(days=7)
"""So long after its period a time that was made up goes on: what is begun is mostly ended by then."""


def replay(record: Record, setting: Setting) -> dict[str, Any]:
    """Go through a period once more: as it was, and as it would be under another setting."""
    stories, was = stories_of(record), as_it_is(record)
    models, differs = models_of(record, stories), difference(was, setting)
    told = _gone_through(record, was, setting, (stories, models), asks=True)
    same = told if not differs else _gone_through(record, was, was, (stories, models), asks=False)
    asked = Asked(record, models, differs, record.as_of)
    return result_of(asked, _run(record, was, was, same), _run(record, was, setting, told), told)


def _gone_through(
    record: Record, was: Setting, now: Setting, known: tuple[list[Story], Models], *, asks: bool
) -> Told:
    here, then = side_of(now, record, difference(was, now)), side_of(was, record)
    return Loop(here, then, known[1], record.as_of, asks=asks).run(known[0], record.others)


def _run(record: Record, was: Setting, now: Setting, told: Told) -> Run:
    differs = difference(was, now)
    outcome = outcome_of(told.courses, record, clocks_anew=bool(differs.limits or differs.clocks))
    return Run(side_of(now, record, differs), outcome, told.rules)


def replay_made_up(record: Record, setting: Setting, incidents: int, seed: int) -> dict[str, Any]:
    """Go through a time that was made up from a period's own incidents, under both settings."""
    stories, was = stories_of(record), as_it_is(record)
    models, differs = models_of(record, stories), difference(was, setting)
    made, until = drawn(stories, record, incidents, seed), record.until + AFTER
    told = [Loop(side_of(one, record, difference(was, one)), None, models, until).run(made) for one in (was, setting)]
    asked = Asked(record, models, differs, until, incidents, seed)
    before, after = (_made_up_run(record, was, one, some) for one, some in zip((was, setting), told, strict=True))
    return result_of(asked, before, after, told[1])


def _made_up_run(record: Record, was: Setting, now: Setting, told: Told) -> Run:
    outcome = outcome_of(told.courses, record, clocks_anew=True)
    return Run(side_of(now, record, difference(was, now)), outcome, told.rules)
