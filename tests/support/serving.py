"""A server of a how-to, in a process of its own on a free port of loopback."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from support.pages import start

T = TypeVar("T")

PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`command` is given the port it is to serve where it says PORT. Leaving the block ends every process of it."""

    def __init__(self, command: list[str], folder: Path, **variables: str) -> None:
        self._command = command
        self._folder = folder
        self._variables = variables
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        port = free_port()
        command = [word.replace("PORT", str(port)) for word in self._command]
        self._process = start(command, self._folder, **self._variables)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS, trust_env=False)
        eventually(self._is_up, self.told)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.end(signal.SIGKILL)

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def end(self, by: int) -> int:
        """How the process ended, and with it all that it started."""
        if self.process.poll() is None:
            send = os.killpg if by == signal.SIGKILL else os.kill
            send(self.process.pid, by)
        return self.process.wait(PATIENCE_SECONDS)

    def told(self) -> str:
        return (self._folder / "err.txt").read_text(encoding="utf-8")

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.told()
        try:
            self.client.get("/orders/nothing")
        except httpx.TransportError:
            return False
        return True


def eventually(found: Callable[[], T | None], told: Callable[[], Any]) -> T:
    """What `found` gives as soon as that is something; for what another process does in its own time."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (value := found()):
        assert time.monotonic() < until, told()
        time.sleep(0.02)
    return value
