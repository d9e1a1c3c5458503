"""A folder with the flows of `orders.py`, one store, and several processes that work on it."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery
from reev_flow.stores.urls import open_session_store
from support.command import COMMAND, Outcome, reev_flow
from support.journals import Story
from support.serving import eventually
from support.workers import told

ORDERS = Path(__file__).with_name("orders.py")
FLOWS = ("order", "order_if_wanted", "block_the_loop", "poisoned", "quits", "misfit")
APPS = [word for name in FLOWS for word in ("--app", f"orders:{name}")]


class Workshop:
    """Its sessions are where they are by default."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "logs" / "sessions"
        shutil.copy(ORDERS, folder / "orders.py")

    def call(self, *arguments: str) -> Outcome:
        return reev_flow(*arguments, stdin=b"", cwd=self.folder)

    @contextmanager
    def started(
        self, *arguments: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[str]]:
        """The command while it runs, killed if it has not ended by itself."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("REEV_")}
        process = subprocess.Popen(
            [COMMAND, *arguments],
            stdout=stdout,
            stderr=stderr,
            encoding="utf-8",
            cwd=self.folder,
            env=clean | {"PYTHONUTF8": "1"},
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    @contextmanager
    def worker(self, *options: str, name: str = "worker") -> Iterator[subprocess.Popen[bytes]]:
        """What it tells goes to a file: see `events`."""
        with (self.folder / f"{name}.jsonl").open("ab") as out, (self.folder / f"{name}.err").open("ab") as errors:
            process = subprocess.Popen(
                [COMMAND, "worker", *APPS, "--poll", "0.1", "--json", *options],
                stdout=out,
                stderr=errors,
                cwd=self.folder,
                env={key: value for key, value in os.environ.items() if not key.startswith("REEV_")},
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def events(self, name: str = "worker") -> list[dict[str, Any]]:
        path = self.folder / f"{name}.jsonl"
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]

    def heard(self, event: str, session_id: str, name: str = "worker") -> dict[str, Any]:
        """What a worker tells of a session, as soon as it does."""

        def found() -> dict[str, Any] | None:
            wanted = (event, session_id)
            return next((one for one in self.events(name) if (one["event"], one.get("session_id")) == wanted), None)

        return eventually(found, lambda: (self.events(name), (self.folder / f"{name}.err").read_text()))

    def tally(self) -> list[str]:
        """What steps really did, without by which process."""
        return [line.rpartition(" ")[0] for line in self.tallied()]

    def tallied(self) -> list[str]:
        path = self.folder / "tally.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def did(self, what: str, times: int = 1) -> None:
        """Returns when a step has done it so often."""
        eventually(lambda: self.tally().count(what) >= times, self.tally)

    def open_up(self) -> None:
        """What takes for ever ends."""
        (self.folder / "open.txt").touch()

    def keep(self, *stories: Story) -> None:
        with closing(open_session_store(self.store)) as store:
            for story in stories:
                story.keep_in(store)

    def session(self, session_id: str) -> SessionData:
        with closing(open_session_store(self.store)) as store:
            return store.load(session_id).result()

    def states(self) -> dict[str, str]:
        with closing(open_session_store(self.store)) as store:
            return {one.session_id: one.state.value for one in store.find(SessionQuery(limit=100_000)).result()}

    def journal(self, session_id: str) -> list[str]:
        with closing(open_session_store(self.store)) as store:
            return told(store, session_id)

    @contextmanager
    def packing(self, session_id: str, what: str = "it") -> Iterator[subprocess.Popen[str]]:
        """An order in the middle of its first step."""
        with self.started("run", "--app", "orders:order", "--session-id", session_id, "--arg", f"what={what}") as run:
            self.did(f"pack {what}")
            yield run

    def killed_while_packing(self, session_id: str, what: str = "it") -> None:
        with self.packing(session_id, what) as run:
            run.send_signal(signal.SIGKILL)
            run.wait()
