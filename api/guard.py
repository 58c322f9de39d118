"""The guard: no body is too large, and every answer keeps browsers from guessing, framing and telling others."""

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
}
BY_TLS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}

LARGEST_BODY = 1 << 20


def always(scope: Scope) -> dict[str, str]:
    """Return the headers that every answer to a request carries unless it says otherwise."""
    return ALWAYS | BY_TLS if scope.get("scheme") == "https" else ALWAYS


class Guard:
    """Plain ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, refuse to read more than `LARGEST_BODY`, and complete the answer's headers."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise HTTPException(413)
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in always(scope).items():
                    headers.setdefault(name, value)
                fallback = "no-store" if scope["path"].startswith("/api") else "no-cache"
                headers.setdefault("cache-control", fallback)
            await send(message)

        await self._app(scope, counted, guarded)
