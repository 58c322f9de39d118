"""Texts: a code and its facts become 中文 or English."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = {"zh": "zh_Hans", "en": "en"}
DEFAULT = "zh"
WEIGHT = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)", re.ASCII | re.IGNORECASE)
MOST_LETTERS = 500


@cache
def texts(lang: str) -> Mapping[str, str]:
    """Return the server's own texts in a language of `LANGUAGES`."""
    return _read("api", lang)


@cache
def page_texts(lang: str) -> Mapping[str, str]:
    """Return the texts of the pages in a language of `LANGUAGES`."""
    return _read("maps", lang)


def _read(package: str, lang: str) -> Mapping[str, str]:
    file = resources.files(package).joinpath("locale", f"{LANGUAGES[lang]}.json")
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def said(lang: str, code: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for a code; a code without one is shown as it is."""
    return texts(lang).get(code, code).format_map(_Gaps(facts))


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def language(accepted: str | None, chosen: str | None = None) -> str:
    """Return the chosen language, else the most wanted of the accepted ones that there is, else Chinese."""
    wanted = [chosen or "", *_by_weight((accepted or "")[:MOST_LETTERS])]
    known = (tag.partition("-")[0].lower() for tag in wanted)
    return next((tag for tag in known if tag in LANGUAGES), DEFAULT)


def _by_weight(accepted: str) -> list[str]:
    """List the tags of an Accept-Language, the most wanted first, without those that are not wanted at all."""
    weighed = []
    for part in accepted.split(","):
        tag, _, rest = part.partition(";")
        found = WEIGHT.fullmatch(rest.strip() or "q=1")
        weighed.append((float(found[1]) if found else 0.0, tag.strip()))
    return [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0]
