"""The gate every page goes through."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import folium
import pytest
from folium.plugins import MarkerCluster, VectorGridProtobuf

from maps.html import KNOWN, UNUSED, ForeignLinkError, Head, Map, csp, page
from maps.layers import BaseMap

HEAD = Head("Title <b>", "zh-Hans", "dark", ("/static/tokens.css",), "/static/js/wall/main.js")


def a_map() -> Map:
    return Map("wall", (118.3, 27.0), 14)


def drawn(the_map: Map, body: str = "") -> str:
    return page(HEAD, the_map, body)


class Reader(HTMLParser):
    """Collects every address a page would ask for and every piece of inline code."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.links: list[str] = []
        self.code: dict[str, list[str]] = {"script": [], "style": []}
        self.inline: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.links += [str(named[name]) for name in ("src", "href", "action") if named.get(name)]
        runs = tag == "style" or (tag == "script" and not named.get("src") and named.get("type") is None)
        self.inline = tag if runs else None

    def handle_data(self, data: str) -> None:
        if self.inline:
            self.code[self.inline].append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inline = None


def test_a_page_asks_only_this_server() -> None:
    links = Reader(drawn(a_map())).links
    assert links
    assert all(link.startswith(("/", "?", "#")) and not link.startswith("//") for link in links)


def test_what_folium_brings_and_we_do_not_use_is_left_out() -> None:
    text = drawn(a_map())
    brought = dict(folium.Map.default_js) | dict(folium.Map.default_css)
    assert set(brought) >= UNUSED
    for name in ("jquery", "bootstrap", "awesome", "glyphicons"):
        assert name not in text


def test_every_address_we_know_is_answered_from_our_own_folder() -> None:
    the_map = a_map()
    the_map.add_child(VectorGridProtobuf("/tiles/grids/{z}/{x}/{y}", "grids"))
    links = Reader(drawn(the_map)).links
    assert set(KNOWN.values()) <= set(links)
    assert not set(KNOWN) & set(links)


def test_folium_still_asks_for_the_versions_we_know() -> None:
    asked = {*dict(folium.Map.default_js).values(), *dict(folium.Map.default_css).values()}
    asked |= {url for _, url in VectorGridProtobuf.default_js}
    assert set(KNOWN) <= asked


def test_the_same_file_is_asked_for_once() -> None:
    the_map = a_map()
    the_map.add_child(BaseMap("dark", ("streets",)))
    the_map.add_child(VectorGridProtobuf("/tiles/grids/{z}/{x}/{y}", "grids"))
    links = [link for link in Reader(drawn(the_map)).links if "vectorgrid" in link]
    assert len(links) == 1


def test_a_plugin_we_have_no_files_for_is_refused() -> None:
    the_map = a_map()
    the_map.add_child(MarkerCluster())  # type: ignore[no-untyped-call]  # folium declares no types here
    with pytest.raises(ForeignLinkError, match="markercluster") as refusal:
        drawn(the_map)
    assert refusal.value.code == "foreign_link"


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://example.org/a.png">',
        "<img src=http://example.org/a.png>",
        '<link href="//example.org/a.css">',
        "<style>p{background:url(https://example.org/a.png)}</style>",
        '<a href="HTTPS://example.org">',
    ],
)
def test_a_foreign_address_in_the_body_is_refused(body: str) -> None:
    with pytest.raises(ForeignLinkError):
        drawn(a_map(), body)


def test_tiles_from_another_host_are_refused() -> None:
    the_map = a_map()
    the_map.add_child(folium.TileLayer("OpenStreetMap"))
    with pytest.raises(ForeignLinkError):
        drawn(the_map)


def test_the_page_says_its_language_and_can_be_enlarged() -> None:
    text = drawn(a_map())
    assert '<html lang="zh-Hans" data-theme="dark">' in text
    assert text.count('name="viewport"') == 1
    assert "user-scalable" not in text
    assert "maximum-scale" not in text
    assert "<title>Title &lt;b&gt;</title>" in text


def test_the_policy_lists_exactly_the_inline_code_of_the_page() -> None:
    text = drawn(a_map(), "<style>p{margin:0}</style>")
    read = Reader(text)
    policy = dict(part.split(" ", 1) for part in csp(text).split("; "))
    for kind in ("script", "style"):
        hashed = {base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in read.code[kind]}
        assert set(re.findall(r"'sha256-([^']+)'", policy[f"{kind}-src"])) == hashed
        assert "unsafe" not in policy[f"{kind}-src"]
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"


def test_no_element_carries_a_style_or_a_handler_of_its_own() -> None:
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", drawn(a_map()))
