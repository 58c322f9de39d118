"""The report of a period: figures in, one self-contained page out — to read, to print, and to make a PDF of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from maps import charts
from maps.markup import HTML_LANG, fill
from maps.palette import LIGHT

type Figures = Mapping[str, Mapping[str, Any]]
COUNTS = ("filed", "closed", "open", "closed_in_period", "reported", "set_aside")
CURVE = ("same_day", "two_days", "three_days")
TREND = ("filed", "closed_in_period")
COLUMNS = (
    "filed",
    "closed",
    "open",
    "closure_rate",
    *CURVE,
    "on_time_handle",
    "reopening_rate",
    "satisfaction",
    "time_to_handle",
)
"""What a page's width takes of a row's figures; the spreadsheet has all."""
UNNAMED = ("none", "hidden", "outside")
MOST_ROWS = 400
"""Rows of one table; a larger town is told in the spreadsheet, or level by level."""
MANY = 200
"""From so many cases on a tenth of a percent means something."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a report is made of: answers of the figures' API, all of one question.

    `split` holds the groups by `area`, `category` and `department`, `steps` those by `step`: `day`, `week` or `month`.
    """

    total: Figures
    split: Mapping[str, Sequence[Mapping[str, Any]]]
    step: str
    steps: Sequence[Mapping[str, Any]]
    definitions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on top: the town, and lines that say which days, which part of it, as of when."""

    town: str
    about: Sequence[str]


class Words:
    """How a language says figures: names come with their definitions, numbers by their kind."""

    def __init__(self, texts: Mapping[str, str], lang: str, definitions: Sequence[Mapping[str, Any]]) -> None:
        self.texts, self.own = texts, "_en" if lang == "en" else ""
        self.of = {str(one["figure"]): one for one in definitions}
        self._say: Mapping[str, Callable[[float, int], str]] = {
            "count": lambda value, _: f"{value:,.0f}",
            "share": self.share,
            "duration": lambda value, _: self.time(value),
            "mean": lambda value, _: f"{value:.2f}",
        }

    def say(self, key: str, **facts: object) -> str:
        """Fill a text's gaps."""
        return self.texts[key].format(**facts)

    def name(self, code: str) -> str:
        """Return what a figure is called."""
        return str(self.of[code][f"name{self.own}"])

    def share(self, value: float, of: int = 0) -> str:
        """Say a share in percent."""
        percent = value * 100
        fine = of >= MANY and value not in (0, 1)
        return self.say("figures.percent", n=_trimmed(percent) if fine else f"{percent:.0f}")

    def time(self, seconds: float) -> str:
        """Say a span of time as a person would."""
        if seconds < 60:
            return self.say("figures.seconds", n=f"{seconds:.0f}")
        if seconds < 90 * 60:
            return self.say("figures.minutes", n=_trimmed(seconds / 60) if seconds < 600 else f"{seconds / 60:.0f}")
        if seconds < 48 * 3600:
            return self.say("figures.hours", n=_trimmed(seconds / 3600))
        return self.say("figures.days", n=_trimmed(seconds / 86_400))

    def number(self, code: str, figure: Mapping[str, Any]) -> str:
        """Say a figure's value, a dash where there is none."""
        kind = str(self.of[code]["kind"])
        value = figure["median" if kind == "duration" else "value"]
        return "–" if value is None else self._say[kind](value, figure.get("of", 0))

    def made(self, code: str, figure: Mapping[str, Any]) -> str:
        """Say of how many cases a figure is made; of times also what nine in ten stayed under."""
        if self.of[code]["kind"] == "count":
            return ""
        if "of" in figure:
            return self.say("figures.n_of", n=f"{figure['n']:,}", of=f"{figure['of']:,}") if figure["of"] else ""
        if not figure["n"]:
            return ""
        cases = self.say("figures.of_cases", n=f"{figure['n']:,}")
        late = figure.get("p90")
        return cases if late is None else f"{self.say('figures.nine_of_ten', t=self.time(late))} · {cases}"

    def sure(self, figure: Mapping[str, Any]) -> str:
        """Say between which bounds a share lies."""
        if figure.get("low") is None:
            return ""
        low, high = (self.share(figure[end], figure["of"]) for end in ("low", "high"))
        return self.say("figures.interval", low=low, high=high)

    def group(self, by: str, group: Mapping[str, Any]) -> str:
        """Name a row of a table."""
        if group["kind"] in UNNAMED:
            return self.texts[f"figures.{group['kind']}_{by}"]
        return str((self.own and group.get("name_en")) or group["name"] or group["key"])


def report_html(texts: Mapping[str, str], lang: str, cover: Cover, told: Told) -> str:
    """Write the report: no script, nothing to fetch, every text escaped.

    `texts` are those of the pages in `lang`, `zh` or `en`.
    """
    words = Words(texts, lang, told.definitions)
    head = [{"name": words.name(code), "number": words.number(code, told.total[code])} for code in COUNTS]
    rows = [(row["figures"]["filed"]["value"], row["figures"]["closed_in_period"]["value"]) for row in told.steps]
    names = [_step_name(told.step, str(row["key"])) for row in told.steps]
    return fill(
        "report.html",
        texts,
        html_lang=HTML_LANG[lang],
        ink=LIGHT,
        title=words.say("report.title", town=cover.town),
        about=cover.about,
        counts=head,
        nothing=not told.total["filed"]["value"] and not told.total["closed_in_period"]["value"],
        curve=charts.curve([_curve_bar(code, told.total[code], words) for code in CURVE], words.share),
        rates=[_rate(code, figure, words) for code, figure in told.total.items() if code not in COUNTS],
        trend=charts.trend(names, rows, lambda value: f"{value:,.0f}"),
        trend_names=[words.name(code) for code in TREND],
        columns=[words.name(code) for code in COLUMNS],
        parts=[_part(by, groups, words) for by, groups in told.split.items() if groups],
        definitions=[_definition(one, words) for one in told.definitions],
    )


def _trimmed(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _step_name(step: str, key: str) -> str:
    day = date.fromisoformat(key)
    return f"{day:%Y-%m}" if step == "month" else f"{day.month}-{day.day}"


def _curve_bar(code: str, figure: Mapping[str, Any], words: Words) -> charts.Bar:
    name, number = words.name(code), words.number(code, figure)
    return charts.Bar(name, number, figure["value"], figure["low"], figure["high"], words.of[code]["target"])


def _rate(code: str, figure: Mapping[str, Any], words: Words) -> dict[str, Any]:
    bar = (
        charts.sure(figure["value"], figure["low"], figure["high"], words.of[code]["target"])
        if "low" in figure
        else ""
    )
    told = {"name": words.name(code), "number": words.number(code, figure), "made": words.made(code, figure)}
    return told | {"sure": words.sure(figure), "bar": bar, "few": figure["few"]}


def _part(by: str, groups: Sequence[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    shown = groups[:MOST_ROWS]
    rest = len(groups) - len(shown)
    left_off = words.say("report.left_off", n=rest) if rest else ""
    rows = [{"name": words.group(by, group), "cells": _cells(group["figures"], words)} for group in shown]
    return {"title": words.texts[f"figures.by_{by}"], "rows": rows, "left_off": left_off}


def _cells(figures: Figures, words: Words) -> list[dict[str, Any]]:
    return [
        {
            "number": words.number(code, figures[code]),
            "made": f"{figures[code]['n']}/{figures[code]['of']}" if figures[code].get("of") else "",
            "few": figures[code].get("few", False),
        }
        for code in COLUMNS
    ]


def _definition(one: Mapping[str, Any], words: Words) -> dict[str, Any]:
    more = [
        f"{words.texts[f'figures.part_{part}']}: {text}"
        for part in ("formula", "left_out")
        if (text := one.get(f"{part}{words.own}"))
    ]
    return {"name": one[f"name{words.own}"], "says": one[f"says{words.own}"], "more": more}
