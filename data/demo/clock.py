"""A demo town sleeps while nobody serves it: on waking, all its clocks move on by as long as it slept."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

CLOCKS = {
    "incident": (
        *("reported_at", "filed_at", "deadline_at", "scene_due_at", "closed_at"),
        *("accepted_at", "scene_at", "handled_at"),
    ),
    "need": ("rung_since",),
    "task": ("offered_at", "offer_expires_at", "accepted_at", "on_scene_at", "ended_at"),
    "incident_event": ("at",),
    "timer": ("due_at",),
    "receipt": ("made_at",),
    "evaluation": ("closed_at", "at"),
    "clock": ("started_at", "running_since", "due_at", "ended_at", "reminded_at", "overdue_at", "supervised_at"),
    "worker": ("rest_until",),
    "worker_position": ("fixed_at", "heard_at"),
}
"""Rosters and reservations are said in days of the calendar, which does not stand still."""
BUT = {"timer": "WHERE kind <> 'reserved'", "worker": "WHERE rest_until IS NOT NULL"}
RAN = text("""
    UPDATE clock SET ran = (
        SELECT jsonb_agg(jsonb_build_array((r ->> 0)::timestamptz + :slept, (r ->> 1)::timestamptz + :slept) ORDER BY place)
        FROM jsonb_array_elements(ran) WITH ORDINALITY AS ran (r, place))
    WHERE ran <> '[]'
""")
NAP = timedelta(seconds=30)


async def wake(connection: AsyncConnection) -> timedelta:
    """Move every time in the town on by as long as it slept, as the owner; return how long that was."""
    slept: timedelta = (
        await connection.execute(text("SELECT clock_timestamp() - coalesce(demo_clock, clock_timestamp()) FROM town"))
    ).scalar_one()
    if slept < NAP:
        return timedelta(0)
    for table, columns in CLOCKS.items():
        moved = ", ".join(f"{column} = {column} + :slept" for column in columns)
        which = BUT.get(table, "")
        await connection.execute(text(f"UPDATE {table} SET {moved} {which}"), {"slept": slept})  # noqa: S608 - own names
    await connection.execute(RAN, {"slept": slept})
    await tick(connection)
    return slept


async def tick(connection: AsyncConnection) -> datetime:
    """Note that the town is awake now."""
    noted: datetime = (
        await connection.execute(text("UPDATE town SET demo_clock = clock_timestamp() RETURNING demo_clock"))
    ).scalar_one()
    return noted
