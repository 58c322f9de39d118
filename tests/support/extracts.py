"""Real OpenStreetMap extracts, which lie beside the project and are not part of it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"
EXTRACTS = {
    "liechtenstein": "liechtenstein_osm/liechtenstein.osm.pbf",
    "helsinki": "helsinki_osm/Helsinki.osm.pbf",
    "haidian": "beijing_haidian_osm/haidian.osm.pbf",
    "longgang": "shenzhen_longgang_osm/longgang.osm.pbf",
}


def shared_extract(name: str) -> Path:
    """Return the file of an extract; the test is skipped where it is not here."""
    path = SHARED / EXTRACTS[name]
    if not path.exists():
        pytest.skip(f"../shared/data/{path.parent.name} is not here")
    return path
