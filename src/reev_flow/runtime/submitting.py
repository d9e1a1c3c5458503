"""Keeps a session for somebody else to run: a worker that has its code takes it up."""

from reev_flow.clock import Clock
from reev_flow.errors import SessionExists
from reev_flow.runtime.begin import Origin, is_of, new_session
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionStore


async def submit(store: SessionStore, clock: Clock, origin: Origin, session_id: str | None) -> SessionData:
    """As it stands when that is durable: created, or whatever became of it when it was submitted before. It has a trace of its own: it may
    run long after that of whoever submits it.

    Raises `SessionExists` when the id is that of another flow, or of one with other arguments, and `SessionForgotten`.
    """
    session = new_session(origin, session_id, clock.now_ns())
    try:
        await awaited(store.create(session))
    except SessionExists:
        existing = await awaited(store.load(session.session_id))
        if not is_of(existing, origin):
            raise
        return existing
    return session
