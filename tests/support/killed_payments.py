"""Payments by processes that are really killed, with a bank whose books are a file."""

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from random import Random
from typing import Any

from reev_flow.sessions.store import SessionStore, Write
from reev_flow.stores.urls import open_session_store
from support.payments import FORMS, with_answers
from support.workers import worker

NEVER = 1_000_000
CHILD_SECONDS = 60


class Edges:
    """Counts the moments at which a kill could make a difference, and kills this process at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at = kill_at
        self.passed = 0

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class BankOnDisk:
    """Ids are random; every payment is a line."""

    def __init__(self, books: Path, edge: Callable[[], None], seed: int = 0) -> None:
        self.books = books
        self._edge = edge
        self._random = Random(seed)

    async def new_id(self) -> str:
        await self._dawdle()
        return os.urandom(4).hex()

    async def pay(self, payment: str) -> str:
        await self._dawdle()
        self._edge()
        with self.books.open("a") as lines:
            lines.write(f"{payment}\n")
        self._edge()
        await self._dawdle()
        return f"receipt of {payment}"

    def paid(self) -> list[str]:
        return self.books.read_text().splitlines() if self.books.exists() else []

    async def _dawdle(self) -> None:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0.001)
            self._edge()


class EdgyStore:
    """Every write has two edges: before it is asked for, and when it is acknowledged."""

    def __init__(self, store: SessionStore, edge: Callable[[], None]) -> None:
        self.store = store
        self._edge = edge

    def append(self, write: Write) -> Future[None]:
        self._edge()
        future = self.store.append(write)
        future.add_done_callback(lambda _: self._edge())
        return future

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


async def pay_twice(folder: Path, form: str, *, kill_at: int = NEVER, seed: int = 0) -> None:
    """Leaves the result in a file, if it gets that far."""
    edge = Edges(kill_at)
    bank = BankOnDisk(folder / "books", edge, seed)
    store = open_session_store(folder / "store")
    async with worker(EdgyStore(store, edge)) as manager:
        run = manager.run(FORMS[form](bank), session_id="s-1")
        result = await with_answers(run, store, "s-1", bank)
    store.close()
    (folder / "result").write_text("\n".join(result))


def in_a_child(folder: Path, form: str, **options: int) -> int:
    """How a process of its own ends that pays twice: 0, or minus the number of the signal that killed it."""
    child = os.fork()
    if not child:
        signal.alarm(CHILD_SECONDS)
        try:
            asyncio.run(pay_twice(folder, form, **options))
        except BaseException:  # noqa: BLE001 - nothing may get out of the child
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
