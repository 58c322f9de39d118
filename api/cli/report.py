"""`wangge report`."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli.database import fail, say
from api.cli.desk import at_the_desk, checked

if TYPE_CHECKING:
    from api.report import Gathered
    from api.schemas.reports import ReportIn
    from data.store import Store

ENDINGS = ("pdf", "html", "xlsx")
MOST_S = 600.0
"""How long the incidents of a town may take to be read."""


def report(
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="The first day, the town's own.")],
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="The last day; it is counted, too.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="FILE.pdf, FILE.html or FILE.xlsx.")],
    area: Annotated[str | None, typer.Option(metavar="CODE", help="Only this area and all below it.")] = None,
    layer: Annotated[str | None, typer.Option(metavar="CODE", help="Only this grid layer.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Write a report of the figures of a period: closure curve, deadlines kept, times, verdicts, by area and category."""
    from api.schemas.reports import ReportIn

    ending = output.suffix.removeprefix(".").lower()
    if ending not in ENDINGS:
        raise fail(f"A report is written to a file that ends in {', '.join(f'.{one}' for one in ENDINGS)}.")
    given = {"from": first, "to": last, "area": area, "layer": layer, "lang": lang, "format": ending}
    wanted = checked(lambda: ReportIn.model_validate(given))
    made = at_the_desk(lambda store: _made(wanted, store))
    output.write_bytes(made)
    say(f"✓ {output} ({len(made) / 1000:,.0f} kB)")


async def _made(wanted: "ReportIn", store: "Store") -> bytes:
    from api.report import page_of, workbook_of

    gathered = await _gathered(wanted, store)
    if wanted.format == "xlsx":
        return workbook_of(gathered)
    page = page_of(gathered)
    return page.encode() if wanted.format == "html" else await _pdf(page)


async def _gathered(wanted: "ReportIn", store: "Store") -> "Gathered":
    """Count over the whole town, as whoever holds the machine may."""
    from api.report import gather
    from data.person import anybody_with
    from data.rights import EVERYWHERE, Permission, Rights
    from dispatch.desk.figures import Asked
    from dispatch.desk.reckon import Reckoning

    async with store.books.open() as book:
        town, members = await book.towns.the(), await book.units.members()
    if town is None:
        raise fail("There is no town yet: load its areas first.")
    everything = anybody_with(Rights({permission.value: (EVERYWHERE,) for permission in Permission}))
    zone = ZoneInfo(town.time_zone)
    begins, ends = (datetime.combine(day, time(), zone) for day in (wanted.first, wanted.last + timedelta(days=1)))
    reckoning = Reckoning(store, MOST_S, touching=(begins, ends))
    asked = Asked(wanted.wanted(), everything, zone, members)
    async with store.reader(everything) as reading:
        return await gather(asked, wanted.lang, reading, reckoning)


async def _pdf(page: str) -> bytes:
    from api.pdf import PdfError, pdf_of

    try:
        return await pdf_of(page)
    except PdfError as error:
        if error.missing is None:
            raise fail(
                "The report is too large for a PDF: choose fewer days or a smaller area, or write .html."
            ) from None
        raise fail(f"A PDF needs {error.missing}, which is not installed: `apt install {error.missing}`.") from None
