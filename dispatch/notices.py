"""Notices: what an event says to the outside, in codes and names of kinds and places, and when it is tried again.

Nothing about a person leaves: no names, phones, addresses, descriptions. Who may know more opens the link and signs in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from uuid import UUID

Event = StrEnum(
    "Event",
    "reported received verifying filed rejected void offered waiting accepted declined expired withdrawn on_scene done "
    "failed climbed dispatched reassigned added duplicate returned extension_requested extended extension_refused "
    "shelved resumed awaiting went_on recounted due_soon "
    "whistled reported_in reminded supervised overdue scene_late handled inspecting rework closed "
    "reopened evaluated discontent undone",
)
"""The kinds of line in an incident's history that can be told."""

WAITS = tuple(timedelta(seconds=s) for s in (10, 30, 120, 600, 3_600, 21_600))
"""How long is waited after each failed try: long enough for a restart, for a repair, for a night shift."""
TRIES = len(WAITS) + 1
PATIENCE = sum(WAITS, timedelta())
"""What waited as long as this behind one that was given up is given up with it: 7 h 12 min 40 s."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it may be told. `status` is the incident's where the event came to, `area` the ground it lies in."""

    event: str
    at: datetime
    incident_id: UUID
    category: str
    category_name: str
    category_name_en: str
    urgency: str
    status: str
    area: str | None
    area_name: str | None
    deadline_at: datetime
    status_from: str | None = None
    slot: str | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: a line, and what stands below it."""

    title: str
    text: str


def wait_after(tries: int) -> timedelta | None:
    """Return how long to wait after so many failed tries; None when there is no other."""
    return WAITS[tries - 1] if 1 <= tries <= len(WAITS) else None


def path_of(incident_id: UUID) -> str:
    """Return where the command centre shows an incident."""
    return f"/?incident={incident_id}"


def notice(happening: Happening, texts: Mapping[str, str], lang: str, zone: tzinfo, home: str = "") -> Notice:
    """Say an event in a language; times in `zone`, the link under the address `home` of the server."""
    name = happening.category_name_en if lang == "en" else happening.category_name
    facts: dict[str, Any] = {
        "category": name,
        "event": _word(texts, "event", happening.event),
        "urgency": _word(texts, "urgency", happening.urgency),
        "status": _word(texts, "status", happening.status),
        "area": happening.area_name or texts["notice.no_area"],
        "at": _clock(happening.at, zone),
        "deadline": _clock(happening.deadline_at, zone),
        "attempt": happening.attempt,
        "link": home.rstrip("/") + path_of(happening.incident_id),
    }
    lines = ["notice.where", "notice.status", "notice.at", "notice.link"]
    if (happening.attempt or 0) > 1:
        lines.insert(2, "notice.attempt")
    return Notice(texts["notice.title"].format_map(facts), "\n".join(texts[line].format_map(facts) for line in lines))


def told_to_programs(happening: Happening, delivery: int, said: Notice, home: str = "") -> dict[str, Any]:
    """Return an event as a program gets it; times with offset, `delivery` the same each time it is tried."""
    known = happening
    return {
        "delivery": str(delivery),
        "event": known.event,
        "at": known.at.isoformat(),
        "incident": {
            "id": str(known.incident_id),
            "link": home.rstrip("/") + path_of(known.incident_id),
            "category": {"code": known.category, "name": known.category_name, "name_en": known.category_name_en},
            "urgency": known.urgency,
            "status": known.status,
            "area": None if known.area is None else {"code": known.area, "name": known.area_name},
            "deadline": known.deadline_at.isoformat(),
        },
        "status_from": known.status_from,
        "task": None if known.slot is None else {"slot": known.slot, "attempt": known.attempt},
        "title": said.title,
        "text": said.text,
    }


def _word(texts: Mapping[str, str], group: str, code: str) -> str:
    """Return the words for a code, or the code where a town uses one there are none for."""
    return texts.get(f"notice.{group}.{code}", code)


def _clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
