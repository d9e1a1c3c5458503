"""What a worker tells of the sessions that it takes up."""

from typing import Literal, TypeAlias

import msgspec

from reev_flow.sessions.state import SessionState

What: TypeAlias = Literal[
    "begun",  # taken up; `detail` is why
    "ended",  # in `state`; `detail` is what went wrong
    "waiting",  # for an answer
    "left",  # in good order, because the worker stops
    "lost",  # another worker has it, or the store failed; `detail` is which
    "put_off",  # it did not get on; `seconds` is for how long, `detail` why
    "unknown",  # `flow` is none of the worker's
    "trouble",  # the store cannot be looked through
]


class WorkerNews(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `seconds` is how long the session was worked on, unless it is said otherwise."""

    what: What
    session_id: str = ""
    flow: str = ""
    state: SessionState | None = None
    detail: str = ""
    seconds: float = 0.0


def keep_quiet(_: WorkerNews) -> None:
    """For when nobody wants to know."""
