"""The page of the ground's quality: kinds of faults, a map on which each can be found, the list, proposals."""

from collections.abc import Mapping
from typing import Any

from maps.markup import HTML_LANG, data_block, fill, texts_for

_STYLES = (
    "/static/tokens.css",
    "/static/vendor/leaflet/leaflet.css",
    "/static/css/common.css",
    "/static/css/plain.css",
    "/static/css/quality.css",
)
_TEXTS = ("word", "time", "plain", "permission", "quality", "ground_fault", "flaw", "why_not")


def quality_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of the ground's quality, without any fault in it; arguments as for `command_page`."""
    from maps import html, layers  # folium takes a second to import: only who draws a map pays for it

    name = str(town["name_en" if lang == "en" else "name"])
    the_map = html.Map("ground", tuple(town["centre"]), zoom=14)
    the_map.add_child(layers.BaseMap("light", ("ground", "buildings", "streets", "areas", "grids")))
    body = fill("quality.html", texts, name=name, demo=bool(town.get("demo")), lang=lang)
    body += data_block("town", {"bounds": list(town["bounds"]), "lang": lang, "page": "quality"})
    body += data_block("texts", texts_for(texts, *_TEXTS))
    title = f"{texts['quality.title']} · {name}"
    head = html.Head(title, HTML_LANG[lang], "light", _STYLES, "/static/js/quality/main.js")
    return html.page(head, the_map, body)
