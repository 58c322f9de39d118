"""The report of a period, as a file."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.deps import TheCity, TheReckoning, permitted, process_of
from api.errors import DoorError
from api.pdf import PdfError, pdf_of
from api.report import Gathered, gather, page_of, workbook_of
from api.routes.answers import PROBLEMS
from api.routes.figures import XLSX
from api.schemas.reports import ReportIn
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.figures import Asked

router = APIRouter(prefix="/api/figures", tags=["figures"], responses=PROBLEMS)
Counting = Annotated[Actor, permitted(Permission.FIGURES_VIEW, Permission.FIGURES_OWN)]
MEDIA = {"pdf": "application/pdf", "html": "text/html; charset=utf-8", "xlsx": XLSX}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A file", "content": {media.partition(";")[0]: {} for media in MEDIA.values()}}
}
_one_at_a_time = asyncio.Semaphore(1)
"""A PDF takes a core for seconds: those who ask meanwhile wait."""


@router.get("/report", response_class=Response, responses=FILES)
async def report(
    wanted: Annotated[ReportIn, Query()], actor: Counting, reckoning: TheReckoning, city: TheCity, request: Request
) -> Response:
    """Write a report of the figures: a PDF, a page that carries all it needs, or a workbook."""
    asked = Asked(wanted.wanted(), actor, city.zone, city.members)
    async with process_of(request).store.reader(actor) as reading:  # given back before anything is drawn
        gathered = await gather(asked, wanted.lang, reading, reckoning)
    file = await _written(wanted.format, gathered)
    named = f'attachment; filename="report_{wanted.first}_{wanted.last}.{wanted.format}"'
    return Response(file, media_type=MEDIA[wanted.format], headers={"content-disposition": named})


async def _written(format_: str, gathered: Gathered) -> str | bytes:
    if format_ == "xlsx":
        return await run_in_threadpool(workbook_of, gathered)
    page = await run_in_threadpool(page_of, gathered)
    if format_ == "html":
        return page
    try:
        async with _one_at_a_time:
            return await pdf_of(page)
    except PdfError as error:
        if error.missing is None:
            raise DoorError(503, "report_too_large") from None
        raise DoorError(503, "pdf_unavailable", missing=error.missing) from None
