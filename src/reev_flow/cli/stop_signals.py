"""Ctrl-C and SIGTERM while a flow runs: it is stopped in good order, and within a bound whatever its steps do."""

import asyncio
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Self

from reev_flow.render.printable import printable

STOP_SECONDS = 2.5  # for steps to end by themselves, and as long again for those that were cancelled then
MOST_SECONDS = 8.0  # for everything: a container is killed ten seconds after it was asked to stop
SIGNALS = (signal.SIGINT, signal.SIGTERM)
SIGNAL_EXIT = 128
OUR_THREADS = "reev-flow "
SECONDS_FOR_THREADS = 1.0
PYTHON_WRITES = sys.platform != "win32"  # there event loops want the one place for themselves


class StopSignals:
    """While entered, the first signal asks for an end and a second one ends the process at once. Used in the main thread.

    Python runs handlers in the main thread alone, and one that comes just before a long call there runs when that is over. So a thread hears
    of signals too, through a socket that Python writes to at once.
    """

    def __init__(self, farewell: str) -> None:
        """`farewell` is told when the process ends although something in it does not; "" once everything was told."""
        self.received: int | None = None
        self.farewell = farewell
        self._former: dict[int, Any] = {}
        self._wake: Callable[[], object] | None = None
        self._button: socket.socket
        self._former_wakeup = -1

    def __enter__(self) -> Self:
        bell, self._button = socket.socketpair()
        self._button.settimeout(0)  # what Python writes to must not wait
        threading.Thread(target=self._watch, args=(bell,), name="reev-flow patience", daemon=True).start()
        if PYTHON_WRITES:
            self._former_wakeup = signal.set_wakeup_fd(self._button.fileno(), warn_on_full_buffer=False)
        for number in SIGNALS:
            former = signal.getsignal(number)
            if former is not signal.SIG_IGN:  # whoever started this wants it left alone
                self._former[number] = former
                signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)
        if PYTHON_WRITES:
            signal.set_wakeup_fd(self._former_wakeup)
        if self.received is None:
            self._button.close()  # nobody needs to watch any longer

    @property
    def exit_code(self) -> int:
        """As shells count: 130 for Ctrl-C, 143 for SIGTERM."""
        return SIGNAL_EXIT + (self.received or 0)

    async def wait(self) -> None:
        """Returns when a signal has come."""
        loop = asyncio.get_running_loop()
        rung = asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(rung.set)
        if self.received is None:
            await rung.wait()

    def _take(self, number: int, _: FrameType | None) -> None:
        if self.received is not None:
            _say_at_once(self.farewell)
            os._exit(SIGNAL_EXIT + number)
        self.received = number
        if not PYTHON_WRITES:
            self._button.send(bytes([number]))
        if self._wake is not None:
            with suppress(RuntimeError):  # the loop is closed: the work is over
                self._wake()

    def _watch(self, bell: socket.socket) -> None:
        with bell:
            first = self._next(bell, None)
            if first is not None:
                second = self._next(bell, MOST_SECONDS)
                _say_at_once(self.farewell)
                os._exit(SIGNAL_EXIT + (second or first))

    def _next(self, bell: socket.socket, seconds: float | None) -> int | None:
        """One of our signals; None when there is none within that time, or nothing is waited for any longer."""
        bell.settimeout(seconds)
        with suppress(TimeoutError):
            while heard := bell.recv(1):
                if heard[0] in self._former:
                    return heard[0]
        return None


def leave(code: int) -> int:
    """Ends the process here and now when the user's code is stuck in a thread, which Python would wait for."""
    sys.stdout.flush()
    threads = [one for one in threading.enumerate() if one.name.startswith(OUR_THREADS) and not one.daemon]
    for thread in threads:
        thread.join(SECONDS_FOR_THREADS / len(threads))
    if any(thread.is_alive() for thread in threads):
        sys.stderr.flush()
        os._exit(code)
    return code


def _say_at_once(line: str) -> None:
    """Past every buffer and lock, and only if it can be written without waiting for a reader."""
    with suppress(OSError, ValueError):
        if line and select.select([], [2], [], 0)[1]:
            os.write(2, f"reev-flow: {printable(line)}\n".encode("ascii", "backslashreplace"))
