"""`reev-flow serve` as a user runs it, in a process of its own on free ports."""

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any, Self

import httpx

from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.span import Span
from support.otlp_server import PROTOBUF, stored_spans
from support.pages import start
from support.serving import PATIENCE_SECONDS, eventually

MEMORY = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
MOST_MEMORY = "5"  # what is written there has the kernel forget the highest memory so far


class ServeCommand:
    """Leaving the block ends it, if nothing did before."""

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        self.folder = folder
        self.store = folder / "store"
        self._options = options
        self._variables = variables

    def __enter__(self) -> Self:
        ports = [] if "--port" in self._options else ["--port", "0", "--grpc-port", "0"]
        store = [] if "--store" in self._options else ["--store", str(self.store)]
        command = ["reev-flow", "serve", *ports, *store, "--json", *self._options]
        (self.folder / "out.txt").unlink(missing_ok=True)
        self.process = start(command, self.folder, **self._variables)
        self.whereabouts: dict[str, Any] = eventually(self._told, lambda: self.errors)
        self.client = httpx.Client(base_url=self.whereabouts["http"], timeout=PATIENCE_SECONDS, trust_env=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.end(signal.SIGKILL)

    @property
    def url(self) -> str:
        url: str = self.whereabouts["http"]
        return url

    @property
    def errors(self) -> str:
        return (self.folder / "err.txt").read_text(encoding="utf-8")

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        return self.client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF, **headers})

    def end(self, by: int = signal.SIGTERM) -> int:
        """How it ended."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(PATIENCE_SECONDS)

    def spans(self) -> list[Span]:
        """What it kept; it may run or have ended."""
        store = open_trace_store(self.store)
        try:
            return stored_spans(store)
        finally:
            store.close()

    def most_memory_bytes(self) -> int:
        """Since it began, or since it was last asked to forget."""
        found = MEMORY.search(self._proc("status").read_text(encoding="ascii"))
        assert found
        return int(found[1]) * 1024

    def forget_most_memory(self) -> None:
        self._proc("clear_refs").write_text(MOST_MEMORY, encoding="ascii")

    def limit_file_bytes(self, most_bytes: int) -> None:
        """Beyond it, writing fails as it does on a full disk."""
        import resource

        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

    def _proc(self, name: str) -> Path:
        return Path(f"/proc/{self.process.pid}/{name}")

    def _told(self) -> dict[str, Any] | None:
        assert self.process.poll() is None, self.errors
        try:
            told: dict[str, Any] = json.loads((self.folder / "out.txt").read_text(encoding="utf-8"))
        except ValueError:
            return None
        return told


def refused(folder: Path, *options: str, **variables: str) -> tuple[int, str]:
    """How a server that cannot begin ends, and what it says."""
    (folder / "err.txt").unlink(missing_ok=True)
    process: subprocess.Popen[str] = start(["reev-flow", "serve", *options], folder, **variables)
    return process.wait(PATIENCE_SECONDS), (folder / "err.txt").read_text(encoding="utf-8")
