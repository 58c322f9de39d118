"""Figures: counted over incidents, split, explained, exported, and the cases behind each."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.deps import Reading, TheCity, TheReckoning, permitted
from api.i18n import language
from api.plain import json_of
from api.routes.answers import PROBLEMS, json_text
from api.schemas.figures import CasesIn, ExportIn, FiguresIn, definition_table, table
from api.sheets import csv_text, workbook
from data.definitions import definitions
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.figures import Asked, list_cases, look_at_figures

router = APIRouter(prefix="/api/figures", tags=["figures"], responses=PROBLEMS)
Counting = Annotated[Actor, permitted(Permission.FIGURES_VIEW, Permission.FIGURES_OWN)]
Drilling = Annotated[Actor, permitted(Permission.FIGURES_VIEW)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "json": "application/json"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A file", "content": {media.partition(";")[0]: {} for media in MEDIA.values()}}
}


@router.get("")
async def figures(
    wanted: Annotated[FiguresIn, Query()], actor: Counting, reckoning: TheReckoning, reading: Reading, city: TheCity
) -> Response:
    """Count every figure over the incidents one may have counted, in all and by group."""
    asked = Asked(wanted.wanted(), actor, city.zone, city.members)
    found = await look_at_figures(asked, reading, reckoning)
    return Response(json_of(found), media_type="application/json")


@router.get("/definitions")
async def defined(_: Counting) -> dict[str, Any]:
    """Say what each figure is, in both languages, in the order in which they are shown."""
    return {"definitions": list(definitions().values())}


@router.get("/cases")
async def cases(
    wanted: Annotated[CasesIn, Query()], actor: Drilling, reckoning: TheReckoning, reading: Reading, city: TheCity
) -> Response:
    """List the incidents behind a figure that one may see, the newest first; `after` takes the `next` of the page before."""
    asked = Asked(wanted.wanted(), actor, city.zone, city.members)
    rows, after = await list_cases(asked, wanted.case(), reading, reckoning)
    return json_text({"incidents": rows}, {"next": after})


@router.get("/export", response_class=Response, responses=FILES)
async def export(
    wanted: Annotated[ExportIn, Query()],
    actor: Counting,
    reckoning: TheReckoning,
    reading: Reading,
    city: TheCity,
    request: Request,
) -> Response:
    """Write the same figures as a file: CSV (UTF-8 with a mark), a workbook with their definitions, or JSON."""
    asked = Asked(wanted.wanted(), actor, city.zone, city.members)
    found = await look_at_figures(asked, reading, reckoning)
    lang = language(request.headers.get("accept-language"), request.cookies.get("wangge_lang"))
    file = _written(wanted.format, found, lang)
    named = f'attachment; filename="figures_{wanted.first}_{wanted.last}.{wanted.format}"'
    return Response(file, media_type=MEDIA[wanted.format], headers={"content-disposition": named})


def _written(format_: str, found: dict[str, Any], lang: str) -> str | bytes:
    if format_ == "json":
        return json_of(found)
    if format_ == "csv":
        return csv_text(table(found))
    return workbook([("figures", table(found)), ("definitions", definition_table(lang))])
