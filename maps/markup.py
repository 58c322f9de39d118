"""Markup beside the map: templates with every value escaped, and the block of texts that scripts read."""

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from maps.palette import THEMES

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
HTML_LANG = {"zh": "zh-Hans", "en": "en"}


def fill(template: str, texts: Mapping[str, str], **values: object) -> str:
    """Fill a template of `maps/templates`; `t` are the texts, everything is escaped, a missing name raises."""
    return _TEMPLATES.get_template(template).render(t=texts, themes=THEMES, **values)


def texts_for(texts: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """Pick the texts whose key starts with one of `prefixes` (the part before the first dot)."""
    return {key: text for key, text in texts.items() if key.partition(".")[0] in prefixes}


def data_block(name: str, value: object) -> str:
    """Write a value as a JSON block that a script reads by id; nothing in it can end the block or run."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    text = re.sub("[<>&]", lambda sign: f"\\u{ord(sign.group()):04x}", text)
    return f'<script type="application/json" id="{html.escape(name)}">{text}</script>'
