"""The page of a receipt: whoever has a code sees how the matter stands and judges what came of it. Without an account."""

from collections.abc import Mapping
from typing import Any

from maps.markup import HTML_LANG, data_block, fill, texts_for


def receipt_page(texts: Mapping[str, str], lang: str, town: Mapping[str, Any]) -> str:
    """Write the page; of `town` it takes names, `demo` and `time_zone`. What it shows comes by fetch, for a code."""
    return fill(
        "receipt.html",
        texts,
        lang=lang,
        html_lang=HTML_LANG[lang],
        name=str(town["name_en" if lang == "en" else "name"]),
        demo=bool(town.get("demo")),
        blocks=data_block("town", {"lang": lang, "zone": town.get("time_zone", "UTC")})
        + data_block("texts", texts_for(texts, "receipt", "time", "disposition")),
    )
