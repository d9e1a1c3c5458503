"""What state a session is in, and which state may follow which."""

from enum import StrEnum


class SessionState(StrEnum):
    """`WAITING` is for an answer, `INTERRUPTED` is between two workers; the last four are ends."""

    CREATED = "created"
    RUNNING = "running"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"

    @property
    def is_end(self) -> bool:
        return self in ENDS


ENDS = frozenset({SessionState.COMPLETED, SessionState.FAILED, SessionState.CANCELLED, SessionState.TIMED_OUT})
_PAUSES = frozenset({SessionState.WAITING, SessionState.INTERRUPTED})

FOLLOWERS: dict[SessionState, frozenset[SessionState]] = {
    SessionState.CREATED: frozenset(
        # interrupted: it comes from a backup, and may have run since that was made
        {SessionState.RUNNING, SessionState.INTERRUPTED, SessionState.CANCELLED, SessionState.TIMED_OUT}
    ),
    SessionState.RUNNING: ENDS | _PAUSES,
    SessionState.WAITING: ENDS | {SessionState.RUNNING, SessionState.INTERRUPTED},
    SessionState.INTERRUPTED: ENDS | {SessionState.RUNNING},
    **dict.fromkeys(ENDS, frozenset()),
}


def may_follow(now: SessionState, then: SessionState) -> bool:
    return then in FOLLOWERS[now]
