"""The pages without a map: oneself, the roster, accounts and roles, notices, the audit. What they show comes by fetch."""

from collections.abc import Mapping
from typing import Any

from maps.markup import HTML_LANG, data_block, fill, texts_for

_TEXTS = ("word", "time", "plain", "permission")


def me_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write everybody's own page: roles, password, sessions, tokens; of `town` it takes names and `demo`."""
    return _page("me", texts, lang, town)


def admin_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of accounts and roles; arguments as for `me_page`."""
    return _page("admin", texts, lang, town)


def audit_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of the audit; arguments as for `me_page`."""
    return _page("audit", texts, lang, town, "action", "result", "fault", "fact", "why", "actor")


def roster_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of the roster; arguments as for `me_page`."""
    return _page("roster", texts, lang, town, "day", "kind", "role")


def receivers_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page of who is told outside; arguments as for `me_page`."""
    return _page("receivers", texts, lang, town, "via", "told", "trouble")


def _page(which: str, texts: Mapping[str, str], lang: str, town: Mapping[str, Any], *more: str) -> str:
    blocks = data_block("town", {"lang": lang, "page": which})
    blocks += data_block("texts", texts_for(texts, which, *_TEXTS, *more))
    return fill(
        f"{which}.html",
        texts,
        which=which,
        lang=lang,
        html_lang=HTML_LANG[lang],
        name=str(town["name_en" if lang == "en" else "name"]),
        demo=bool(town.get("demo")),
        blocks=blocks,
    )
