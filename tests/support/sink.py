"""Receivers of our own on the loopback, on threads: what they were sent, and how they answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[[int], tuple[int, dict[str, str], bytes]]


@dataclass(frozen=True, slots=True)
class Got:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Sink:
    """A receiver; `got` is everything it was sent, `opened` how many connections it took."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    opened: int = 0

    @property
    def url(self) -> str:
        """The address of the receiver."""
        return f"http://127.0.0.1:{self.port}/hook?room=7"


def well(_: int) -> tuple[int, dict[str, str], bytes]:
    """Answer that all is well."""
    return 200, {}, b"{}"


@contextmanager
def sink(answering: Answering = well) -> Iterator[Sink]:
    """Serve HTTP; `answering` is asked with the number of the request, from 1, for status, headers, body."""
    made = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(Got(self.path, dict(self.headers.items()), body))
            status, headers, answer = answering(len(made.got))
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(answer))}).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def process_request(self, *given: Any) -> None:
            made.opened += 1
            super().process_request(*given)

    server = Server(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    with _on_a_thread(lambda: server.serve_forever(0.02)):
        try:
            yield made
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def black_hole() -> Iterator[Sink]:
    """Take connections and never answer."""
    made, held = Sink(), list[socket.socket]()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = listening.getsockname()[1]

        def take() -> None:
            with suppress(OSError):
                while True:
                    held.append(listening.accept()[0])
                    made.opened += 1

        with _on_a_thread(take):
            try:
                yield made
            finally:
                listening.shutdown(socket.SHUT_RDWR)
    for one in held:
        one.close()


@contextmanager
def mail_server(refusing: str = "") -> Iterator[tuple[Sink, list[str]]]:
    """Take mail as a server on the loopback does; `refusing` is a command that it says 550 to."""
    made, lines = Sink(), list[str]()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = listening.getsockname()[1]

        def take() -> None:
            with suppress(OSError):
                while True:
                    peer = listening.accept()[0]
                    made.opened += 1
                    _take_mail(peer, lines, refusing)

        with _on_a_thread(take):
            try:
                yield made, lines
            finally:
                listening.shutdown(socket.SHUT_RDWR)


def _take_mail(peer: socket.socket, lines: list[str], refusing: str) -> None:
    with peer, peer.makefile("rwb") as wire:

        def say(line: str) -> None:
            wire.write(f"{line}\r\n".encode())
            wire.flush()

        say("220 here")
        in_data = False
        while line := wire.readline().decode().rstrip("\r\n"):
            lines.append(line)
            word = line.partition(" ")[0].upper()
            if in_data:
                in_data = not _to_the_end(wire, lines)
                say("250 taken")
            elif refusing and word == refusing:
                say("550 no")
            else:
                say({"DATA": "354 go", "QUIT": "221 bye"}.get(word, "250 well"))
                in_data = word == "DATA"
            if word == "QUIT":
                return


def _to_the_end(wire: Any, lines: list[str]) -> bool:
    while (line := wire.readline().decode().rstrip("\r\n")) != ".":
        lines.append(line)
    return True


@contextmanager
def _on_a_thread(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(5)
