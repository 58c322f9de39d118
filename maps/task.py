"""The page of a worker's phone: one task a screen, a small map, and what is still waiting to be sent."""

from collections.abc import Mapping
from typing import Any

from maps.markup import HTML_LANG, data_block, fill, texts_for

_STYLES = (
    "/static/tokens.css",
    "/static/vendor/leaflet/leaflet.css",
    "/static/css/common.css",
    "/static/css/work.css",
)
_TEXTS = ("word", "time", "clock", "status", "task", "urgency", "slot", "decline", "work")


def task_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of a worker's phone, without any task in it; arguments as for `command_page`."""
    from maps import html, layers  # folium takes a second to import: only who draws a map pays for it

    name = str(town["name_en" if lang == "en" else "name"])
    the_map = html.Map("small", tuple(town["centre"]), zoom=15)
    the_map.add_child(layers.BaseMap("light", ("ground", "buildings", "streets", "addresses")))
    the_map.add_child(layers.OwnPosition())
    body = fill("task.html", texts, name=name, demo=bool(town.get("demo")), lang=lang)
    body += data_block("town", {"bounds": list(town["bounds"]), "lang": lang})
    body += data_block("texts", texts_for(texts, *_TEXTS))
    head = html.Head(f"{texts['work.title']} · {name}", HTML_LANG[lang], "light", _STYLES, "/static/js/work/main.js")
    return html.page(head, the_map, body)
