"""Which sessions nobody works on, and why."""

import asyncio
from collections.abc import Sequence

import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import SessionError
from reev_flow.runtime.begin import Found
from reev_flow.runtime.inbox import need_not_wait
from reev_flow.runtime.recovering import STALLED
from reev_flow.runtime.workers import is_gone, process_of
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.forking import is_half_forked
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery, SessionStore

MOST_FOUND = 100_000
WAITING = frozenset({SessionState.WAITING})

INTERRUPTED = "it was interrupted"
NEVER_BEGUN = "it was created and never begun"
GONE = "its worker is gone"
RUN_OUT = "its lease ran out"
NEWS = "it has an answer, or its deadline passed"


class Left(msgspec.Struct, frozen=True):
    """A session as it stood, and why it may be taken up. `gone` is the worker that has its lease and will not come back."""

    session: SessionData
    why: str
    gone: str = ""

    @property
    def found(self) -> Found:
        return Found(self.session.epoch, self.gone)

    @property
    def may_be_in_hand(self) -> bool:
        """Somebody may just be about to: whoever created it, or a process that waits for the answer with the flow in its memory."""
        return self.why in {NEVER_BEGUN, NEWS}


async def stalled(store: SessionStore) -> list[Left]:
    """Those that do not wait for anybody, but for what other workers have that are not surely gone. Steps that are called by hand are
    nobody's to go on with.
    """
    found = await awaited(store.find(SessionQuery(states=STALLED, limit=MOST_FOUND)))
    sessions = [session for session in found if session.entry_point and not is_half_forked(session)]
    running = [session.session_id for session in sessions if session.state is SessionState.RUNNING]
    holders = await awaited(store.holders(running))
    processes = {process_of(lease.worker): lease.worker for lease in holders.values()}
    gone = {process: is_gone(worker) for process, worker in processes.items()}
    workers = {session_id: lease.worker for session_id, lease in holders.items()}
    return [
        _left(session, workers.get(session.session_id, ""))
        for session in sessions
        if session.session_id not in workers or gone[process_of(workers[session.session_id])]
    ]


def _left(session: SessionData, worker: str) -> Left:
    if session.state is SessionState.RUNNING:
        return Left(session, GONE if worker else RUN_OUT, worker)
    return Left(session, INTERRUPTED if session.state is SessionState.INTERRUPTED else NEVER_BEGUN)


async def addressed(store: SessionStore, clock: Clock) -> list[SessionData]:
    """Those that wait and were ever sent something, or whose deadline has passed: what is to be looked at more closely."""
    query = SessionQuery(states=WAITING, may_go_on_ns=clock.now_ns(), limit=MOST_FOUND)
    return [session for session in await awaited(store.find(query)) if session.entry_point]


async def need_not_wait_any_longer(store: SessionStore, sessions: Sequence[SessionData], clock: Clock) -> list[Left]:
    now_ns = clock.now_ns()
    are_free = await asyncio.gather(*(_is_free(store, session, now_ns) for session in sessions))
    return [Left(session, NEWS) for session, is_free in zip(sessions, are_free, strict=True) if is_free]


async def _is_free(store: SessionStore, session: SessionData, now_ns: int) -> bool:
    try:
        return await need_not_wait(store, session.session_id, now_ns)
    except SessionError:  # damaged, or gone: told to whoever asks for it, and no reason to leave the others
        return False
