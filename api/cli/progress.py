"""How far a long command is, in one line on the terminal; nothing where standard error is none."""

import sys
import time

EVERY_S = 0.2
WIDTH = 24


class Progress:
    """A line that says how much is done, how fast it goes and how long it takes still."""

    def __init__(self, whole: int | None) -> None:
        """Begin; `whole` is what is to be done altogether, None where nobody knows."""
        self._whole = whole
        self._began = time.monotonic()
        self._last = self._began
        self._shown = sys.stderr.isatty()

    def at(self, done: int, rows: int) -> None:
        """Show that `done` of the whole is done, which were so many rows."""
        now = time.monotonic()
        if self._shown and now - self._last >= EVERY_S:
            self._last = now
            self._write(f"\r{self._line(done, rows, now - self._began)}\x1b[K")

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            self._write("\r\x1b[K")

    def _line(self, done: int, rows: int, seconds: float) -> str:
        told = f"{rows:,} rows · {rows / seconds / 1e6:.2f} M/s"
        if not self._whole or not done:
            return told
        share = min(done / self._whole, 1.0)
        full = round(share * WIDTH)
        left = round(seconds / share - seconds)
        return f"{'█' * full}{'░' * (WIDTH - full)} {share:4.0%} · {told} · {left // 60}:{left % 60:02} left"

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
