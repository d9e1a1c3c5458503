"""A folder with the flows of `shop.py`, and the command run in it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reev_flow.runtime.workers import worker_name
from reev_flow.stores.urls import open_session_store
from support.command import COMMAND, Outcome, reev_flow
from support.journals import Story

SHOP = Path(__file__).with_name("shop.py")
STORE = Path("logs", "sessions")
PATIENCE_SECONDS = 60


class Shopping:
    """A user's folder. Its sessions are where they are by default."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.location = str(STORE / "sessions.db")
        shutil.copy(SHOP, folder / "shop.py")

    def call(self, *arguments: str | Path, **variables: str) -> Outcome:
        return reev_flow(*arguments, stdin=b"", cwd=self.folder, **variables)

    def run(self, name: str, *arguments: str) -> Outcome:
        """Runs a flow of the shop in a session of that name."""
        return self.call("run", "--app", f"shop:{name}", "--session-id", name, *arguments)

    def document(self, *arguments: str) -> Any:
        return json.loads(self.call(*arguments, "--json").out)

    def state(self, session_id: str) -> str:
        state: str = self.document("sessions", "show", session_id)["session"]["state"]
        return state

    def tally(self) -> list[str]:
        """What the steps really did, in order."""
        path = self.folder / "tally.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def open_up(self) -> None:
        """From now on payments are answered."""
        (self.folder / "open.txt").touch()

    def write_plan(self, text: str, name: str = "plan.yaml") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def keep(self, *stories: Story) -> None:
        """Sessions that others left in the store."""
        store = open_session_store(self.folder / STORE)
        for story in stories:
            story.keep_in(store)
        store.close()

    def hold(self, session_id: str) -> None:
        """A worker that is still there has it for a while."""
        store = open_session_store(self.folder / STORE)
        store.claim(session_id, worker_name("test"), 600.0).result()
        store.close()

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The command while it runs. It is killed if it has not ended by itself."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REEV_")}
        process = subprocess.Popen(
            [COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=self.folder,
            env=environment | {"COLUMNS": "100", "PYTHONUTF8": "1"},
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    @contextmanager
    def caught_in(self, name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A flow of the shop that is in the middle of paying."""
        with self.started("run", "--app", f"shop:{name}", "--session-id", name, *arguments) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "paying\n", process.communicate()
            yield process


def outcome_of(process: subprocess.Popen[str]) -> Outcome:
    """How it ends; it has a minute."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return Outcome(process.returncode, out, err)
