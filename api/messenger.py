"""The messenger: a process beside the server that does nothing but carry errands, each in a child of its own.

One line of JSON in for each errand, one line out for each result. A child that takes too long is ended by its own
alarm, whatever it hangs in; nothing a receiver does reaches the server or another errand. It ends with its input.
"""

import json
import logging
import os
import selectors
import signal
import sys
from typing import Any

from api.errand import Errand
from api.outgoing_guard import Allowed, Guard
from api.senders import look_up, run

CHUNK = 65_536


class Messenger:
    """Reads errands from one descriptor and writes results to another until the first ends."""

    def __init__(self, source: int, sink: int) -> None:
        self._source, self._sink = source, sink
        self._selector = selectors.DefaultSelector()
        self._out: dict[int, tuple[int, int]] = {}
        self._line = b""

    def serve(self) -> None:
        """Carry errands until there is no more input; what is still out then is ended."""
        self._selector.register(self._source, selectors.EVENT_READ)
        going = True
        while going:
            for key, _ in self._selector.select():
                going &= self._take() if key.fd == self._source else self._back(key.fd)
        for child, _ in self._out.values():
            os.kill(child, signal.SIGKILL)

    def _take(self) -> bool:
        read = os.read(self._source, CHUNK)
        *lines, self._line = (self._line + read).split(b"\n")
        for line in lines:
            self._send_out(json.loads(line))
        return bool(read)

    def _send_out(self, asked: dict[str, Any]) -> None:
        back, there = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(self._source)
            os.close(self._sink)  # the server sees at once when the messenger is gone, whoever is still out
            _carry(asked, there)
        os.close(there)
        self._out[back] = (child, asked["number"])
        self._selector.register(back, selectors.EVENT_READ)

    def _back(self, back: int) -> bool:
        """Pass on what a child said; one that was ended before it could say anything took too long."""
        said = os.read(back, CHUNK).decode()
        child, number = self._out.pop(back)
        self._selector.unregister(back)
        os.close(back)
        os.waitpid(child, 0)
        result = json.loads(said) if said else {"trouble": "timeout"}
        os.write(self._sink, json.dumps(result | {"number": number}).encode() + b"\n")
        return True


def _carry(asked: dict[str, Any], there: int) -> None:
    """Carry one errand in a child, say how it went in one write, and end."""
    trouble: str | None = "unknown"
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
        errand = Errand(**asked["errand"])
        guard = Guard(Allowed.read(asked["allowed"]))
        with guard.in_force():
            trouble = look_up(errand, guard) if asked["only_look_up"] else run(errand, guard)
    finally:
        os.write(there, json.dumps({"trouble": trouble}).encode())
        os._exit(0)


def main() -> None:
    """Serve on standard input and output; nothing is ever logged, for it could name an address."""
    logging.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server that it serves says when to stop
    Messenger(sys.stdin.fileno(), sys.stdout.fileno()).serve()


if __name__ == "__main__":
    main()
