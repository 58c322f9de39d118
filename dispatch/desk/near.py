"""Near: is it one of these? Asked by whoever reports, and by the centre of what was reported all the same."""

from typing import Any
from uuid import UUID

from data.near import Alike
from data.store import Reader
from dispatch.city import City
from dispatch.errors import UnknownCategoryError, UnknownIncidentError
from dispatch.likeness import like, told
from dispatch.triage import Report
from geo.datum import point_in


async def known_already(report: Report, city: City, reader: Reader) -> list[dict[str, Any]]:
    """Return what may be the same as a report that is about to be made, in the order of `dispatch.likeness.like`.

    Raises
    ------
    UnknownCategoryError
        If there is no such category.
    UnknownDatumError, PointOutOfRangeError
        If the position is none.
    """
    rule = city.rules.get(report.category)
    if rule is None:
        raise UnknownCategoryError
    at = point_in(report.given.lng, report.given.lat, report.given.datum)
    wanted = like(at, rule.code, report.description, rule.urgency, await reader.board.now())
    return [_said(one) for one in await reader.near.alike(wanted)]


async def perhaps_the_same(incident_id: UUID, reader: Reader) -> dict[str, Any]:
    """Return what may be the same as an incident one sees; `minutes` is how much later the other was reported.

    Raises
    ------
    UnknownIncidentError
        If there is none that the person sees.
    """
    of = await reader.incidents.one(incident_id)
    if of is None:
        raise UnknownIncidentError(id=incident_id)
    wanted = like(of.point, of.category, of.description, of.urgency, of.reported_at, but=of.id)
    found = [one for one in await reader.near.alike(wanted) if one.seen]
    return {
        "items": [
            _said(one) | {"minutes": round((one.reported_at - of.reported_at).total_seconds() / 60)} for one in found
        ]
    }


def _said(one: Alike) -> dict[str, Any]:
    said = {
        "id": one.id,
        "metres": told(one.metres, one.seen),
        "reported_at": one.reported_at,
        "status": one.status,
        "followers": one.followers,
        "likeness": round(one.likeness, 3) if one.seen else None,
    }
    return said | ({"description": one.description, "address": one.address} if one.seen else {})
