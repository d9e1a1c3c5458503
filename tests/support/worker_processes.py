"""Workers in processes of their own, with a lease and a clock that a test chooses: forked, stopped, killed and let go on."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.worker_news import WorkerNews
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.state import SessionState
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.values.tagged import encode
from support.journals import Story
from support.racing_processes import note, noted

POLL_SECONDS = 0.05


class OneClock:
    """The same for all processes, and set by the test: by how many seconds it is wrong stands in a file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "wrong-by"

    def set_wrong_by(self, seconds: int) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._file)

    def now_ns(self) -> int:
        wrong_by = int(self._file.read_text()) if self._file.exists() else 0
        return time.time_ns() + wrong_by * 1_000_000_000

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


def hold_up(folder: Path) -> None:
    while not (folder / "go").exists():
        time.sleep(0.01)


def work_of(folder: Path, *, blocks: bool) -> Any:
    """A flow that notes what it really does. Its first step takes until the file `go` is there."""

    async def begin(number: int) -> None:
        note(folder / "done", f"begins {number}")
        if blocks:
            hold_up(folder)
        while not (folder / "go").exists():
            await asyncio.sleep(0.01)

    def end(number: int) -> int:
        note(folder / "done", f"ends {number}")
        return os.getpid()

    @flow(name="work", on_interrupt="rerun")
    async def work(session: SessionHandle, number: int) -> Any:
        await session.step(begin, number)
        return await session.step(end, number)

    return work


def working(
    folder: Path, lease_seconds: float = 30, *, blocks: bool = False
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Takes up what it finds, until the file `over` is there. What it tells is noted with its process."""

    async def work() -> None:
        def hear(news: WorkerNews) -> None:
            note(folder / "told", f"{news.what} {news.session_id} {os.getpid()}")

        clock = OneClock(folder)
        config = SessionConfig(lease_seconds=lease_seconds, poll_seconds=POLL_SECONDS)
        with closing(SqliteSessionStore(folder / "sessions.db", clock=clock)) as store:
            async with SessionManager(store, config=config, clock=clock) as manager:
                worker = manager.worker(work_of(folder, blocks=blocks), poll_seconds=POLL_SECONDS, tell=hear)
                while not (folder / "over").exists():
                    await worker.work_off()
                    await asyncio.sleep(POLL_SECONDS)

    return work


def leave(folder: Path, sessions: int) -> None:
    """So many that were interrupted before their first step, from s-0 on."""
    with closing(SqliteSessionStore(folder / "sessions.db")) as store:
        for number in range(sessions):
            arguments = encode([[number], {}])
            story = Story(f"s-{number}", flow="work", arguments=arguments, definition=b"", entry_point="work:work")
            story.run(0).become(SessionState.INTERRUPTED, 1)
            story.keep_in(store)


def told(folder: Path, what: str, session_id: str) -> list[int]:
    """The processes that told it."""
    lines = [line.split() for line in noted(folder / "told")]
    return [int(process) for said, name, process in lines if (said, name) == (what, session_id)]
