"""Processes of their own that work on one session each, to be started together, stopped and let go on."""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.stores.urls import open_session_store
from support.workers import until, worker

CHILD_SECONDS = 60


def start(work: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """The process that does it; it ends with 0 when that went well."""
    child = os.fork()
    if child:
        return child
    signal.alarm(CHILD_SECONDS)
    try:
        asyncio.run(work())
    except BaseException:  # noqa: BLE001 - nothing may get out of the child
        traceback.print_exc(file=sys.stderr)
        os._exit(1)
    os._exit(0)


def ended(child: int) -> int:
    """How it ended: 0, or minus the number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def note(path: Path, line: object) -> None:
    with path.open("a") as lines:
        lines.write(f"{line}\n")


def noted(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


async def run_once(folder: Path, name: str, session_id: str) -> None:
    """Notes what was really done, and what became of the run."""

    @flow(name="counting")
    async def counting(session: SessionHandle) -> Any:
        def work(number: int) -> int:
            note(folder / "done", f"{session_id} {number}")
            return number

        return sum([await session.step(work, number) for number in range(5)])

    async with worker(open_session_store(folder / "store")) as manager:
        await until((folder / "go").exists)
        try:
            outcome = await manager.run(counting, session_id=session_id)
        except Exception as error:  # noqa: BLE001 - that is the outcome
            outcome = type(error).__name__
        note(folder / "outcomes", f"{session_id} {name} {outcome}")
        manager.store.close()


async def work_slowly(folder: Path, name: str, seconds: float, lease_seconds: float) -> None:
    """One step that takes so long, or until it is to go on, and another."""

    @flow(name="slow")
    async def slow(session: SessionHandle) -> Any:
        async def nap() -> str:
            note(folder / "done", f"{name} begins")
            for _ in range(int(seconds / 0.01)):
                if (folder / "go").exists():
                    break
                await asyncio.sleep(0.01)
            note(folder / "done", f"{name} ends")
            return name

        first = await session.step(nap, on_interrupt="rerun")
        await session.step(lambda: note(folder / "done", f"{name} goes on"), name="last")
        return first

    store = open_session_store(folder / "store")
    async with worker(store, lease_seconds=lease_seconds) as manager:
        try:
            outcome = await manager.run(slow, session_id="s-1")
        except Exception as error:  # noqa: BLE001 - that is the outcome
            outcome = type(error).__name__
        note(folder / "outcomes", f"{name} {outcome}")
    store.close()
