"""Carries a session that this worker has on to its end, or to where it waits."""

from typing import Any

from reev_flow.errors import SessionWaiting
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.work import SessionWork
from reev_flow.runtime.drive import drive, outcome_of
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.origins import Runnable
from reev_flow.sessions.data import SessionData


async def carry(keeper: SessionKeeper, begun: SessionWork | SessionData, runnable: Runnable, *, wait: bool) -> Any:
    """Its result, or that of one that had ended. Without `wait`, `SessionWaiting` is raised when it waits for an answer."""
    if isinstance(begun, SessionData):
        return outcome_of(begun, runnable.annotation)
    if not wait:
        begun.on_rest = lambda: begun.stop(SessionWaiting(begun.session.session_id, begun.open_questions))
    handle = SessionHandle(begun, on_interrupt=runnable.on_interrupt)
    return await drive(keeper, handle, begun, runnable.body, annotation=runnable.annotation)
