"""Session managers as tests want them: quick to look for answers, and checked to have given everything back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from reev_flow.clock import Clock
from reev_flow.errors import SessionError
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore

MOST_TRIES = 6_000  # half a minute
QUICK: dict[str, Any] = {"poll_seconds": 0.01, "stop_seconds": 0.2}


@asynccontextmanager
async def worker(
    store: SessionStore | str | Path = "memory:", *, clock: Clock | None = None, **settings: Any
) -> AsyncIterator[SessionManager]:
    """`settings` are those of `SessionConfig`."""
    async with SessionManager(store, config=SessionConfig(**(QUICK | settings)), clock=clock) as manager:
        keeper = manager._keeper
        yield manager
    left = (keeper.held, keeper.turns.running, keeper.turns.waiting, dict(keeper._heartbeat._leases))
    assert left == ({}, 0, 0, {}), "a session, a turn or a lease was not given back"


async def until(is_so: Callable[[], Any]) -> None:
    """Waits until it is, within a bound."""
    for _ in range(MOST_TRIES):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


async def waiting(manager: SessionManager, session_id: str) -> None:
    """Returns when the session waits for an answer, and the store knows it."""
    for _ in range(MOST_TRIES):
        if await state_of(manager.store, session_id) is SessionState.WAITING:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"{session_id} never waited")


async def state_of(store: SessionStore, session_id: str) -> SessionState | None:
    """None when there is no such session yet."""
    try:
        return (await asyncio.wrap_future(store.load(session_id))).state
    except SessionError:
        return None


def journal(store: SessionStore, session_id: str = "s-1") -> tuple[JournalEntry, ...]:
    return store.read_journal(session_id).result()


def told(store: SessionStore, session_id: str = "s-1") -> list[str]:
    """The journal as one reads it aloud: `started pay#1`, …, without the changes of state."""
    entries = [entry for entry in journal(store, session_id) if entry.kind is not EntryKind.STATE]
    return [f"{entry.kind.value} {entry.step}" for entry in entries]
