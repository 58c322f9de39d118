"""Receivers of two communities, paused so that nothing leaves, each with a delivery that was given up."""

from typing import Any
from uuid import UUID

from data.schema import new_id
from tests.support.place import Place

RECEIVER = """INSERT INTO receiver (id, kind, label, address, host, events, area_id, area_path, made_at, paused_at)
    SELECT :id, 'webhook', :label, 'http://127.0.0.1:9/', :host, ARRAY['filed'], a.id, a.path, now(), now()
    FROM area a WHERE a.code = :area"""
DELIVERY = """INSERT INTO delivery (id, receiver_id, incident_id, event, state, tries, made_at, due_at, ended_at, trouble)
    OVERRIDING SYSTEM VALUE
    VALUES (:number, :id, :incident, 'filed', 'given_up', 7, now(), now(), now(), 'timeout')"""
NUMBERS = {"A": 500_000_700_000, "B": 271_828_700_000}
"""From which deliveries are numbered, so that they are known wherever they are told."""


async def subscribe(place: Place, ids: dict[str, Any], side: str, area: str, incident: UUID) -> None:
    """Add `receiver B` and `receiver B too` of a community, each with `delivery B`, `delivery B too`."""
    for number, name in enumerate((side, f"{side} too"), NUMBERS[side]):
        ids[f"receiver {name}"], ids[f"delivery {name}"] = id_, _ = new_id(), number
        await place.run(RECEIVER, id=id_, label=f"{area} receiver7", host=f"{area.lower()}.example", area=area)
        await place.run(DELIVERY, number=number, id=id_, incident=incident)
