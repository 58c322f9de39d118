"""The line to a client: one that takes nothing of what waits for it is dropped, whatever it was reading."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WRITE_S = 10.0
LEAST_TAKEN = 8192
"""Bytes that a client must take within `WRITE_S` while more than the transport's limit waits for it."""


class Line(HttpToolsProtocol):
    """HTTP/1.1 with a time-out on writing: uvicorn waits for ever, and closing waits for what is unsent."""

    _watch: asyncio.TimerHandle | None = None

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
