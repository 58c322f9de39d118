"""The page where a person signs in with login and password."""

from collections.abc import Mapping, Sequence

from maps.markup import HTML_LANG, fill


def sign_in_page(
    texts: Mapping[str, str], lang: str, demo: Sequence[Mapping[str, str]] | None, problem: str | None
) -> str:
    """Write the sign-in form; it needs no script and sends what is typed in the body, never in the address.

    Parameters
    ----------
    demo
        In a demo town the seats one click takes: `login` what is sent, `name` who it is, `about` what they do;
        else None.
    problem
        Text that says why the last try was refused, or None.
    """
    return fill("sign_in.html", texts, lang=lang, html_lang=HTML_LANG[lang], demo=demo or [], problem=problem)
