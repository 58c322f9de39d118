"""`wangge doctor`."""

import asyncio
import platform
import re
import shutil
from importlib import metadata, resources
from pathlib import Path

import typer
from pydantic import SecretStr

from api.cli.database import UNREACHABLE, Logins, logins, say
from api.settings import Settings
from data import cluster
from data.postgres import find_binaries

ADVICE = {
    "knn_lock_fault": "PostgreSQL {version} fails on `ORDER BY <-> … FOR UPDATE`; Wangge avoids it, but update to {wanted}",
    "locale_without_chinese": "the database's locale takes Chinese for no letters (pg_trgm, ltree): make it with C.UTF-8",
    "encoding_not_utf8": "the database's encoding is {encoding}: make it with UTF8",
    "extensions_missing": "extensions are missing: {missing}",
    "above_row_security": "{role} is above row security ({why}): the server needs a login that is neither superuser,"
    " BYPASSRLS nor owner of the tables",
    "notices_late": "{waiting} notices have waited for more than 10 minutes: `wangge receiver list` says whose and why",
    "calendar_missing": "no calendar of {year} is known: limits in working time cannot be counted in it;"
    " `wangge load calendar FILE` as soon as its holidays are published",
    "clocks_without_calendar": "{incidents} incidents have clocks that lack a year of the calendar: load it",
    "tables_without_row_security": "tables without row security: {tables}",
}
LIBRARIES = ("apprise", "argon2-cffi", "fastapi", "sqlalchemy", "asyncpg", "shapely", "h3", "geopandas", "folium")
ASSETS = ("leaflet/leaflet.js", "vectorgrid/Leaflet.VectorGrid.bundled.min.js", "swagger-ui/swagger-ui-bundle.js")

URL = re.compile(r"[\w+]+://(?P<login>[\w.-]+)(:[^@/?#]*)?@(?P<at>[\w.:\[\]-]+(/[\w.-]*)?)(\?[^@]*)?")
"""An address in which it is plain where the password ends."""


def doctor() -> None:
    """Say what is there, what is missing, and what to do about it; logins are never shown."""
    settings = Settings()
    wrong = _programs()
    _settings(settings)
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


def _settings(settings: Settings) -> None:
    for name in type(settings).model_fields:
        if not name.startswith("boot_"):
            value = getattr(settings, name)
            shown = masked(value.get_secret_value()) if isinstance(value, SecretStr) else value
            say(f"· WANGGE_{name.upper()} = {'–' if shown in (None, '') else shown}")
    if not settings.secure_cookies:
        say("! cookies also go over plain HTTP: set WANGGE_SECURE_COOKIES=true where other machines reach the server")
    elif not settings.trusted_proxies:
        say("! no proxy is trusted: behind one, audit and limits take every caller for the proxy")


def masked(url: str) -> str:
    """Return login and place of a database's address; nothing of one in which a password might be taken for those."""
    found = URL.fullmatch(url)
    return (
        f"{found['login']}:***@{found['at']}"
        if found
        else "*** (not a plain address; a password in it needs quoting)"
    )


def _database(urls: Logins) -> int:
    from data.health import examine

    at = masked(urls.server)
    try:
        health = asyncio.run(examine(urls.server))
    except UNREACHABLE as error:
        _bad(f"the database at {at} does not answer: {type(error).__name__}")
        return 1
    _good(f"PostgreSQL {health.version}, PostGIS {health.postgis or 'missing'}, at {at}")
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
