"""The place that a task fills: what must stand before a task is written by hand."""

from uuid import UUID

from tests.support.place import Place

NEED = """
    INSERT INTO need (incident_id, slot, responder, ranking, exclusive, ladder, state, rung, tries, rung_since, layer,
        area_path)
    SELECT id, 'lead', 'person', 'nearest', false, 'urgent', :state, 0, 0, filed_at, layer, area_path FROM incident
    WHERE id = :incident"""


async def add_need(place: Place, incident_id: UUID, state: str = "taken") -> None:
    """Give an incident its lead, to be filled by a person, the nearest."""
    await place.run(NEED, incident=incident_id, state=state)
