"""How soon `reev-flow serve` answers, and what memory it takes while nothing comes; `python -m http.server` is the floor of both."""

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from measure import Figure, tell

ROUNDS = 9
MOST_SECONDS = 20
MB = 1_000_000
BUDGET_SECONDS, BUDGET_BYTES = 0.5, 60 * MB
IDLE_SECONDS = 1.0
RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
QUIET = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Start(NamedTuple):
    """From before the process began until it first answered, and what it took a second later."""

    ready_seconds: float
    idle_bytes: int


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rounds = [
            (start(served(folder)), start(served(folder, "--without-grpc")), start(plain)) for _ in range(ROUNDS + 1)
        ]
    kinds = list(zip(*rounds[1:], strict=True))
    medians = [statistics.median(one.ready_seconds for one in kind) for kind in kinds]
    names = ("serve, HTTP and gRPC", "serve, HTTP alone")
    tell(
        "Server ready (whole process, to the first answer)",
        [Figure(name, medians[place], medians[2], "http.server", BUDGET_SECONDS) for place, name in enumerate(names)],
    )
    for name, kind in zip((*names, "http.server"), kinds, strict=True):
        tell_memory(name, [one.idle_bytes for one in kind])


def served(folder: str, *options: str) -> Callable[[int], Sequence[str]]:
    def command(port: int) -> Sequence[str]:
        grpc = [] if options else ["--grpc-port", "0"]
        return ("-m", "reev_flow", "serve", "--port", str(port), *grpc, "--store", folder, *options)

    return command


def plain(port: int) -> Sequence[str]:
    return ("-m", "http.server", "--bind", "127.0.0.1", str(port))


def start(command: Callable[[int], Sequence[str]]) -> Start:
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=QUIET
    )
    try:
        wait_for_answer(port)
        ready_seconds = time.perf_counter() - began
        time.sleep(IDLE_SECONDS)
        return Start(ready_seconds, resident_bytes(process.pid))
    finally:
        process.terminate()
        process.wait(MOST_SECONDS)


def wait_for_answer(port: int) -> None:
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=MOST_SECONDS)
        try:
            connection.request("GET", "/ready")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.002)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"nothing answers on port {port}")


def resident_bytes(process_id: int) -> int:
    """0 where only Linux would tell."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = RESIDENT.search(status)
    return int(found[1]) * 1024 if found else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tell_memory(name: str, taken: Sequence[int]) -> None:
    median = statistics.median(taken)
    mark = " !" if median > BUDGET_BYTES else ""
    sys.stdout.write(f"{name:21} {median / MB:6,.1f} MB idle, budget {BUDGET_BYTES / MB:.0f} MB{mark}\n")


if __name__ == "__main__":
    main()
