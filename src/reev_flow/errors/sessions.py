"""What can go wrong with sessions and the stores that keep them."""

from datetime import UTC, datetime

from reev_flow.errors.root import ReevFlowError
from reev_flow.errors.typed import as_typed


class SessionError(ReevFlowError):
    """A session could not be found, kept, read or moved on."""


class SessionNotFound(SessionError):
    """No session has this id."""

    def __init__(self, session_id: str, location: str) -> None:
        super().__init__(session_id, location)
        self.session_id = session_id
        self.location = location

    def __str__(self) -> str:
        return f"no session {self.session_id!r} in {self.location}; `reev-flow sessions list` shows the known ones"


class SessionExists(SessionError):
    """The id is taken by another session."""

    def __init__(self, session_id: str) -> None:
        super().__init__(session_id)
        self.session_id = session_id

    def __str__(self) -> str:
        return f"session {self.session_id!r} exists already with other contents; load that one or choose another id"


class SessionForgotten(SessionError):
    """The id is that of a session that ended, and was forgotten long after. `state` is how it ended."""

    def __init__(  # noqa: PLR0917 - to be pickled, an error is made again from its arguments in order
        self, session_id: str, flow: str, state: str, ended_ns: int, forgotten_ns: int
    ) -> None:
        super().__init__(session_id, flow, state, ended_ns, forgotten_ns)
        self.session_id = session_id
        self.flow = flow
        self.state = state
        self.ended_ns = ended_ns
        self.forgotten_ns = forgotten_ns

    def __str__(self) -> str:
        return (
            f"session {self.session_id!r} was run before: flow {self.flow!r}, {self.state} at {_moment(self.ended_ns)}, forgotten at "
            f"{_moment(self.forgotten_ns)}; nothing was run now, choose another id, or `reev-flow sessions free {as_typed(self.session_id)}` to run it again"
        )


class SessionConflict(SessionError):
    """A write that does not continue what is stored."""

    def __init__(self, session_id: str, details: str) -> None:
        super().__init__(session_id, details)
        self.session_id = session_id
        self.details = details

    def __str__(self) -> str:
        return (
            f"session {self.session_id!r}: {self.details}; nothing was written, load the session and go on from there"
        )


class SessionCorruption(SessionError):
    """What is stored of a session was changed or lost since it was written."""

    def __init__(self, session_id: str, details: str, *, backup_available: bool = False) -> None:
        super().__init__(session_id, details)
        self.session_id = session_id
        self.details = details
        self.backup_available = backup_available

    def __str__(self) -> str:
        restore = f"`reev-flow sessions restore --latest {as_typed(self.session_id)}` brings it back from a backup"
        advice = restore if self.backup_available else "keep the file for examination"
        return f"session {self.session_id!r} is damaged: {self.details}; {advice}, other sessions can still be used"


class InvalidState(SessionError):
    """A session cannot get from the state it is in to the one asked for."""

    def __init__(self, session_id: str, now: str, then: str) -> None:
        super().__init__(session_id, now, then)
        self.session_id = session_id
        self.now = now
        self.then = then

    def __str__(self) -> str:
        wish = "takes no more writes" if self.now == self.then else f"cannot become {self.then}"
        return f"session {self.session_id!r} is {self.now} and {wish}; load it to see how it stands"


class LeaseHeld(SessionError):
    """Another worker owns the session."""

    def __init__(self, session_id: str, worker: str, expires_ns: int, heard_ns: int = 0) -> None:
        super().__init__(session_id, worker, expires_ns, heard_ns)
        self.session_id = session_id
        self.worker = worker
        self.expires_ns = expires_ns
        self.heard_ns = heard_ns  # when the worker last claimed or renewed its lease

    def __str__(self) -> str:
        return f"session {self.session_id!r} belongs to worker {self.worker!r} until {_moment(self.expires_ns)}; try again then"


class LeaseLost(SessionError):
    """The session belongs to a later worker, or to nobody."""

    def __init__(self, session_id: str, epoch: int) -> None:
        super().__init__(session_id, epoch)
        self.session_id = session_id
        self.epoch = epoch

    def __str__(self) -> str:
        return f"session {self.session_id!r}: epoch {self.epoch} is over; stop working on it, or claim it again"


class AlreadyAnswered(SessionError):
    """Something else was already put to the session under this subject."""

    def __init__(self, session_id: str, subject: str) -> None:
        super().__init__(session_id, subject)
        self.session_id = session_id
        self.subject = subject

    def __str__(self) -> str:
        return f"session {self.session_id!r}: {self.subject!r} was answered before; the first answer counts"


class SessionTimeout(SessionError):
    """A session ran longer than it may."""

    def __init__(self, session_id: str, timeout_seconds: float) -> None:
        super().__init__(session_id, timeout_seconds)
        self.session_id = session_id
        self.timeout_seconds = timeout_seconds

    def __str__(self) -> str:
        return (
            f"session {self.session_id!r} ran longer than {self.timeout_seconds:g} s; "
            "REEV_SESSION_TIMEOUT_SECONDS sets how long it may"
        )


class StepChanged(SessionError):
    """A flow does not call the step that its session's journal has; `step` is the first one that differs."""

    def __init__(self, session_id: str, step: str, details: str, advice: str = "") -> None:
        super().__init__(session_id, step, details, advice)
        self.session_id = session_id
        self.step = step
        self.details = details
        self.advice = advice or (
            "call it as before, let `session.version` choose, or do it anew: "
            f"`reev-flow sessions fork {as_typed(session_id, '--from', step)}`"
        )

    def __str__(self) -> str:
        changed = f"step {self.step!r} changed since it was recorded"
        return f"session {self.session_id!r}: {changed} ({self.details}); {self.advice}"


class StoreError(SessionError):
    """A store could not do what was asked; the driver's own error is kept behind it."""

    def __init__(self, location: str, details: str, advice: str = "") -> None:
        super().__init__(location, details, advice)
        self.location = location
        self.details = details
        self.advice = advice

    def __str__(self) -> str:
        told = f"{self.location}: {self.details}"
        return f"{told}; {self.advice}" if self.advice else told


class NewerSchema(StoreError):
    """Written by a newer release; it is left as it is."""

    def __init__(self, location: str, found: int, known: int) -> None:
        super().__init__(
            location, f"written by a newer release (schema {found}, this one knows {known})", "upgrade reev-flow"
        )
        self.args = (location, found, known)
        self.found = found
        self.known = known


def _moment(time_ns: int) -> str:
    try:
        return datetime.fromtimestamp(time_ns / 1_000_000_000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return f"{time_ns} ns"


class AmbiguousId(SessionError):
    """The beginning of an id that several have."""

    def __init__(self, prefix: str, candidates: tuple[str, ...]) -> None:
        super().__init__(prefix, candidates)
        self.prefix = prefix
        self.candidates = candidates

    def __str__(self) -> str:
        return f"{self.prefix!r} is the beginning of several ids ({', '.join(self.candidates)}, …); give more of one of them"
