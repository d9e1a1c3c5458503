"""How sessions stand, by what is recorded and by whether their worker is still there."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from reev_flow.errors import SessionCorruption, SessionNotFound
from reev_flow.runtime.workers import is_gone
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery, SessionStore

JUDGED = frozenset({SessionState.RUNNING, SessionState.INTERRUPTED})


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A session that somebody runs, with that `worker`; or one that is recorded as running although its worker is gone: then it is
    interrupted.
    """

    session: SessionData
    worker: str = ""
    is_worker_gone: bool = False

    @property
    def state(self) -> SessionState:
        return SessionState.INTERRUPTED if self.is_worker_gone else self.session.state


def seen(store: SessionStore, sessions: Sequence[SessionData]) -> list[Seen]:
    """In the same order. Those that seem to be left are loaded once more: they may have ended while it was asked who has them."""
    running = [session.session_id for session in sessions if session.state is SessionState.RUNNING]
    leases = store.holders(running).result()
    workers = {name: lease.worker for name, lease in leases.items() if not is_gone(lease.worker)}
    left = set(running) - workers.keys()
    return [
        _looked_at_again(store, one)
        if one.session_id in left
        else Seen(session=one, worker=workers.get(one.session_id, ""))
        for one in sessions
    ]


def _looked_at_again(store: SessionStore, session: SessionData) -> Seen:
    try:
        now = store.load(session.session_id).result()
    except (SessionNotFound, SessionCorruption):
        return Seen(session=session)
    return Seen(session=now, is_worker_gone=now.state is SessionState.RUNNING and now.epoch == session.epoch)


def find_seen(store: SessionStore, query: SessionQuery) -> list[Seen]:
    """As `find`, by the states that sessions are seen in."""
    searched = query.states | JUDGED if query.states & JUDGED else query.states
    limit = query.limit
    while True:
        found = store.find(replace(query, states=searched, limit=limit)).result()
        wanted = [one for one in seen(store, found) if not query.states or one.state in query.states]
        if len(found) < limit or len(wanted) >= query.limit:
            return wanted[: query.limit]
        limit *= 2
