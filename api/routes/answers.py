"""Shapes of answers made of JSON text that the database wrote."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from fastapi import Response

from api.plain import json_of
from data.areas import Area
from data.store import Reader
from dispatch.city import City
from dispatch.errors import UnknownIncidentError


def json_text(parts: Mapping[str, str | Iterable[str]], more: Mapping[str, Any] | None = None) -> Response:
    """Answer an object: `parts` are JSON text or lists of it, passed on untouched; `more` is encoded here."""
    ready = {name: part if isinstance(part, str) else f"[{','.join(part)}]" for name, part in parts.items()}
    encoded = {name: json_of(value) for name, value in (more or {}).items()}
    body = ",".join(f"{json.dumps(name)}:{text}" for name, text in (encoded | ready).items())
    return Response(f"{{{body}}}", media_type="application/json")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused: `code` is stable, `title` is in the reader's language",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["title", "status", "code"],
                    "properties": {
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "code": {"type": "string"},
                    },
                }
            }
        },
    }
}


CSV: dict[int | str, dict[str, Any]] = {200: {"description": "CSV", "content": {"text/csv": {}}}}


async def incident_text(incident_id: UUID, reading: Reader, city: City) -> Response:
    """Answer one incident's row with its areas, history and candidates.

    Raises
    ------
    UnknownIncidentError
        If there is no such incident.
    """
    rows = await reading.board.incidents([incident_id])
    if not rows:
        raise UnknownIncidentError(id=incident_id)
    row = json.loads(rows[0])
    history, candidates = await reading.board.history(incident_id)
    return json_text(
        {"history": history, "candidates": candidates}, row | {"areas": await _areas(row, city, reading)}
    )


async def _areas(row: dict[str, Any], city: City, reading: Reader) -> tuple[Area, ...]:
    """Return the way down the tree to an incident's grid, also to one that is not in force any more."""
    if row["grid"] is None:
        return ()
    grid = city.grid(row["layer"], row["grid"]["code"])
    found = None if grid else await reading.areas.of_code(row["grid"]["code"])
    return city.areas_of(grid) if found is None else (await reading.areas.paths([found[0]])).get(found[0], ())
