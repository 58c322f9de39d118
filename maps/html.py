"""The gate every page goes through: folium composes, and nothing leaves that points outside this server."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, Link, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from maps.palette import THEMES

VENDOR = "/static/vendor"
# Addresses folium writes, and the file of ours that answers instead.
KNOWN: Mapping[str, str] = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": f"{VENDOR}/leaflet/leaflet.js",
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": f"{VENDOR}/leaflet/leaflet.css",
    "https://unpkg.com/leaflet.vectorgrid@latest/dist/Leaflet.VectorGrid.bundled.js": (
        f"{VENDOR}/vectorgrid/Leaflet.VectorGrid.bundled.min.js"
    ),
}
# What folium puts on every page and none of ours uses.
UNUSED = frozenset(
    {"jquery", "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css"}
    | {"awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css"}
)

_OUTSIDE = re.compile(r"""(?:https?:)?//[a-z0-9_\[][^\s"'<>)]*""", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.IGNORECASE | re.DOTALL)


class ForeignLinkError(ValueError):
    """A page would have asked another host for something."""

    code = "foreign_link"

    def __init__(self, url: str) -> None:
        super().__init__(f"a page may only use this server, not {url}")
        self.facts = {"url": url}


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of a page says: words, theme, style sheets in order, and the one module that runs it."""

    title: str
    lang: str
    theme: str
    styles: tuple[str, ...]
    module: str


class Page(Figure):
    """One whole page: language, title and theme on top, local files only, the same bytes every time."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang|e }}" data-theme="{{ this.theme|e }}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="theme-color" content="{{ this.colour|e }}">\n'
        "<title>{{ this.title|e }}</title>\n"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">\n'
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, head: Head) -> None:
        super().__init__(title=head.title)
        self.lang, self.theme, self.colour = head.lang, head.theme, THEMES[head.theme]["page"]
        self.header = Element()
        self.header._parent = self

    def render(self, **kwargs: Any) -> str:
        """Render the children, then let only links of this server through.

        Raises
        ------
        ForeignLinkError
            If anything on the page still names another host.
        """
        for child in self._children.values():
            child.render(**kwargs)
        self._let_links_through()
        text = "\n".join(line.strip() for line in str(self._template.render(this=self, kwargs=kwargs)).splitlines())
        text = re.sub(r"\n{2,}", "\n", text)
        if outside := _OUTSIDE.search(text):
            raise ForeignLinkError(outside.group())
        return text

    def _let_links_through(self) -> None:
        seen: set[str] = set()
        for name, child in list(self.header._children.items()):
            if not isinstance(child, Link):
                continue
            child.url = KNOWN.get(child.url, child.url)
            if name in UNUSED or child.url in seen:
                del self.header._children[name]
            elif _OUTSIDE.match(child.url):
                raise ForeignLinkError(child.url)
            seen.add(child.url)


class Map(folium.Map):
    """folium's map without its page settings: those are the page's and stand in our style sheets."""

    def __init__(self, name: str, centre: tuple[float, float], zoom: int) -> None:
        super().__init__(
            location=(centre[1], centre[0]),
            zoom_start=zoom,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
        )
        self._id = name
        self.options.update({"max_zoom": 19, "min_zoom": 8, "zoom_snap": 0.25})

    def render(self, **kwargs: Any) -> str:
        """Render into the page as folium does, then take its viewport, styles and switches off it; returns ""."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]  # folium declares no types here
        root = self.get_root()
        if isinstance(root, Figure):
            root.header._children.pop(self.get_name(), None)
        return ""


class Layer(JSCSSMixin):
    """A layer whose script is a static file: the page only names its kind and hands over plain options."""

    kind = ""
    scripts: tuple[tuple[str, str], ...] = ()
    _template = Template(
        "{% macro script(this, kwargs) %}Wangge.layer({{ this.kind|tojson }}, {{ this._parent.get_name() }}, "
        "{{ this.options|tojson }});{% endmacro %}"
    )

    def __init__(self, **options: object) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # folium declares no types here
        self._name = f"layer_{self.kind}"
        self._id = "1"
        self.default_js = list(self.scripts)  # its own list: folium's is shared by the whole process
        self.options = options


class _Chrome(MacroElement):
    """Finished markup beside the map."""

    _template = Template("{% macro html(this, kwargs) %}{{ this.body }}{% endmacro %}")

    def __init__(self, body: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca declares no types here
        self._name, self._id, self.body = "chrome", "1", body


def page(head: Head, the_map: Map, body: str) -> str:
    """Compose a page: our styles, folium's map with its layers, `body` (finished markup) and one module of ours."""
    figure = Page(head)
    for path in head.styles:
        figure.header.add_child(CssLink(path), name=path)
    figure.add_child(the_map)
    figure.add_child(_Chrome(body))
    figure.header.add_child(Element(f'<script type="module" src="{head.module}"></script>'), name="module")
    return str(figure.render())


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def csp(text: str) -> str:
    """Write the Content-Security-Policy for a page: this server only, and exactly the inline code it carries."""
    inline = [body for head, body in _SCRIPT.findall(text) if "src=" not in head and "application/json" not in head]
    scripts = ["'self'", *dict.fromkeys(_hash(body) for body in inline)]
    styles = ["'self'", *dict.fromkeys(_hash(body) for body in _STYLE.findall(text))]
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            f"style-src {' '.join(styles)}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
