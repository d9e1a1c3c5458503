"""Finds out how a session stands after a crash, and goes on with it."""

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from reev_flow.runtime.drive import outcome_of
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.origins import annotation_of
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionStore


class FlowExecution(msgspec.Struct, frozen=True):
    """What became of a session: `Recovered` or `AlreadyCompleted`."""


class Recovered(FlowExecution, frozen=True):
    """The session was not over. Awaiting `continuation()` goes on where it was interrupted and gives its result."""

    session: SessionData
    continuation: Callable[[], Coroutine[Any, Any, Any]]


class AlreadyCompleted(FlowExecution, frozen=True):
    """The session had completed; this is its result."""

    result: Any


class SessionRecovery:
    """Recovers sessions of a store. `executor` is the `@flow` or what runs the steps of plans; without it sessions find their own code."""

    def __init__(self, store: SessionStore, executor: Any = None) -> None:
        self._store = store
        self._executor = executor

    async def recover_flow(self, session_id: str) -> FlowExecution:
        """Raises `SessionNotFound`, `SessionCorruption`, and what a session ended with that did not complete."""
        session = await awaited(self._store.load(session_id))
        if session.state.is_end:
            return AlreadyCompleted(outcome_of(session, annotation_of(session, self._executor)))

        async def go_on() -> Any:
            async with SessionManager(self._store) as manager:
                return await manager.resume(session_id, self._executor)

        return Recovered(session, go_on)
