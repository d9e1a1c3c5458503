"""What is kept of one session beside its journal."""

import msgspec

from reev_flow.sessions.journal import GENESIS
from reev_flow.sessions.state import SessionState

SCHEMA_VERSION = 1


class Interruption(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a session was caught: the first step without an outcome, and why it stopped."""

    step_index: int
    context: str = ""


class SessionData(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One session. Times are UTC nanoseconds since 1970; `arguments` and `result` are encoded values.

    `entries` and `chain` are the number of journal entries and the chain of the last one: a journal that does not end so was damaged.
    `epoch` counts the workers that have owned the session. `flow` is the name people use, `entry_point` how code is found again
    (`module:qualname`, empty for a plan), `definition` the encoded plan, `digest` that of the plan or code it was started with.
    `forked_from` is the id of the session that it was forked from, "" for one that began by itself. `is_named` is false when nobody chose the id, so that nobody asks for it again once the session is forgotten.
    """

    session_id: str
    flow: str
    is_named: bool = True
    entry_point: str = ""
    digest: bytes = b""
    definition: bytes = b""
    state: SessionState = SessionState.CREATED
    arguments: bytes = b""
    result: bytes = b""
    error: str = ""
    created_ns: int
    updated_ns: int
    ended_ns: int | None = None
    deadline_ns: int | None = None
    trace_id: str
    interruption: Interruption | None = None
    restored_from: str = ""
    forked_from: str = ""
    epoch: int = 0
    entries: int = 0
    chain: bytes = GENESIS
    schema_version: int = SCHEMA_VERSION


class Lease(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The right of one worker to move a session on, until `expires_ns` by the store's clock.

    `heard_ns` is when the store last heard of whoever had it before, 0 when nobody had: since then nobody is known to have worked on it.
    """

    session_id: str
    worker: str
    epoch: int
    expires_ns: int
    heard_ns: int = 0


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something put to a session from outside: the answer to a question (`subject` is its step), or the wish to cancel it."""

    session_id: str
    subject: str
    value: bytes = b""
    sent_ns: int
    sender: str = ""
