"""Same site: a change by cookie is carried out only for a page of this server."""

from fastapi import Request

from api.errors import DoorError
from api.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OURS = frozenset({"same-origin", "none"})


def cookie_name(settings: Settings) -> str:
    """Return the name of the session's cookie; `__Host-` binds it to this host, to TLS and to the whole site."""
    return "__Host-wangge_key" if settings.secure_cookies else "wangge_key"


def check_same_site(request: Request, by_cookie: bool) -> None:
    """Refuse a change that another site's page may have asked for with our cookie.

    Browsers say where a change comes from, by `Origin` or by `Sec-Fetch-Site`: what they say must be us, and one of
    the two must be said. Who shows a token in a header is no browser that was led astray.
    """
    if request.method in SAFE or not by_cookie:
        return
    origin, fetched = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    unsaid = origin is None and fetched is None
    foreign = origin is not None and origin.lower() not in _origins(request)
    if unsaid or foreign or (fetched is not None and fetched not in OURS):
        raise DoorError(403, "cross_site")


def _origins(request: Request) -> set[str]:
    """Return what `Origin` may be here: our `Host`, by TLS where that is known, else by either."""
    host = request.headers.get("host", "").lower()
    by_tls = f"https://{host.removesuffix(':443')}"
    return {by_tls} if request.scope["scheme"] == "https" else {by_tls, f"http://{host.removesuffix(':80')}"}
