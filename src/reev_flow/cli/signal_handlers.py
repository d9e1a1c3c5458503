"""The signals that ask a command to stop, and who hears them for a while."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SIGNAL_EXIT = 128  # what shells add to the number of the signal that a process ended by

Take = Callable[[int, FrameType | None], object]


class SignalHandlers:
    """While entered, `take` hears Ctrl-C and SIGTERM, except what whoever started this wants ignored. Used in the main thread."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in SIGNALS:
            former = signal.getsignal(number)
            if former is not signal.SIG_IGN:
                self._former[number] = former
                signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)
