"""Finds the sessions that nobody works on, and goes on with them."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from reev_flow.errors import LeaseHeld, LeaseLost, SessionError, SessionInterrupted, StoreError
from reev_flow.runtime.inbox import need_not_wait
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.started import Background
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.forking import is_half_forked
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery, SessionStore

MOST_AT_ONCE = 1_000
STALLED = frozenset({SessionState.CREATED, SessionState.RUNNING, SessionState.INTERRUPTED})
WAITING = frozenset({SessionState.WAITING})
COMES_AGAIN = (LeaseHeld, LeaseLost, SessionInterrupted, StoreError)

Resume = Callable[[str], Coroutine[Any, Any, Any]]


async def recoverable(keeper: SessionKeeper) -> list[str]:
    """Interrupted sessions, those whose worker may be gone, and those that wait and need not any longer. Not those whose steps are
    called by hand.
    """
    found = await not_over(keeper.store, keeper.clock.now_ns())
    return [session.session_id for session in found if session.entry_point and await _may_go_on(keeper, session)]


async def not_over(store: SessionStore, now_ns: int) -> list[SessionData]:
    """The newest first. Asked for apart, so that those that only wait, however many, do not crowd out those that may go on."""
    queries = (
        SessionQuery(states=STALLED, limit=MOST_AT_ONCE),
        SessionQuery(states=WAITING, may_go_on_ns=now_ns, limit=MOST_AT_ONCE),
        SessionQuery(states=WAITING, limit=MOST_AT_ONCE),  # earlier releases kept no deadline where it can be found
    )
    found = [await awaited(store.find(query)) for query in queries]
    by_id = {session.session_id: session for part in found for session in part}
    return sorted(by_id.values(), key=lambda session: session.created_ns, reverse=True)


async def _may_go_on(keeper: SessionKeeper, session: SessionData) -> bool:
    if session.session_id in keeper.held or is_half_forked(session):
        return False
    if session.state is not SessionState.WAITING:
        return True
    try:
        return await need_not_wait(keeper.store, session.session_id, keeper.clock.now_ns())
    except SessionError:  # damaged, or gone: told to whoever asks for it, and no reason to leave the others
        return False


async def keep_recovering(keeper: SessionKeeper, resume: Resume, background: Background, seconds: float) -> None:
    """Looks again and again. A session that could not be gone on with, because its code does not fit, is left alone by this worker."""
    left_alone: set[str] = set()  # also those that are on their way: they may wait for their turn for long
    while True:
        with suppress(SessionError):  # what is wrong with the store is told by whoever uses it
            for name in await recoverable(keeper):
                if name not in left_alone:
                    left_alone.add(name)
                    task = background.add(asyncio.create_task(resume(name)))
                    task.add_done_callback(partial(_sort_out, left_alone, name))
        await asyncio.sleep(seconds)


def _sort_out(left_alone: set[str], name: str, task: "asyncio.Task[Any]") -> None:
    if task.cancelled() or task.exception() is None or isinstance(task.exception(), COMES_AGAIN):
        left_alone.discard(name)
