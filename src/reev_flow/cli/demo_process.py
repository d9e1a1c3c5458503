"""A process that runs the flow of the demo, watched from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

import msgspec

from reev_flow.errors import ReevFlowError

LOOKS_EVERY_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
SETTINGS = {  # whatever the reader has set for programs of his own
    "REEV_SESSION_AUTO_SAVE": "true",
    "REEV_SESSION_TIMEOUT_SECONDS": "3600",
    "REEV_SESSION_RETENTION_DAYS": "30",
    "REEV_OTEL_ENABLED": "true",
    "REEV_TRACE_SAMPLE_RATE": "1",
    "OTEL_SERVICE_NAME": "reev-flow-demo",
}


class DemoFailed(ReevFlowError):
    """The demo did not go as it should have gone."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM has come."""


class Stopping(Protocol):
    """Knows whether a signal has come."""

    received: int | None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """`exit_code` is negative for a process that a signal ended."""

    process: int
    exit_code: int
    complaint: str = ""

    @property
    def signal(self) -> str:
        """Its name; empty for a process that ended by itself, and on Windows, where there are no signals to end one."""
        return signal.Signals(-self.exit_code).name if self.exit_code < 0 else ""


class FlowProcess:
    """The command with those arguments, for `with`. Whatever happens, it has ended after the block."""

    def __init__(self, arguments: Sequence[str], stopping: Stopping) -> None:
        self._arguments = arguments
        self._stopping = stopping

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", "reev_flow", *self._arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C is for the demo, which ends this process
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def id(self) -> int:
        return self._process.pid

    def kill(self) -> Ended:
        """With SIGKILL, which no process can see coming. Returns when it is gone."""
        self._process.kill()
        _, complaint = self._process.communicate()
        return self._ended(complaint)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Raises `DemoFailed` when the process ends before."""
        self._watch(is_so)
        if self._process.returncode is not None:
            raise DemoFailed(f"process {self.id} ended too early ({self._told_end()}); try `reev-flow demo` again")

    def wait(self) -> Ended:
        self._watch(lambda: False)
        return self._ended(self._complaint)

    def _watch(self, is_over: Callable[[], bool]) -> None:
        """Until it is so, or the process has ended."""
        until = monotonic() + PATIENCE_SECONDS
        while not is_over():
            if self._stopping.received is not None:
                raise Stopped
            if monotonic() > until:
                raise DemoFailed(
                    f"process {self.id} took more than {PATIENCE_SECONDS:.0f} s; try again when the machine is less busy"
                )
            try:
                _, self._complaint = self._process.communicate(timeout=LOOKS_EVERY_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return

    def _ended(self, complaint: str) -> Ended:
        return Ended(process=self.id, exit_code=self._process.returncode, complaint=complaint.strip())

    def _told_end(self) -> str:
        ended = self._ended(self._complaint)
        return f"exit code {ended.exit_code}: {ended.complaint}"


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("REEV_", "OTEL_"))}
    return inherited | SETTINGS | {"PYTHONUTF8": "1"}
