"""How far an import is, on one line of the terminal."""

import os
from typing import TextIO

from reev_flow.clock import Clock
from reev_flow.render.printable import printable

FIRST_NS = 500_000_000  # a short import shows nothing
NEXT_NS = 100_000_000
SECOND_NS = 1_000_000_000
MIB = 1 << 20
BAR = 24
LONGEST_NAME = 32
ERASE = "\r\x1b[K"


class Progress:
    """Draws on a stream that is a terminal, else nothing."""

    def __init__(self, clock: Clock, stream: TextIO | None) -> None:
        self._clock = clock
        self._stream = stream if stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" else None
        self._began_ns = clock.monotonic_ns()
        self._next_ns = self._began_ns + FIRST_NS
        self._is_drawn = False

    def show(self, name: str, done: int, size: int | None, spans: int) -> None:
        """`done` bytes of the input, of which there are `size`, and all spans so far."""
        now_ns = self._clock.monotonic_ns()
        if self._stream is not None and now_ns >= self._next_ns:
            self._next_ns = now_ns + NEXT_NS
            self._is_drawn = True
            seconds = max(now_ns - self._began_ns, 1) / SECOND_NS
            self._write(f"{ERASE}{_shortened(name)}  {how_far(done, size)}  {spans:,} spans, {spans / seconds:,.0f}/s")

    def clear(self) -> None:
        """Before anything else is written there."""
        if self._is_drawn:
            self._is_drawn = False
            self._write(ERASE)

    def _write(self, text: str) -> None:
        if self._stream is not None:
            encoding = self._stream.encoding or "utf-8"
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()


def how_far(done: int, size: int | None) -> str:
    """A bar when the whole is known; what is read of gzip is counted as it lies there."""
    if not size:
        return f"{done / MIB:,.1f} MiB"
    share = min(done / size, 1.0)
    bar = "#" * int(share * BAR)
    return f"[{bar:<{BAR}}] {share:4.0%}"


def _shortened(name: str) -> str:
    return printable(name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}")
