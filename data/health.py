"""Judge a database server: known faults of its version, its locale, its extensions, and who gets past row security."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.calendars import shipped
from data.engine import Role, engine_for
from data.migrate import pending
from data.postgres import EXTENSIONS

# The last minor release known to answer `ORDER BY … <-> … LIMIT 1 FOR UPDATE` with "attempted to lock
# invisible tuple": measured with 15.18, 16.14 and 18.4; 15.20 is known to be right.
LAST_MINOR_WITH_KNN_LOCK_FAULT = {15: 19, 16: 14, 18: 4}
DECEMBER = 12
"""The State Council names next year's holidays in October or November: docs/sources.md#holidays."""

# One row: server_version_num int, chinese_is_alphabetic bool, encoding text, extensions text[].
# Where Chinese is not alphabetic, pg_trgm finds no trigrams in it and ltree refuses it as a label.
PROBE = """
select current_setting('server_version_num')::int as server_version_num,
       '网格' ~ '^[[:alpha:]]+$' as chinese_is_alphabetic,
       pg_encoding_to_char(encoding) as encoding,
       array(select extname::text from pg_extension order by extname) as extensions
from pg_database where datname = current_database()
"""

# Rows of name text, above text[]: what lifts the login, or a role it takes, above row security.
ABOVE = """
select r.rolname::text as name, array_remove(array[
    case when r.rolsuper then 'superuser' end,
    case when r.rolbypassrls then 'bypassrls' end,
    case when exists (select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                      and c.relname <> 'spatial_ref_sys' and pg_has_role(r.oid, c.relowner, 'member'))
         then 'owner' end], null) as above
from pg_roles r where r.rolname in (session_user, 'wangge_app', 'wangge_dispatcher') order by r.rolname
"""
# Rows of one name each: tables of the schema public that anybody with a grant reads as a whole.
UNGUARDED = """
select relname::text from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity
  and relname not in ('alembic_version', 'spatial_ref_sys')
order by relname
"""


# One row: how many deliveries have been waiting for long, to receivers that are not paused.
LATE = """
select count(*) as waiting from delivery d join receiver r on r.id = d.receiver_id and r.paused_at is null
where d.state = 'waiting' and d.made_at < now() - interval '10 minutes'
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a server; `error` stops the program, `warning` does not."""

    code: str
    level: Literal["warning", "error"]
    facts: dict[str, object] = field(default_factory=dict)


def judge(
    server_version_num: int, chinese_is_alphabetic: bool, encoding: str, extensions: Iterable[str]
) -> list[Finding]:
    """Turn the row that `PROBE` brings into findings, gravest first; empty when all is well."""
    findings = []
    missing = sorted(set(EXTENSIONS) - set(extensions))
    if missing:
        findings.append(Finding("extensions_missing", "error", {"missing": missing}))
    if encoding != "UTF8":
        findings.append(Finding("encoding_not_utf8", "error", {"encoding": encoding}))
    if not chinese_is_alphabetic:
        findings.append(Finding("locale_without_chinese", "error"))
    return findings + known_faults(server_version_num)


def known_faults(server_version_num: int) -> list[Finding]:
    """Warn of a minor version with known faults; the number is PostgreSQL's, 150018 for 15.18."""
    major, minor = divmod(server_version_num, 10_000)
    last = LAST_MINOR_WITH_KNN_LOCK_FAULT.get(major)
    if last is None or minor > last:
        return []
    facts: dict[str, object] = {"version": f"{major}.{minor}", "wanted": f"{major}.{last + 1}"}
    return [Finding("knn_lock_fault", "warning", facts)]


def judge_guard(above: Iterable[tuple[str, list[str]]], unguarded: Iterable[str]) -> list[Finding]:
    """Turn the rows that `ABOVE` and `UNGUARDED` bring into findings."""
    found = [
        Finding("above_row_security", "error", {"role": name, "why": ", ".join(reasons)})
        for name, reasons in above
        if reasons
    ]
    tables = ", ".join(unguarded)
    return [*found, Finding("tables_without_row_security", "error", {"tables": tables})] if tables else found


def judge_notices(waiting: int) -> list[Finding]:
    """Turn the row that `LATE` brings into findings."""
    return [Finding("notices_late", "warning", {"waiting": waiting})] if waiting else []


# One row: the year and the month in the town (none: no town), the years it has loaded itself, clocks that lack a year.
YEARS = """
select extract(year from now() at time zone t.time_zone)::int as year,
       extract(month from now() at time zone t.time_zone)::int as month,
       array(select y.year::int from calendar_year y) as own,
       (select count(distinct incident_id) from clock where missing_year is not null) as incidents
from (select) one left join town t on true
"""


def judge_years(year: int | None, month: int | None, known: Iterable[int], incidents: int) -> list[Finding]:
    """Turn the row that `YEARS` brings into findings: this year must be known, from December on the next one too."""
    if year is None or month is None:
        return []
    wanted = [year, year + 1] if month == DECEMBER else [year]
    found = [Finding("calendar_missing", "warning", {"year": one}) for one in wanted if one not in set(known)]
    return [*found, Finding("clocks_without_calendar", "warning", {"incidents": incidents})] if incidents else found


@dataclass(frozen=True, slots=True)
class Health:
    """What a database says of itself; `rows` counts by table, empty before the first migration."""

    version: str
    postgis: str | None
    findings: tuple[Finding, ...]
    pending: tuple[str, ...]
    rows: dict[str, int]


COUNTED = ("area", "grid", "household", "worker", "category", "incident", "task")


async def examine(url: str) -> Health:
    """Look at a database with the server's login."""
    engine = engine_for(url, Role.DISPATCHER, pool_size=1)
    try:
        async with engine.connect() as connection:
            probed = (await connection.execute(text(PROBE))).one()
            version = (await connection.execute(text("SHOW server_version"))).scalar_one()
            postgis = None
            if "postgis" in probed.extensions:
                postgis = (await connection.execute(text("SELECT postgis_lib_version()"))).scalar_one()
            missing = await pending(url, Role.APP)
            above = [(row.name, row.above) for row in await connection.execute(text(ABOVE))]
            unguarded = [] if missing else [row.relname for row in await connection.execute(text(UNGUARDED))]
            late = 0 if missing else (await connection.execute(text(LATE))).scalar_one()
            years = (None, None, [], 0) if missing else tuple((await connection.execute(text(YEARS))).one())
            rows = {} if missing else {name: await _count(connection, name) for name in COUNTED}
    finally:
        await engine.dispose()
    return Health(
        version,
        postgis,
        (*judge(*probed), *judge_guard(above, unguarded), *judge_notices(late), *_years(*years)),
        tuple(missing),
        rows,
    )


def _years(year: int | None, month: int | None, own: list[int], incidents: int) -> list[Finding]:
    return judge_years(year, month, {*shipped(), *own}, incidents)


async def _count(connection: AsyncConnection, table: str) -> int:
    counted: int = (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
    return counted
