"""`wangge doctor`."""

import asyncio
import platform
import shutil
from importlib import metadata, resources
from pathlib import Path
from urllib.parse import urlsplit

import typer

from api.cli.database import UNREACHABLE, Logins, logins, say
from api.settings import Settings
from data import cluster
from data.postgres import find_binaries

ADVICE = {
    "knn_lock_fault": "PostgreSQL {version} fails on `ORDER BY <-> … FOR UPDATE`; Wangge avoids it, but update to {wanted}",
    "locale_without_chinese": "the database's locale takes Chinese for no letters (pg_trgm, ltree): make it with C.UTF-8",
    "encoding_not_utf8": "the database's encoding is {encoding}: make it with UTF8",
    "extensions_missing": "extensions are missing: {missing}",
}
LIBRARIES = ("fastapi", "sqlalchemy", "asyncpg", "shapely", "h3", "geopandas", "folium")
ASSETS = ("leaflet/leaflet.js", "vectorgrid/Leaflet.VectorGrid.bundled.min.js", "swagger-ui/swagger-ui-bundle.js")


def doctor() -> None:
    """Say what is there, what is missing, and what to do about it; logins are never shown."""
    settings = Settings()
    wrong = _programs()
    if settings.database_url is None and cluster.status(settings.home) is cluster.ClusterStatus.ABSENT:
        _bad(
            f"no database: neither WANGGE_DATABASE_URL nor a private one under {settings.home}; `./wangge demo` makes one"
        )
        raise typer.Exit(1)
    with logins(settings) as urls:
        wrong += _database(urls)
    raise typer.Exit(1 if wrong else 0)


def _programs() -> int:
    _good(f"Wangge {metadata.version('wangge')}, Python {platform.python_version()}, {platform.system()}")
    _good("libraries: " + ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES))
    binaries = find_binaries()
    if binaries is None:
        say("· no PostgreSQL with PostGIS on this machine (needed only for a private database)")
    vendor = Path(str(resources.files("maps"))) / "static" / "vendor"
    lacking = [name for name in ASSETS if not (vendor / name).exists()]
    if lacking:
        _bad(f"page assets are missing ({', '.join(lacking)}): ./wangge fetches them")
    if not shutil.which("chromium"):
        say("· no Chromium (needed only for tests of pages)")
    return len(lacking)


def _database(urls: Logins) -> int:
    from data.health import examine

    at = urlsplit(urls.server)
    try:
        health = asyncio.run(examine(urls.server))
    except UNREACHABLE as error:
        _bad(f"the database at {at.hostname}:{at.port}{at.path} does not answer: {type(error).__name__}")
        return 1
    _good(f"PostgreSQL {health.version}, PostGIS {health.postgis or 'missing'}, at {at.hostname}:{at.port}{at.path}")
    for finding in health.findings:
        told = ADVICE[finding.code].format(**finding.facts)
        _bad(told) if finding.level == "error" else say(f"! {told}")
    if health.pending:
        _bad(f"migrations not applied: {', '.join(health.pending)}: `wangge db upgrade`")
    elif health.rows:
        _good("rows: " + ", ".join(f"{name} {count}" for name, count in health.rows.items()))
    return len(health.pending) + sum(finding.level == "error" for finding in health.findings)


def _good(line: str) -> None:
    typer.secho(f"✓ {line}", fg="green")


def _bad(line: str) -> None:
    typer.secho(f"✗ {line}", fg="red")
