"""What can go wrong with the steps of a session and with the questions it asks."""

from reev_flow.errors.root import ReevFlowError
from reev_flow.errors.sessions import SessionError
from reev_flow.errors.typed import as_typed

MOST_SHOWN = 10


class InvalidStep(ReevFlowError):
    """A step that was called in a way that would not find it again after a crash."""

    def __init__(self, step: str, details: str, advice: str) -> None:
        super().__init__(step, details, advice)
        self.step = step
        self.details = details
        self.advice = advice

    def __str__(self) -> str:
        return f"step {self.step!r}: {self.details}; {self.advice}"


class StepFailed(SessionError):
    """A step raised something that cannot be raised again as it was; `kind` is `module:qualname` of its class."""

    def __init__(self, session_id: str, step: str, kind: str, message: str) -> None:
        super().__init__(session_id, step, kind, message)
        self.session_id = session_id
        self.step = step
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        return f"session {self.session_id!r}: step {self.step!r} failed with {self.kind.rpartition(':')[2]}: {self.message}"


class StepInDoubt(SessionError):
    """A step was caught in the middle, and it is declared to fail then; its effect may have happened."""

    def __init__(self, session_id: str, step: str) -> None:
        super().__init__(session_id, step)
        self.session_id = session_id
        self.step = step

    def __str__(self) -> str:
        return (
            f"session {self.session_id!r}: step {self.step!r} was interrupted and may have happened; "
            "find out outside, it is not run again"
        )


class StepTimeout(SessionError, TimeoutError):
    """A step took longer than its `timeout`."""

    def __init__(self, session_id: str, step: str, timeout_seconds: float) -> None:
        super().__init__(session_id, step, timeout_seconds)
        self.session_id = session_id
        self.step = step
        self.timeout_seconds = timeout_seconds

    def __str__(self) -> str:
        return f"session {self.session_id!r}: step {self.step!r} took longer than its {self.timeout_seconds:g} s"


class QuestionExpired(SessionError):
    """Nobody answered before the deadline of a question."""

    def __init__(self, session_id: str, step: str, question: str) -> None:
        super().__init__(session_id, step, question)
        self.session_id = session_id
        self.step = step
        self.question = question

    def __str__(self) -> str:
        return f"session {self.session_id!r}: nobody answered {self.question!r} before its deadline"


class InvalidAnswer(SessionError):
    """An answer that is not of the kind asked for; the question stays open."""

    def __init__(self, session_id: str, step: str, details: str) -> None:
        super().__init__(session_id, step, details)
        self.session_id = session_id
        self.step = step
        self.details = details

    def __str__(self) -> str:
        return (
            f"session {self.session_id!r}: that does not answer {self.step!r}: {self.details}; the question stays open"
        )


class NoSuchQuestion(SessionError):
    """An answer to a question that the session does not ask; `open_questions` are those it does."""

    def __init__(self, session_id: str, question: str, open_questions: tuple[str, ...]) -> None:
        super().__init__(session_id, question, open_questions)
        self.session_id = session_id
        self.question = question
        self.open_questions = open_questions

    def __str__(self) -> str:
        if not self.open_questions:
            return f"session {self.session_id!r} asks nothing; `reev-flow sessions show {as_typed(self.session_id)}` shows how it stands"
        which = "several questions are open" if not self.question else f"it does not ask {self.question!r}"
        return f"session {self.session_id!r}: {which}; name one of {', '.join(self.open_questions)}"


class NoSuchStep(SessionError):
    """A step that the journal of the session does not know, or that more than one is called; `known` are those that it can be."""

    def __init__(self, session_id: str, step: str, known: tuple[str, ...]) -> None:
        super().__init__(session_id, step, known)
        self.session_id = session_id
        self.step = step
        self.known = known

    def __str__(self) -> str:
        if not self.known:
            return f"session {self.session_id!r} has begun no step, so it has none {self.step!r}"
        shown = ", ".join(self.known[:MOST_SHOWN]) + (", …" if len(self.known) > MOST_SHOWN else "")
        return f"session {self.session_id!r} has no step {self.step!r}; name one of {shown}"


class SessionWaiting(SessionError):
    """A run stopped at a question and goes on when it is answered; `questions` are the open ones, by step."""

    def __init__(self, session_id: str, questions: tuple[tuple[str, str], ...]) -> None:
        super().__init__(session_id, questions)
        self.session_id = session_id
        self.questions = questions

    def __str__(self) -> str:
        asked = "; ".join(f"{step}: {text}" for step, text in self.questions)
        return f"session {self.session_id!r} waits for an answer ({asked}); `reev-flow sessions answer {as_typed(self.session_id)}` gives it"


class SessionCancelled(SessionError):
    """The session was cancelled."""

    def __init__(self, session_id: str, reason: str = "") -> None:
        super().__init__(session_id, reason)
        self.session_id = session_id
        self.reason = reason

    def __str__(self) -> str:
        return f"session {self.session_id!r} was cancelled" + (f": {self.reason}" if self.reason else "")


class SessionInterrupted(SessionError):
    """A worker stopped before the session ended; it goes on where it was when somebody resumes it."""

    def __init__(self, session_id: str) -> None:
        super().__init__(session_id)
        self.session_id = session_id

    def __str__(self) -> str:
        return f"session {self.session_id!r} was interrupted; `reev-flow resume {as_typed(self.session_id)}` goes on with it"


class TooManySessions(SessionError):
    """More sessions wait for their turn than the queue holds."""

    def __init__(self, running: int, waiting: int) -> None:
        super().__init__(running, waiting)
        self.running = running
        self.waiting = waiting

    def __str__(self) -> str:
        return (
            f"{self.running:,} sessions run and {self.waiting:,} wait for their turn; "
            "try later, or raise REEV_SESSION_MAX_CONCURRENT"
        )


class UnknownFlow(SessionError):
    """The code of a flow was not found under the name that its session remembers."""

    def __init__(self, entry_point: str, details: str) -> None:
        super().__init__(entry_point, details)
        self.entry_point = entry_point
        self.details = details

    def __str__(self) -> str:
        return f"no flow {self.entry_point!r}: {self.details}; give its module:name with --app, or the flow itself"
