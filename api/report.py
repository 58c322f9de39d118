"""A report of a period: the answers that the page of the figures shows, gathered and written as a page, a PDF or a workbook."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.i18n import page_texts
from api.schemas.figures import definition_table, table
from api.schemas.reports import Lang
from api.sheets import workbook
from data.definitions import definitions
from data.store import Reader
from data.town import Towns
from dispatch.desk.figures import Asked, look_at_figures
from dispatch.desk.reckon import Reckoning
from dispatch.figures.wanted import By, Wanted
from maps.report import Cover, Told, report_html

SPLIT = (By.AREA, By.CATEGORY, By.DEPARTMENT)
DAYS_BY_DAY, DAYS_BY_WEEK = 45, 366
"""Up to so many days a trend goes by the day, by the week; a longer one by the month."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All answers of one question, by what they are split, and what stands on top of the report."""

    lang: Lang
    cover: Cover
    answers: Mapping[By, Mapping[str, Any]]

    @property
    def step(self) -> By:
        """By what the trend goes."""
        return next(by for by in (By.DAY, By.WEEK, By.MONTH) if by in self.answers)


def step_of(wanted: Wanted) -> By:
    """Return the finest step that leaves a trend readable."""
    days = (wanted.last - wanted.first).days + 1
    return By.DAY if days <= DAYS_BY_DAY else By.WEEK if days <= DAYS_BY_WEEK else By.MONTH


async def gather(asked: Asked, lang: Lang, reading: Reader, reckoning: Reckoning) -> Gathered:
    """Ask for everything a report shows; workers come into it only as groups of the workbook."""
    answers = {}
    for by in (*SPLIT, By.WORKER, step_of(asked.wanted)):
        level = asked.wanted.level if by is By.AREA else None
        answers[by] = await look_at_figures(
            replace(asked, wanted=replace(asked.wanted, by=by, level=level)), reading, reckoning
        )
    return Gathered(lang, await _cover(asked, lang, answers[By.AREA]["as_of"], reading), answers)


def page_of(gathered: Gathered) -> str:
    """Write the report as one self-contained page."""
    answers, step = gathered.answers, gathered.step
    split = {by.value: answers[by]["groups"] for by in SPLIT}
    told = Told(answers[By.AREA]["total"], split, step.value, answers[step]["groups"], list(definitions().values()))
    return report_html(page_texts(gathered.lang), gathered.lang, gathered.cover, told)


def workbook_of(gathered: Gathered) -> bytes:
    """Write all answers as sheets of a workbook, with what each figure is."""
    return workbook(_sheets(gathered))


def _sheets(gathered: Gathered) -> Iterator[tuple[str, Any]]:
    texts = page_texts(gathered.lang)
    for by, answer in gathered.answers.items():
        yield texts[f"figures.by_{by.value}"], table(answer)
    yield texts["report.definitions"], definition_table(gathered.lang)


async def _cover(asked: Asked, lang: Lang, as_of: datetime, reading: Reader) -> Cover:
    texts, wanted = page_texts(lang), asked.wanted
    town = await Towns(reading.connection).the()
    assert town is not None
    days = texts["report.days"].format_map(
        {"from": day_in_words(wanted.first, lang), "to": day_in_words(wanted.last, lang)}
    )
    whole = texts["report.whole_town"]
    lines = [days, texts["report.area"].format(name=await _area_name(wanted.area, reading) if wanted.area else whole)]
    named: tuple[tuple[str, str | None, Callable[[], Awaitable[list[dict[str, Any]]]]], ...] = (
        ("layer", wanted.layer, reading.grids.layers),
        ("category", wanted.category, reading.board.categories),
    )
    for key, code, rows in named:
        if code is not None:
            lines.append(texts[f"report.{key}"].format(name=_own_name(await rows(), code, lang)))
    lines.append(texts["report.as_of"].format(at=_moment(as_of, asked.zone, lang)))
    return Cover(town.name_en if lang == "en" else town.name, lines)


async def _area_name(code: str, reading: Reader) -> str:
    found = await reading.areas.of_code(code)
    if found is None:
        return code
    return " · ".join(step.name for step in (await reading.areas.paths([found[0]]))[found[0]])


def _own_name(rows: list[dict[str, Any]], code: str, lang: Lang) -> str:
    row = next((row for row in rows if row["code"] == code), {"name": code, "name_en": code})
    return str(row["name_en" if lang == "en" else "name"])


def day_in_words(day: date, lang: Lang) -> str:
    """Say a day as people write it."""
    return f"{day.day} {day:%b %Y}" if lang == "en" else f"{day.year}年{day.month}月{day.day}日"


def _moment(at: datetime, zone: ZoneInfo, lang: Lang) -> str:
    local = at.astimezone(zone)
    return f"{day_in_words(local.date(), lang)} {local:%H:%M}"
