"""A file that is still being written, read as it grows."""

import os
from collections.abc import Callable, Iterator
from typing import IO

PAUSE_SECONDS = 0.2
REMEMBERED = 256  # bytes before the place that was read up to, by which a file is known again

Wait = Callable[[float], None]


class FollowedFile:
    """One file under a path, until another is there instead or it was cut short."""

    def __init__(self, path: str, stream: IO[bytes], wait: Wait) -> None:
        self._path = path
        self._stream = stream
        self._wait = wait
        self._position = 0
        self._last = b""

    def fileno(self) -> int:
        return self._stream.fileno()

    def read(self, size: int) -> bytes:
        """What was added, waiting for it; empty when nothing more will be added to this file."""
        while not self._was_cut():
            if data := self._read_on(size):
                return data
            if self._was_replaced():
                self._wait(PAUSE_SECONDS)  # whoever wrote to it may have something left to write
                return self._read_on(size)
            self._wait(PAUSE_SECONDS)
        return b""

    def _read_on(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._position += len(data)
        self._last = (self._last + data)[-REMEMBERED:]
        return data

    def _was_cut(self) -> bool:
        """Whether what was read is no longer there: the file is shorter, or was written again from its beginning."""
        size = os.fstat(self._stream.fileno()).st_size
        if size <= self._position:
            return size < self._position
        self._stream.seek(self._position - len(self._last))
        return self._stream.read(len(self._last)) != self._last

    def _was_replaced(self) -> bool:
        """A path that leads nowhere may be in the middle of it."""
        try:
            there = os.stat(self._path)  # noqa: PTH116 - the path may be made of any bytes
        except OSError:
            return False
        return not os.path.samestat(there, os.fstat(self._stream.fileno()))


def follow(path: str, wait: Wait, on_missing: Callable[[], None]) -> Iterator[FollowedFile]:
    """Each file that is at the path, one after another, without end. `on_missing` is told once when there is none.

    Raises `OSError` for what cannot be read.
    """
    is_told = False
    while True:
        try:
            stream = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - see above; closed below
        except FileNotFoundError:
            if not is_told:
                on_missing()
            is_told = True
            wait(PAUSE_SECONDS)
            continue
        is_told = True
        with stream:
            yield FollowedFile(path, stream, wait)
