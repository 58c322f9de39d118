"""A plain HTTP/1.1 client over asyncio streams: it costs the measured machine little beside the server."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any


class Door:
    """One keep-alive connection to the server on loopback, made anew where the server hung up because it rested."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, token: str) -> None:
        self._reader, self._writer, self._port = reader, writer, port
        self._head = f"HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"

    @classmethod
    async def open(cls, port: int, token: str) -> "Door":
        """Connect."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(reader, writer, port, token)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, body: dict[str, Any] | bytes | None = None) -> tuple[int, bytes]:
        """Send one request, its body as JSON or as JSON text; return status and body."""
        if self._reader.at_eof():
            await self.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._send(method, path, body)
        status, headers = await self._answered()
        length = int(headers.get("content-length", "0"))
        return status, await self._reader.readexactly(length) if length else b""

    def _send(self, method: str, path: str, body: dict[str, Any] | bytes | None) -> None:
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        typed = "" if body is None else f"content-type: application/json\r\ncontent-length: {len(text)}\r\n"
        self._writer.write(f"{method} {path} {self._head}{typed}\r\n".encode() + text)

    async def _answered(self) -> tuple[int, dict[str, str]]:
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        return int(first.split(" ", 2)[1]), headers

    async def follow(self, path: str) -> AsyncIterator[tuple[str, Any]]:
        """Follow a stream of server-sent events: event and decoded data of each, for ever."""
        waiting = b""
        async for part in self.raw(path):
            waiting += part
            *whole, waiting = waiting.split(b"\n\n")
            for event in whole:
                fields = dict(line.split(": ", 1) for line in event.decode().split("\n") if ": " in line)
                if "data" in fields:
                    yield fields.get("event", "message"), json.loads(fields["data"])

    async def raw(self, path: str) -> AsyncIterator[bytes]:
        """Follow a stream: its bytes as they come, lines ended by a line feed; it ends when the server hangs up."""
        self._send("GET", path, None)
        status, _ = await self._answered()
        if status != 200:
            raise RuntimeError(f"the stream answered {status}")
        try:
            while length := int(await self._reader.readline() or b"0", 16):
                yield (await self._reader.readexactly(length + 2))[:length].replace(b"\r\n", b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
