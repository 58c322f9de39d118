"""The line to a client: what it sends must be HTTP of a sane size, and it must take what waits for it."""

import asyncio
import json

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.guard import ALWAYS
from api.i18n import language, said

LONGEST_URL = 8192
LARGEST_HEAD = 65_536
MOST_HEADERS = 100
URL_TOO_LONG, HEAD_TOO_LARGE = (414, "url_too_long"), (431, "headers_too_large")
HEAD_S = 10.0
"""Within which a head must have come."""

WRITE_S = 10.0
LEAST_TAKEN = 8192
"""Bytes that a client must take within `WRITE_S` while more than the transport's limit waits for it."""


class Line(HttpToolsProtocol):
    """HTTP/1.1 with limits on a request's head, and time-outs on reading it and on writing: uvicorn has none."""

    _watch: asyncio.TimerHandle | None = None
    _until: asyncio.TimerHandle | None = None
    _in_head = False
    _waited_for = _taken = _hosts = 0
    _refusal = (400, "malformed_request")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request, but not for ever."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Read on; what never ends is refused even where it is a single header."""
        waited = self._in_head
        super().data_received(data)
        if waited and self._in_head and not self.transport.is_closing():
            self._waited_for += len(data)
            if self._waited_for > LARGEST_HEAD:
                self._refusal = HEAD_TOO_LARGE
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        super().on_message_begin()
        self._in_head, self._waited_for, self._taken, self._hosts = True, 0, 0, 0
        if self._until is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        super().on_url(url)
        self._refuse_if(len(self.url) > LONGEST_URL, URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        super().on_header(name, value)
        self._taken += len(name) + len(value)
        self._hosts += name.lower() == b"host"
        self._refuse_if(self._taken > LARGEST_HEAD or len(self.headers) > MOST_HEADERS, HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Let the application answer, if the request says once and no more whom it means."""
        self._refuse_if(self._hosts != 1 and self.parser.get_http_version() == "1.1", self._refusal)
        super().on_headers_complete()
        self._in_head = False
        self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not taken, in the shape of every other refusal, and hang up."""
        status, code = self._refusal
        wanted = dict(self.headers or ()).get(b"accept-language", b"").decode("latin-1")
        told = {"type": "about:blank", "title": said(language(wanted), code, {}), "status": status, "code": code}
        body = json.dumps(told, ensure_ascii=False).encode()
        given = {"content-type": "application/problem+json", "content-length": str(len(body)), "connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in (ALWAYS | given).items())
        self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n" + body)
        self.transport.close()

    def pause_writing(self) -> None:
        """Begin to watch a client that has fallen behind."""
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        """Leave a client alone that has caught up."""
        self._rest()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching a client that is gone."""
        self._rest()
        self._stop_waiting()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, and drop it when it does not even take what was left."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(WRITE_S, self.transport.abort)

    def _look_again(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._watch = self.loop.call_later(WRITE_S, self._judge, waiting)

    def _judge(self, waited: int) -> None:
        if self.transport.get_write_buffer_size() > waited - LEAST_TAKEN:
            self.transport.abort()
        else:
            self._look_again()

    def _rest(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _refuse_if(self, wrong: bool, refusal: tuple[int, str]) -> None:
        if wrong:
            self._refusal = refusal
            raise ValueError(refusal[1])

    def _await_head(self) -> None:
        self._until = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None
