"""Work that is done in forked processes, which may die of it."""

import os
import selectors
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from reev_flow.errors import ReevFlowError

FAILED = 70
PIECE = 65_536


class NoFork(ReevFlowError):
    """The machine cannot make copies of a running process."""

    def __str__(self) -> str:
        return (
            "this system has no fork, which chaos needs to kill processes that know your code; run it on Linux or macOS"
        )


class Ended(msgspec.Struct, frozen=True):
    """How a process ended: its exit code, or minus the signal that ended it, and what it told before."""

    code: int
    told: bytes = b""

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def took_too_long(self) -> bool:
        return self.code == -signal.SIGALRM


class Child:
    """A copy of this process that does one thing, tells its outcome and ends. `for` whoever began it to wait for."""

    def __init__(self, work: Callable[[], bytes], *, seconds: int, output: Path, is_leader: bool = False) -> None:
        """Ends after so many seconds at the latest. What it prints goes to a file. A leader takes its own children with it."""
        if not hasattr(os, "fork"):
            raise NoFork
        self.pipe, inner = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # threads of the user's: what they hold is not ours to take
            self.pid = os.fork()
        if not self.pid:
            os.close(self.pipe)
            _close_in_copies(inner)
            _work_and_leave(work, inner, seconds, output, is_leader=is_leader)
        os.close(inner)
        if is_leader:  # the child does it too: whoever comes first, nobody kills it before
            with suppress(ProcessLookupError, PermissionError):
                os.setpgid(self.pid, self.pid)
        self._is_leader = is_leader
        self._told = bytearray()
        self._ended: Ended | None = None

    def has_told_all(self) -> bool:
        """Waits for the next piece of what it tells."""
        piece = os.read(self.pipe, PIECE)
        self._told += piece
        return not piece

    def wait(self) -> Ended:
        if self._ended is None:
            while piece := os.read(self.pipe, PIECE):
                self._told += piece
            os.close(self.pipe)
            if self._is_leader:
                self._end_what_it_left()
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            self._ended = Ended(code, bytes(self._told))
        return self._ended

    def _end_what_it_left(self) -> None:
        """Processes that the user's code began and left running. As long as nobody has heard of the leader's end, the number is its."""
        if hasattr(os, "waitid"):  # on macOS since Python 3.13
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """With everything that it began."""
        if self._ended is None:
            with suppress(ProcessLookupError, PermissionError):
                (os.killpg if self._is_leader else os.kill)(self.pid, signal.SIGKILL)
            self.wait()


def _close_in_copies(pipe: int) -> None:
    """What the user's code forks does not hold the pipe open: its end is how the end of this process is heard of."""
    left = [pipe]

    def close() -> None:
        while left:  # a copy of the copy has nothing to close: the number may be another file's
            os.close(left.pop())

    os.register_at_fork(after_in_child=close)


def _work_and_leave(work: Callable[[], bytes], pipe: int, seconds: int, output: Path, *, is_leader: bool) -> None:
    """Nothing of the parent's goes on in the child."""
    code = FAILED
    try:
        if is_leader:
            os.setpgid(0, 0)
        for heard in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(heard, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.alarm(seconds)
        _print_to(output)
        told = work()
        while told:
            told = told[os.write(pipe, told) :]
        code = 0
    except BaseException:  # noqa: BLE001 - nothing may get out of the child
        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _print_to(output: Path) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for standard in (1, 2):
        os.dup2(file, standard)
    os.close(file)


def side_by_side(children: Iterable[Callable[[], Child]], at_once: int) -> Generator[tuple[int, Ended], None, None]:
    """Begins them in order, so many at once, and gives each one's place and end as it comes. What is left when nobody wants to know any
    more is killed.
    """
    waiting = iter(enumerate(children))
    running: dict[int, tuple[int, Child]] = {}
    with selectors.DefaultSelector() as selector:
        try:
            while True:
                while len(running) < at_once and (begun := next(waiting, None)) is not None:
                    child = begun[1]()
                    running[child.pipe] = begun[0], child
                    selector.register(child.pipe, selectors.EVENT_READ)
                if not running:
                    return
                yield from _ended(selector, running)
        finally:
            for _, child in running.values():
                child.kill()


def _ended(selector: selectors.BaseSelector, running: dict[int, tuple[int, Child]]) -> Iterator[tuple[int, Ended]]:
    for key, _ in selector.select():
        place, child = running[key.fd]
        if child.has_told_all():
            selector.unregister(
                key.fileobj
            )  # before the pipe is closed: its copies in other children would go on being watched
            del running[key.fd]
            yield place, child.wait()
