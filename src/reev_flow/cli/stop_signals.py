"""Ctrl-C and SIGTERM while a flow runs: it is stopped in good order, and within a bound whatever its steps do."""

import asyncio
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from types import FrameType
from typing import Self

from reev_flow.cli.signal_handlers import SIGNAL_EXIT, SIGNALS, SignalHandlers
from reev_flow.render.printable import printable

STOP_SECONDS = 2.5  # for steps to end by themselves, and as long again for those that were cancelled then
MOST_SECONDS = 8.0  # for everything: a container is killed ten seconds after it was asked to stop
OUR_THREADS = "reev-flow "
SECONDS_FOR_THREADS = 1.0
LEAST_SECONDS = 0.001  # a socket takes none for not waiting at all
HANDLED = 0  # no signal has this number


class StopSignals:
    """While entered, the first signal asks for an end and a second one ends the process at once. Used in the main thread.

    Python runs handlers in the main thread alone, and one that comes just before a long call there runs when that is over. So a thread hears
    of signals too, through a socket that Python writes to at once; where an event loop takes that place for itself, from the handler.
    """

    def __init__(self, farewell: str) -> None:
        """`farewell` is told when the process ends although something in it does not; "" once everything was told."""
        self.received: int | None = None
        self.farewell = farewell
        self._handlers = SignalHandlers(self._take)
        self._wake: Callable[[], object] | None = None
        self._button: socket.socket
        self._former_wakeup = -1
        self._is_leaving = threading.Lock()

    def __enter__(self) -> Self:
        bell, self._button = socket.socketpair()
        self._button.settimeout(0)  # what Python writes to must not wait
        threading.Thread(target=self._watch, args=(bell,), name="reev-flow patience", daemon=True).start()
        self._former_wakeup = signal.set_wakeup_fd(self._button.fileno(), warn_on_full_buffer=False)
        self._handlers.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._handlers.__exit__(*raised)
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
            self._leave_at_once(number)
            return  # the thread is just leaving
        self.received = number
        with suppress(OSError):  # the thread is just leaving
            self._button.send(bytes([HANDLED]))
        if self._wake is not None:
            with suppress(RuntimeError):  # the loop is closed: the work is over
                self._wake()

    def _watch(self, bell: socket.socket) -> None:
        with bell:
            first = _next(bell, (HANDLED, *SIGNALS), until=None)
            if first is None:
                return
            second = _next(bell, SIGNALS, until=time.monotonic() + MOST_SECONDS)
        self._leave_at_once(second or first or self.received or 0)

    def _leave_at_once(self, number: int) -> None:
        """Handler and thread may both come here; one of them ends the process."""
        if self._is_leaving.acquire(blocking=False):
            _say_at_once(self.farewell)
            os._exit(SIGNAL_EXIT + number)


def _next(bell: socket.socket, wanted: Collection[int], *, until: float | None) -> int | None:
    """None when none of them comes by then, or nothing is waited for any longer."""
    with suppress(TimeoutError):
        while True:
            bell.settimeout(None if until is None else max(until - time.monotonic(), LEAST_SECONDS))
            heard = bell.recv(1)
            if not heard:
                return None
            if heard[0] in wanted:
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
    """Past every buffer and lock, and only if it can be written without waiting for a reader. Where there was no standard error when the program
    began, its number is that of some other file.
    """
    with suppress(OSError, ValueError):
        if line and sys.stderr is not None and select.select([], [2], [], 0)[1]:
            os.write(2, f"reev-flow: {printable(line)}\n".encode("ascii", "backslashreplace"))
