"""The page of the figures: counts, shares and times of a period, charts, a map coloured by one of them, a table."""

from collections.abc import Mapping
from typing import Any

from maps.markup import HTML_LANG, data_block, fill, texts_for

_STYLES = (
    "/static/tokens.css",
    "/static/vendor/leaflet/leaflet.css",
    "/static/css/common.css",
    "/static/css/plain.css",
    "/static/css/figures.css",
)
TILES_SHOW = "governance"
"""The grid layer of the tiles; another is drawn from its shapes."""
_TEXTS = ("word", "time", "plain", "permission", "figures", "status")


def figures_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of the figures, without any number in it; arguments as for `command_page`."""
    from maps import html, layers  # folium takes a second to import: only who draws a map pays for it

    name = str(town["name_en" if lang == "en" else "name"])
    the_map = html.Map("ground", tuple(town["centre"]), zoom=14)
    the_map.add_child(layers.BaseMap("light", ("streets", "areas", "grids")))
    body = fill("figures.html", texts, name=name, demo=bool(town.get("demo")), lang=lang)
    body += data_block("town", {"bounds": list(town["bounds"]), "lang": lang, "page": "figures", "layer": TILES_SHOW})
    body += data_block("texts", texts_for(texts, *_TEXTS))
    title = f"{texts['figures.title']} · {name}"
    head = html.Head(title, HTML_LANG[lang], "light", _STYLES, "/static/js/figures/main.js")
    return html.page(head, the_map, body)
