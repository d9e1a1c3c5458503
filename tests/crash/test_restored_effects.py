"""What a flow does outside, counted there: a session that comes back from a backup does nothing of it a second time unasked."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reev_flow.clock import SystemClock
from reev_flow.errors import SessionWaiting
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.stores.sqlite.restoring import restore_store
from support.backed_up import open_store
from support.workers import until, worker

EACH = 3
NAMES = [f"{branch}-{number}" for branch in range(2) for number in range(EACH)]
NEVER = 99


class Outside:
    """A ledger on disk that no store knows of. At one effect a copy is made, at another one the life of the worker ends."""

    def __init__(self, folder: Path, back_up_at: int, stop_at: int) -> None:
        self.store = folder / "store"
        self.copy = folder / "copy.db"
        self.ledger = folder / "ledger.txt"
        self.ledger.touch()
        self.back_up_at, self.stop_at = back_up_at, stop_at
        self.is_over = False

    def did(self) -> list[str]:
        return self.ledger.read_text(encoding="utf-8").splitlines()

    async def charge(self, name: str) -> str:
        with self.ledger.open("a", encoding="utf-8") as ledger:
            ledger.write(f"{name}\n")
            ledger.flush()
            os.fsync(ledger.fileno())
        if len(self.did()) == self.back_up_at:
            store = open_store(self.store)
            store.back_up(str(self.copy)).result()
            store.close()
        if len(self.did()) == self.stop_at:
            self.is_over = True
            await asyncio.Event().wait()
        return name

    def flow(self) -> Flow[Any, Any]:
        async def branch(session: SessionHandle, number: int) -> list[str]:
            return [await session.step(self.charge, name, key=name) for name in NAMES if name.startswith(f"{number}-")]

        @flow(name="charging")
        async def charging(session: SessionHandle) -> list[str]:
            first, second = await session.gather(branch(session, 0), branch(session, 1))
            return [*first, *second]

        return charging

    async def live_and_be_lost(self) -> None:
        async with worker(self.store, stop_seconds=0) as manager:
            running = asyncio.ensure_future(manager.run(self.flow(), session_id="s-1"))
            await until(lambda: self.is_over or running.done())
        await asyncio.wait([running])
        running.exception()
        restore_store(self.copy, self.store / "sessions.db", SystemClock())
        self.back_up_at = self.stop_at = NEVER

    async def go_on(self) -> Any:
        """Questions are answered as the ledger says. A step that is not in it has not happened."""
        async with worker(self.store) as manager:
            for _ in range(3 * len(NAMES)):
                try:
                    return await manager.run(self.flow(), session_id="s-1", wait=False)
                except SessionWaiting as waiting:
                    for step, _text in waiting.questions:
                        name = step.partition("[")[2].rstrip("]")
                        happened = {"happened": True, "result": name}
                        await manager.answer("s-1", happened if name in self.did() else False, question=step)
        raise AssertionError("it asks again and again")


@pytest.mark.parametrize("back_up_at", [1, 2, 4, 6])
@pytest.mark.parametrize("further", [0, 1, 3, NEVER])
async def test_nothing_happens_twice_whenever_the_backup_was_made_and_the_store_lost(
    tmp_path: Path, back_up_at: int, further: int
):
    outside = Outside(tmp_path, back_up_at, min(back_up_at + further, NEVER))
    await outside.live_and_be_lost()
    assert await outside.go_on() == NAMES
    assert Counter(outside.did()) == Counter(NAMES)
