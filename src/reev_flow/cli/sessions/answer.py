"""`reev-flow sessions answer`: what a person says to a session, whether or not a process lives that waits for it."""

import asyncio
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from reev_flow.cli.hints import Hints
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, SessionId, Store
from reev_flow.cli.output import tell
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import find_session, opened
from reev_flow.cli.session_view import questions_of
from reev_flow.clock import SystemClock
from reev_flow.errors import AlreadyAnswered, ReevFlowError
from reev_flow.runtime.inbox import send_answer
from reev_flow.runtime.schemas import misfit
from reev_flow.sessions.store import SessionStore

Value = Annotated[
    str | None,
    Parameter(help="The answer: JSON, or text where that is no JSON or not wanted."),
]
QuestionOf = Annotated[
    str,
    Parameter(name="--question", show_default=False, help="The step that asks, if the session asks several questions."),
]
Happened = Annotated[bool, Parameter(help="Of a step in doubt: it did its work; --result says what came of it.")]
NotHappened = Annotated[bool, Parameter(help="Of a step in doubt: it did nothing, and may run again.")]
Result = Annotated[str | None, Parameter(help="With --happened, the result of the step as JSON.")]
Sender = Annotated[str, Parameter(name="--by", show_default=False, help="Who answers; kept with the answer.")]


class WrongAnswer(ReevFlowError):
    """Options that make no answer."""


def answer(  # noqa: PLR0913 - options that are all given by name
    session_id: SessionId,
    value: Value = None,
    /,
    *,
    question: QuestionOf = "",
    happened: Happened = False,
    not_happened: NotHappened = False,
    result: Result = None,
    by: Sender = "",
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Answer a question that a session asks. The first answer counts."""
    verdict = _verdict(happened=happened, not_happened=not_happened, result=result)
    if (value is None) == (verdict is None):
        raise WrongAnswer("give one answer: VALUE, or --happened or --not-happened for a step in doubt")
    with opened(place_of(store), session_id) as kept:
        session_id = find_session(kept, session_id).session_id
        step, schema = _asked(kept, session_id, question)
        said = verdict if value is None else _read(value, schema)
        asyncio.run(send_answer(kept, SystemClock(), session_id, said, step=step, sender=by))
        location = kept.location
    go_on = Hints(store=store or "").resume(session_id)
    if json:
        write_document(store=location, session_id=session_id, step=step, answer=said, next=go_on)
    tell(f"answered {step} of session {session_id}; unless its process waits for the answer, `{go_on}` goes on with it")
    return 0


def _verdict(*, happened: bool, not_happened: bool, result: str | None) -> dict[str, Any] | None:
    if happened and not_happened:
        raise WrongAnswer("a step happened or it did not; give one of --happened and --not-happened")
    if result is not None and not happened:
        raise WrongAnswer("--result is what came of a step that --happened")
    if not happened:
        return {"happened": False} if not_happened else None
    if result is None:
        return {"happened": True}
    try:
        return {"happened": True, "result": msgspec.json.decode(result)}
    except msgspec.DecodeError as error:
        raise WrongAnswer(f"--result {result!r} is not JSON ({error}); text wants quotes: '\"tx-1\"'") from error


def _asked(store: SessionStore, session_id: str, step: str) -> tuple[str, bytes]:
    """The step that asks, and the JSON Schema of its answer. What is wrong with a question that is not open is for `send_answer` to say."""
    asked = questions_of(store, session_id)
    if not step and len(asked) == 1:
        step = next(iter(asked))
    if not step and not asked and store.messages(session_id).result():
        raise AlreadyAnswered(session_id, store.messages(session_id).result()[-1].subject.rpartition("@")[0])
    return step, asked[step].question.schema if step in asked else b""


def _read(text: str, schema: bytes) -> Any:
    """As JSON where that fits the question, else as text where that does; which of both is wrong is told about the JSON."""
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return text if misfit(value, schema) and not misfit(text, schema) else value
