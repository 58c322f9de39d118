"""The wall of the command centre: the map, with figures, incidents, one drawer and a legend on it."""

from collections.abc import Mapping
from typing import Any

from maps.markup import HTML_LANG, data_block, fill, texts_for

_STYLES = (
    "/static/tokens.css",
    "/static/vendor/leaflet/leaflet.css",
    "/static/css/common.css",
    "/static/css/wall.css",
)
_TEXTS = (
    *(
        "word",
        "time",
        "clock",
        "step",
        "status",
        "task",
        "urgency",
        "state",
        "role",
        "kind",
        "skill",
        "slot",
        "whom",
        "reason",
        "decline",
    ),
    *("disposition", "event", "act", "about", "done", "undo", "quick"),
)


def command_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of the wall, without any incident or person in it: those come over the live link.

    Parameters
    ----------
    texts
        key → text in `lang`, at least every key of `maps/locale`.
    lang
        `zh` or `en`.
    town
        `name`, `name_en`, `centre` [lng, lat], `bounds` [west, south, east, north] in WGS 84 degrees, `demo`.
    """
    from maps import html, layers  # folium takes a second to import: only who draws a map pays for it

    name = str(town["name_en" if lang == "en" else "name"])
    the_map = html.Map("wall", tuple(town["centre"]), zoom=14)
    for layer in (
        layers.BaseMap("dark", ("ground", "buildings", "streets", "addresses", "areas", "grids")),
        layers.Grids(),
        layers.Workers(),
        layers.Incidents(),
    ):
        the_map.add_child(layer)
    body = fill("command.html", texts, name=name, demo=bool(town.get("demo")), lang=lang)
    body += data_block("town", {"bounds": list(town["bounds"]), "lang": lang})
    body += data_block("texts", texts_for(texts, "wall", *_TEXTS))
    head = html.Head(f"{name} · {texts['wall.title']}", HTML_LANG[lang], "dark", _STYLES, "/static/js/wall/main.js")
    return html.page(head, the_map, body)
