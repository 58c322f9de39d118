"""A replay's result in words: a table of two settings for the terminal, CSV, and a page that needs nothing beside it."""

import csv
import html
import json
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Any

from api.i18n import texts

DURATIONS = ("time_to_accept", "time_to_scene", "time_to_handle")
LOADS: Mapping[str, Callable[[Mapping[str, Any]], float | None]] = {
    "load_workers": lambda setting: setting["load"]["workers"],
    "load_hours_most": lambda setting: setting["load"]["hours"]["most"],
    "load_hours_gini": lambda setting: setting["load"]["hours"]["gini"],
    "never_accepted": lambda setting: setting["never_accepted"],
}

type Cells = tuple[str, str, str, str]


def as_json(result: Mapping[str, Any], _: str) -> str:
    """Write a result as JSON, in no language: the same bytes for the same result."""
    return json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def rows_of(result: Mapping[str, Any], lang: str) -> Iterator[Cells]:
    """Yield what is compared: its name, as it is, changed, and the change with the bounds it lies between."""
    words, settings, changes = texts(lang), result["settings"], result["difference"]
    for code, figure in settings["as_it_is"]["figures"].items():
        pair = figure, settings["changed"]["figures"][code]
        for part in ("median", "p90") if code in DURATIONS else ("value",):
            name = words[f"replay.figure.{code}"] + ("" if part == "value" else f" {words[f'replay.{part}']}")
            key = code if part == "value" else f"{code}_{part}"
            share = part == "value" and "of" in figure
            was, now = (_cell(one[part], share) for one in pair)
            yield name, was, now, _change(changes.get(key), share)
    for name, read in LOADS.items():
        was, now = (_cell(read(one), False) for one in settings.values())
        yield words[f"replay.{name}"], was, now, ""


def notes_of(result: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Yield how far the result can be trusted: what went as in the record, what a model said, what the rules explain."""
    words, record = texts(lang), result["record"]
    if result["made_up"] is not None:
        yield words["replay.note.made_up"].format_map(result["made_up"])
    else:
        yield words["replay.note.as_recorded"].format_map(record)
    for cause, count in record["another_way"].items():
        yield words[f"replay.cause.{cause}"].format(count=count)
    yield words["replay.note.modelled"].format_map(record)
    if record["acts_by_hand_left_out"]:
        yield words["replay.note.left_out"].format_map(record)
    rules = record["rules_on_the_record"]
    if rules:
        told = {
            one: sum(n for name, n in rules.items() if name.startswith(one)) for one in ("same", "another", "nobody")
        }
        yield words["replay.note.rules"].format(**told, of=sum(told.values()))
    yield words["replay.note.models"].format(
        accepting=_cell(result["models"]["accepting"]["median_s"], False),
        speed=_cell(result["models"]["travelling"]["metres_per_s"], False),
        n=result["models"]["travelling"]["n"],
    )


def as_text(result: Mapping[str, Any], lang: str) -> str:
    """Write the table for a terminal, in which a Chinese letter is two columns wide."""
    head = tuple(texts(lang)[f"replay.head.{name}"] for name in ("figure", "as_it_is", "changed", "change"))
    rows: list[tuple[str, ...]] = [head, *rows_of(result, lang)]
    widths = [max(_wide(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    hit = result["hit"]["workers"]
    words = texts(lang)
    most = [
        words["replay.hit"].format(code=one["code"], was=one["as_it_is"]["hours"], now=one["changed"]["hours"])
        for one in hit[:5]
    ]
    return "\n".join([*lines, "", *(f"· {note}" for note in notes_of(result, lang)), *(f"· {one}" for one in most)])


def as_csv(result: Mapping[str, Any], lang: str) -> str:
    """Write the table as CSV, with the mark by which spreadsheets know UTF-8."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([texts(lang)[f"replay.head.{name}"] for name in ("figure", "as_it_is", "changed", "change")])
    writer.writerows(rows_of(result, lang))
    return "\ufeff" + out.getvalue()


def as_html(result: Mapping[str, Any], lang: str) -> str:
    """Write a page with the table, bars of who carries how much, and the notes; it asks for nothing from anywhere."""
    words = texts(lang)
    title = html.escape(words["replay.title"].format_map(result["period"]))
    heads = "".join(
        f"<th>{html.escape(words[f'replay.head.{name}'])}</th>"
        for name in ("figure", "as_it_is", "changed", "change")
    )
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows_of(result, lang)
    )
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in notes_of(result, lang))
    language = {"zh": "zh-Hans", "en": "en"}[lang]
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"<h2>{html.escape(words['replay.hit_title'])}</h2>{_bars(result, lang)}<ul>{notes}</ul></html>\n"
    )


STYLE = (
    "body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.25rem .6rem;border-bottom:1px solid #d5dce3;text-align:right}"
    "td:first-child,th:first-child{text-align:left}td{font-variant-numeric:tabular-nums}.was{fill:#8fa3b5}.now{fill:#1f6feb}"
)
ROW_PX, LEFT_PX, WIDE_PX = 34, 90, 640


def _bars(result: Mapping[str, Any], lang: str) -> str:
    """Draw the hours of those whom the change hits most, as it is above and changed below."""
    some = result["hit"]["workers"]
    if not some:
        return f"<p>{html.escape(texts(lang)['replay.nobody_hit'])}</p>"
    most = max(max(one["as_it_is"]["hours"], one["changed"]["hours"]) for one in some) or 1.0
    drawn = []
    for at, one in enumerate(some):
        top = at * ROW_PX
        drawn.append(f'<text x="0" y="{top + 20}" font-size="13">{html.escape(one["code"])}</text>')
        for place, (name, kind) in enumerate((("as_it_is", "was"), ("changed", "now"))):
            width = round(one[name]["hours"] / most * (WIDE_PX - LEFT_PX - 60), 1)
            y = top + 4 + 13 * place
            drawn.append(f'<rect class="{kind}" x="{LEFT_PX}" y="{y}" width="{width}" height="11"/>')
            drawn.append(
                f'<text x="{LEFT_PX + width + 4}" y="{y + 10}" font-size="11">{one[name]["hours"]:g} h</text>'
            )
    size = f'width="{WIDE_PX}" height="{len(some) * ROW_PX}"'
    return (
        f'<svg role="img" aria-label="{html.escape(texts(lang)["replay.hit_title"])}" {size}>{"".join(drawn)}</svg>'
    )


def _cell(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if share else f"{round(value, 3):,g}" if value < 100 else f"{value:,.0f}"


def _change(change: Mapping[str, float | None] | None, share: bool) -> str:
    if change is None or change["change"] is None or change["low"] is None or change["high"] is None:
        return ""
    scale, unit = (100, " %") if share else (1, "")
    said = [
        f"{scale * value:+.4g}" for value in (change["change"], change["low"], change["high"]) if value is not None
    ]
    return f"{said[0]}{unit} [{said[1]}, {said[2]}]"


def _wide(cell: str) -> int:
    return sum(2 if ord(letter) >= 0x1100 else 1 for letter in cell)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _wide(cell))
