"""Texts: a code and its facts become 中文 or English."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = {"zh": "zh_Hans", "en": "en"}
DEFAULT = "zh"


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
    """Return the chosen language, else the first accepted one that there is, else Chinese."""
    wanted = [chosen or "", *(part.split(";")[0].strip() for part in (accepted or "").split(","))]
    known = (tag.partition("-")[0].lower() for tag in wanted)
    return next((tag for tag in known if tag in LANGUAGES), DEFAULT)
