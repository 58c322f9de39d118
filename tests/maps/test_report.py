"""The report: what was given stands in it, nothing else, in both languages, and nobody's name becomes markup."""

import re
from html import unescape
from typing import Any

import pytest

from maps.report import COLUMNS, CURVE, Cover, Told, report_html

KINDS = {"filed": "count", "closed": "count", "open": "count", "closed_in_period": "count", "reported": "count"}
KINDS |= {"set_aside": "count", "closure_rate": "share", "on_time_handle": "share", "reopening_rate": "share"}
KINDS |= dict.fromkeys(CURVE, "share") | {"satisfaction": "share", "stars": "mean", "time_to_handle": "duration"}
TARGETS = {"same_day": 0.5, "two_days": 0.8, "three_days": 0.95}
DEFINITIONS = [
    {"figure": code, "kind": kind, "target": TARGETS.get(code)}
    | {
        f"{part}{own}": f"{part} {code}{own}"
        for part in ("name", "says", "formula", "left_out")
        for own in ("", "_en")
    }
    for code, kind in KINDS.items()
]
EVIL = "<img src=x onerror=alert(1)>{{ 7*7 }}${1}"


def share(n: int, of: int, low: float | None = 0.1, high: float | None = 0.9) -> dict[str, Any]:
    ends = (low, high) if of else (None, None)
    return {"value": n / of if of else None, "n": n, "of": of, "low": ends[0], "high": ends[1], "few": 0 < of < 5}


def figures(many: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        code: {"value": many + place} for place, code in enumerate(KINDS) if KINDS[code] == "count"
    }
    told |= {code: share(place + 1, many) for place, code in enumerate(KINDS) if KINDS[code] == "share"}
    told["stars"] = {"value": 4.25, "n": many, "few": False}
    told["time_to_handle"] = {"median": 5400, "p90": 259_200, "n": many, "few": False}
    return {code: told[code] for code in KINDS}


@pytest.fixture
def told() -> Told:
    areas = [
        {"key": "G1", "name": EVIL, "kind": "area", "figures": figures(31)},
        {
            "key": "G2",
            "name": "空",
            "kind": "area",
            "figures": figures(0) | {"time_to_handle": {"median": None, "p90": None, "n": 0, "few": False}},
        },
        {"key": None, "name": None, "kind": "outside", "figures": figures(3)},
    ]
    steps = [{"key": f"2026-10-{day:02}", "kind": "period", "figures": figures(day)} for day in range(1, 32)]
    return Told(figures(1_240), {"area": areas, "category": []}, "day", steps, DEFINITIONS)


@pytest.fixture
def page(told: Told, texts: dict[str, str], lang: str) -> str:
    return report_html(texts, lang, Cover("云溪镇 & co", ["2026-10-01 <b>"]), told)


def cells(page: str) -> list[list[str]]:
    """Return the text of every cell of every row."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]+>", " ", cell)).split() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for row in rows
    ]


def test_a_row_of_the_table_is_the_row_that_was_given(page: str) -> None:
    row = next(row for row in cells(page) if row and row[0] and row[0][0] == "空")
    assert [cell[0] for cell in row[1:4]] == ["0", "1", "2"]
    assert [cell[0] for cell in row[4:]] == ["–"] * (len(COLUMNS) - 3)
    first = next(row for row in cells(page) if row and row[0] and "onerror=alert(1)>{{" in row[0])
    at = {code: cell for code, cell in zip(COLUMNS, first[1:], strict=True)}
    order = list(KINDS)
    assert at["filed"] == ["31"] and at["open"] == ["33"]
    for code in (*CURVE, "closure_rate", "satisfaction"):
        n = order.index(code) + 1
        assert at[code] == [f"{100 * n / 31:.0f}%", f"{n}/31"]


def test_a_rate_is_said_with_what_it_is_made_of_and_how_sure_it_is(page: str, lang: str) -> None:
    row = next(
        row for row in cells(page) if row and " ".join(row[0]) == f"name closure_rate{'_en' if lang == 'en' else ''}"
    )
    n = list(KINDS).index("closure_rate") + 1
    assert row[1] == [f"{100 * n / 1240:.1f}%"]
    words = " ".join(" ".join(cell) for cell in row)
    assert f"{n}" in words and "1,240" in words and "10%" in words and "90%" in words


def test_times_are_said_in_hours_and_days(page: str, lang: str) -> None:
    words = unescape(page)
    assert ("1.5 h" if lang == "en" else "1.5 小时") in words
    assert ("nine in ten within 3 days" if lang == "en" else "九成在 3 天内") in words


def test_the_curve_has_a_bar_as_high_as_its_share_a_whisker_and_a_target(
    told: Told, texts: dict[str, str], lang: str
) -> None:
    half = figures(10) | {"same_day": share(5, 10, 0.25, 0.75)}
    full = figures(10) | {"same_day": share(10, 10, 0.75, 1.0)}
    heights = []
    for total in (half, full):
        drawn = report_html(texts, lang, Cover("x", []), Told(total, {}, "day", told.steps, DEFINITIONS))
        chart = re.search(r'<svg class="chart".*?</svg>', drawn, re.DOTALL)
        assert chart is not None
        heights.append(float(re.findall(r'<rect [^>]*height="([\d.]+)"', chart[0])[0]))
        assert chart[0].count("stroke-dasharray") == len(CURVE)
    assert heights[1] == pytest.approx(2 * heights[0])


def test_the_report_asks_for_nothing_and_runs_nothing(page: str) -> None:
    assert not re.search(r"<script|https?:|url\(|@import|<link|<iframe|<img", page)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert "云溪镇 &amp; co" in page
    assert "2026-10-01 &lt;b&gt;" in page
    assert "49" not in page.partition("onerror")[2][:40]


def test_both_languages_say_their_own(page: str, lang: str) -> None:
    assert ("name filed_en" in page) == (lang == "en")
    han = re.findall(r"[㐀-鿿]+", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    assert (set(han) <= {"云溪镇", "空"}) == (lang == "en")


def test_an_empty_period_says_so(texts: dict[str, str], lang: str) -> None:
    nothing = {code: {"value": 0} for code, kind in KINDS.items() if kind == "count"}
    nothing |= {code: share(0, 0) for code, kind in KINDS.items() if kind == "share"}
    nothing |= {
        "stars": {"value": None, "n": 0, "few": False},
        "time_to_handle": {"median": None, "p90": None, "n": 0, "few": False},
    }
    page = report_html(texts, lang, Cover("x", []), Told(nothing, {}, "day", [], DEFINITIONS))
    assert unescape(texts["figures.nothing"]) in unescape(page)
