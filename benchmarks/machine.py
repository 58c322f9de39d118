"""What was measured on: facts that explain figures, and nothing that names the machine."""

import os
import platform
from importlib.metadata import version
from typing import Any

import asyncpg
import shapely

LIBRARIES = ("numpy", "shapely", "geopandas", "h3", "asyncpg", "sqlalchemy", "fastapi", "uvicorn", "uvloop")


async def facts(connection: "asyncpg.Connection[Any]") -> dict[str, Any]:
    """Read cores, load, Python, the database's versions and its durability, and the libraries' versions."""
    row = await connection.fetchrow(
        "SELECT current_setting('server_version') AS postgresql, postgis_lib_version() AS postgis, "
        "postgis_geos_version() AS postgis_geos, current_setting('fsync') AS fsync, "
        "current_setting('shared_buffers') AS shared_buffers, now()::date::text AS date"
    )
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        **dict(row or {}),
        "geos": shapely.geos_version_string,
        **{name: version(name) for name in LIBRARIES},
    }
