"""Time and ids, given to whoever needs them so that tests can give their own."""

import os
import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how much of it has passed."""

    def now_ns(self) -> int:
        """UTC nanoseconds since 1970. May jump when somebody sets the machine's clock."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since some moment; never goes backwards."""


class SystemClock:
    """The machine's clocks."""

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


def random_bytes(count: int) -> bytes:
    """From the operating system, so that two workers never make the same id."""
    return os.urandom(count)
