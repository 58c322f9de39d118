"""Drawn: incidents that were not, like those of the record in place, kind and hour; the same for the same seed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from data.record import Record
from dispatch.city import zone_of
from dispatch.replay.models import NothingToLearnError
from dispatch.replay.world import Story

HOUR_S = 3_600


def drawn(stories: Sequence[Story], record: Record, count: int, seed: int) -> list[Story]:
    """Draw incidents for a period, the earliest first: each is one of the record's, on another day in the same hour.

    Place, category, hour of the day in the town's zone, the time its work took and how long it lay handled are drawn
    together; the day is any of the period, the minute any of the hour.

    Raises
    ------
    NothingToLearnError
        If no incident of the record was filed.
    """
    some = [story for story in stories if story.opened_at is not None]
    if not some:
        raise NothingToLearnError
    zone, rng = zone_of(record.kept.town), np.random.default_rng(seed)
    first = record.since.astimezone(zone).date()
    days = max(1, round((record.until - record.since) / timedelta(days=1)))
    found = []
    for _ in range(count):
        like = some[int(rng.integers(len(some)))]
        hour = like.incident.reported_at.astimezone(zone).hour
        day = first + timedelta(days=int(rng.integers(days)))
        second = timedelta(seconds=int(rng.integers(HOUR_S)))
        at = datetime(day.year, day.month, day.day, hour, tzinfo=zone) + second
        found.append(_like(like, at.astimezone(record.since.tzinfo), UUID(bytes=rng.bytes(16))))
    return sorted(found, key=lambda story: (story.incident.reported_at, story.incident.id))


def _like(story: Story, at: datetime, id_: UUID) -> Story:
    """Return an incident like another, reported at a moment; who comes and goes is not like it."""
    was = story.incident
    later = at - was.reported_at
    scene = None if was.scene_due_at is None else was.scene_due_at + later
    new = replace(
        was, id=id_, reported_at=at, filed_at=at, deadline_at=was.deadline_at + later, scene_due_at=scene, tried=()
    )
    opened = None if story.opened_at is None else story.opened_at + later
    return Story(new, {}, (), opened, work=story.work, closing=story.closing)
