"""Writes lines in a thread of its own, so that whoever does not read them holds up nobody."""

import os
import queue
import threading
from contextlib import suppress
from typing import TextIO

MOST_WAITING = 10_000
MOST_SECONDS_AT_THE_END = 1.0
NOWHERE = -1


class LineWriter:
    """Past Python's buffers: a thread that never comes back from a write would keep their locks, and nothing could end in good order. To a
    file number of its own: what the stream's stands for after it was closed is another's.
    """

    def __init__(self, out: TextIO | None) -> None:
        """Without `out`, which Python has when a stream was closed before it began, lines go nowhere."""
        self._file_number = NOWHERE if out is None else os.dup(out.fileno())
        self._encoding = "utf-8" if out is None else out.encoding
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="reev-flow lines", daemon=True)
        self._thread.start()
        self._is_closed = False
        self.left_out = 0  # because too many were waiting already

    def write(self, line: str) -> None:
        try:
            self._waiting.put_nowait(f"{line}\n".encode(self._encoding, "backslashreplace"))
        except queue.Full:
            self.left_out += 1

    def close(self) -> None:
        """What waits is written first, as far as somebody takes it within a bound."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(queue.Full):
            self._waiting.put_nowait(None)
            self._thread.join(MOST_SECONDS_AT_THE_END)

    def _run(self) -> None:
        while (line := self._waiting.get()) is not None:
            with suppress(OSError):  # nobody reads along any longer
                while line:
                    line = line[os.write(self._file_number, line) :]
        if self._file_number != NOWHERE:
            os.close(self._file_number)
