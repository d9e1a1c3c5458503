"""A run of a flow as its journal tells it, as plain data: what was tried when, and when nothing could go on."""

from enum import StrEnum
from hashlib import blake2b

import msgspec

from reev_flow.trace.span import Operation, Value

HAPPENED = "happened"
NOT_HAPPENED = "not happened"


class Outcome(StrEnum):
    """How an attempt stands. Who waits does so for the answer to a question."""

    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    WAITING = "waiting"
    RUNNING = "running"


class GapKind(StrEnum):
    """Why a run stood still: no worker held it, or a person was asked."""

    DOWN = "down"
    WAITING = "waiting"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at a step, or one question. `number` counts from 1 within its step.

    A `question` is its text; its answer is the `result`. One that `is_in_doubt` is about what became of an attempt at the step of the same
    name. `settled` is what was found out about an interrupted attempt: `HAPPENED`, `NOT_HAPPENED`, or nothing. `by` is who answered, or found out.
    Arguments and results are there to be looked at; None where they are not known.
    """

    step: str
    name: str
    number: int
    operation: Operation = Operation.STEP
    effect: str = ""
    started_ns: int
    ended_ns: int | None = None
    outcome: Outcome = Outcome.RUNNING
    arguments: Value = None
    result: Value = None
    error_type: str = ""
    error_message: str = ""
    reason: str = ""
    settled: str = ""
    by: str = ""
    question: str = ""
    is_in_doubt: bool = False

    @property
    def is_question(self) -> bool:
        return bool(self.question) or self.is_in_doubt


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which the run, or a branch of it, stood still; without an end it still does."""

    kind: GapKind
    start_ns: int
    end_ns: int | None = None
    label: str = ""


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """The run that another one goes on from with other work, and the step before which they part."""

    session_id: str
    trace_id: str
    step: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One run, over all the workers it had. `attempts` and `gaps` are in the order in which they began to be recorded.

    Times are UTC nanoseconds since 1970. `state` is that of the session. `parent_span_id` is the span that it began in, if there was one.
    `forked_from` is the run from which the `kept` attempts were taken: they are of no time of this one. `versions` are those of pieces of code, by name.
    """

    session_id: str
    flow: str
    trace_id: str
    parent_span_id: str | None = None
    state: str
    started_ns: int
    ended_ns: int | None = None
    attempts: tuple[Attempt, ...] = ()
    gaps: tuple[Gap, ...] = ()
    arguments: Value = None
    result: Value = None
    error: str = ""
    versions: tuple[tuple[str, int], ...] = ()
    forked_from: Fork | None = None
    kept: tuple[Attempt, ...] = ()


def flow_span_id(session_id: str) -> str:
    """The same over any number of crashes. Like all span ids, 16 hexadecimal digits."""
    return _span_id("flow", session_id)


def step_span_id(session_id: str, step: str, attempt: int) -> str:
    """Known before the step runs, so that what happens inside it can name its parent."""
    return _span_id("step", session_id, step, str(attempt))


def question_span_id(session_id: str, step: str, number: int) -> str:
    """A question about a step has the step's name, and is not the step."""
    return _span_id("question", session_id, step, str(number))


def gap_span_id(session_id: str, kind: GapKind, number: int) -> str:
    """`number` counts the gaps of that kind from 1."""
    return _span_id("gap", session_id, kind, str(number))


def _span_id(*parts: str) -> str:
    """Each part goes with its length, so that no two lists of parts make the same bytes."""
    encoded = [part.encode(errors="surrogatepass") for part in parts]
    data = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return blake2b(data, digest_size=8, person=b"reev-flow-span").hexdigest()
