"""Ctrl-C and SIGTERM while files are imported: what was read is kept, and what was acknowledged is told."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from reev_flow.cli.signal_handlers import SIGNAL_EXIT, SignalHandlers


class Stopped(Exception):
    """Somebody asked for an end. Raised only where nothing is lost by it: before reading, or while waiting for something to read."""


class ImportStop:
    """While entered, the first signal ends the reading and a second one the process. Used in the main thread."""

    def __init__(self) -> None:
        self.received = 0
        self._handlers = SignalHandlers(self._take)
        self._is_idle = False

    def __enter__(self) -> Self:
        self._handlers.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._handlers.__exit__(*raised)

    @property
    def exit_code(self) -> int:
        """As shells count: 130 for Ctrl-C, 143 for SIGTERM; 0 when there was none."""
        return SIGNAL_EXIT + self.received if self.received else 0

    @contextmanager
    def idle(self) -> Iterator[None]:
        """What is done in here can be broken off anywhere."""
        former, self._is_idle = self._is_idle, True
        try:
            if self.received:
                raise Stopped
            yield
        finally:
            self._is_idle = former

    def wait(self, seconds: float) -> None:
        with self.idle():
            threading.Event().wait(seconds)

    def _take(self, number: int, _: FrameType | None) -> None:
        if self.received:
            os._exit(SIGNAL_EXIT + number)
        self.received = number
        if self._is_idle:
            raise Stopped
