"""`wangge load limits` and `wangge load calendar`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.database import Logins, fail, logins, say
from api.cli.desk import LANGUAGE
from api.i18n import said
from api.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection

    from data.calendars import Year
    from data.limits_file import LimitsFile

AGAIN = "Clocks that run were counted anew: {changed}. If this was stopped on the way, load the file again."


def load_calendar(
    file: Annotated[
        Path, typer.Argument(help="A year: TOML with year, source and holidays, see docs/howto/deadlines.md.")
    ],
) -> None:
    """Load which days of a year are holidays and which weekends are worked; it replaces what was known of the year."""
    from data.calendars import CalendarFileError, read_year

    try:
        year = read_year(_words(file))
    except CalendarFileError as error:
        raise fail(f"This is no calendar: {error}.") from None
    with logins(Settings()) as urls:
        changed = asyncio.run(_keep_year(urls, year))
    rest = sum(not works for works in year.days.values())
    say(f"✓ {year.year}: {rest} days of rest, {len(year.days) - rest} weekend days worked")
    say(AGAIN.format(changed=changed))


def load_limits(
    file: Annotated[Path, typer.Argument(help="All limits of the town: TOML, see docs/howto/deadlines.md.")],
) -> None:
    """Load the town's time limits and working hours, all or nothing; limits that are not in the file end."""
    from data.limits_file import LimitsFileError, read_limits

    try:
        limits = read_limits(_words(file))
    except LimitsFileError as error:
        raise fail(f"These are no limits: {error}.") from None
    with logins(Settings()) as urls:
        changed = asyncio.run(_keep_limits(urls, limits))
    say(f"✓ {len(limits.rows)} limits")
    say(AGAIN.format(changed=changed))


def _words(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file} cannot be read: {type(error).__name__}.") from None


async def _keep_year(urls: Logins, year: "Year") -> int:
    from data import migrate
    from data.calendars import Calendars
    from data.outbox import Outbox
    from data.store import transaction

    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        await Calendars(connection).keep(year)
        await Outbox(connection).put("rules")
    return await _recount(urls, working=True)


async def _keep_limits(urls: Logins, limits: "LimitsFile") -> int:
    from data import migrate
    from data.calendars import Calendars
    from data.limits_file import LimitFiles
    from data.outbox import Outbox
    from data.store import transaction
    from data.town import Towns

    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        if await Towns(connection).the() is None:
            raise fail("There is no town yet: load its areas first.")
        _refuse_unknown_year(limits, await Towns(connection).year(), await Calendars(connection).all())
        files = LimitFiles(connection)
        unknown = await files.unknown(limits.rows)
        if unknown:
            raise fail(f"There is no {', no '.join(unknown)}.")
        await files.replace(limits)
        await Outbox(connection).put("rules")
    return await _recount(urls, working=False)


def _refuse_unknown_year(limits: "LimitsFile", year: int, known: "Collection[int]") -> None:
    """Stop the command where a limit is counted in working time and nothing is known of the present year."""
    from dispatch.deadlines import WORKING
    from dispatch.errors import CalendarYearUnknownError

    if year not in known and any(row.limit.unit in WORKING for row in limits.rows):
        raise fail(said(LANGUAGE, CalendarYearUnknownError.code, {"year": year}))


async def _recount(urls: Logins, *, working: bool) -> int:
    from data.store import Store
    from dispatch.desk.recount import recount

    store = Store(urls.server, pool_size=1)
    try:
        return await recount(store.books, working=working)
    finally:
        await store.close()
