"""Questions to people: put once, waited for without holding up a worker, answered whenever the answer comes."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from reev_flow.errors import InvalidAnswer, InvalidStep, QuestionExpired
from reev_flow.flows.failures import failure_of, raised_again
from reev_flow.flows.work import SessionWork
from reev_flow.sessions.data import Message
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Answer, Failure, Question, read_record
from reev_flow.values.refusal import UnreadableValue
from reev_flow.values.tagged import decode

T = TypeVar("T")

NS = 1_000_000_000
MOST_SECONDS = 1_000_000_000
A_MOMENT_SECONDS = 0.02


async def ask(work: SessionWork, step: str, question: Question, schema: Any) -> Any:
    """The answer, as an instance of `schema` when that is a type. Raises `QuestionExpired` after the deadline."""
    history = work.recorder.history.get(step)
    if history is not None and history.standing is Standing.ANSWERED:
        answer = read_record(history.last)
        assert isinstance(answer, Answer)  # noqa: S101 - that is what ANSWERED holds
        return _read(work, step, answer.value, schema)
    if history is not None and history.standing is Standing.FAILED:
        failure = read_record(history.last)
        assert isinstance(failure, Failure)  # noqa: S101 - that is what FAILED holds
        raise raised_again(failure, work.session.session_id, step)
    await work.may_begin()
    if history is None:
        await work.refuse_another(step)
    return await put_question(work, step, question, lambda data: _read(work, step, data, schema), history=history)


async def put_question(
    work: SessionWork, step: str, question: Question, read: Callable[[bytes], T], *, history: StepHistory | None
) -> T:
    """What `read` makes of the answer. One that it refuses with `InvalidAnswer` is recorded, and the question is put again."""
    number, asked = _asked_before(history)
    question = asked or question
    while True:
        if asked is None:
            number += 1
            work.recorder.note(EntryKind.ASKED, question.encoded(), step=step, attempt=number)
            await work.checkpoint()
        message = await _answer_to(work, step, number, question)
        answer = Answer(value=message.value, sent_ns=message.sent_ns, sender=message.sender)
        try:
            value = read(message.value)
        except InvalidAnswer as refusal:
            failure = failure_of(refusal, retry_ns=work.recorder.now_ns())
            work.recorder.note(EntryKind.FAILED, failure.encoded(), step=step, attempt=number)
            asked = None
            continue
        work.recorder.note(EntryKind.ANSWERED, answer.encoded(), step=step, attempt=number)
        if not question.in_doubt:
            await work.save()
        return value


def _asked_before(history: StepHistory | None) -> tuple[int, Question | None]:
    """How often it was put, and the question as it was put if that one is still open."""
    if history is None or history.asked is None:
        return 0, None
    question = read_record(history.asked)
    is_open = history.last.kind is EntryKind.ASKED
    return history.asked.attempt, question if is_open and isinstance(question, Question) else None


def subject_of(step: str, number: int) -> str:
    """What an answer is addressed to: a question that is put again takes a new answer."""
    return f"{step}@{number}"


async def _answer_to(work: SessionWork, step: str, number: int, question: Question) -> Message:
    subject = subject_of(step, number)
    answer = work.expect(subject, step, question.text, question.deadline_ns)
    try:
        await work.keeper.look_for_answers(work)  # it may have come while nobody worked on the session
        if not answer.done() and _seconds_left(work, question) != 0:  # past its deadline there is nothing to rest for
            with work.released():
                await asyncio.wait([answer], timeout=A_MOMENT_SECONDS)  # other branches may have something to do
                if not answer.done():
                    await work.rest_if_idle()
                    await asyncio.wait([answer], timeout=_seconds_left(work, question))
                await work.keeper.go_on(work)
        if not answer.done():
            await work.keeper.look_for_answers(work)
    finally:
        work.forget_question(subject)
    await work.may_begin()
    work.rest_later()  # other questions may still be open
    if answer.done():
        return answer.result()
    expired = QuestionExpired(work.session.session_id, step, question.text)
    work.recorder.note(EntryKind.FAILED, failure_of(expired).encoded(), step=step, attempt=number)
    await work.save()
    raise expired


def _seconds_left(work: SessionWork, question: Question) -> float | None:
    if question.deadline_ns is None:
        return None
    return max(0, question.deadline_ns - work.recorder.now_ns()) / NS


def deadline_ns(deadline: float | timedelta | datetime | None, now_ns: int) -> int | None:
    """Seconds and time spans count from now. A moment needs its time zone."""
    if deadline is None:
        return None
    if isinstance(deadline, datetime):
        if deadline.tzinfo is None:
            raise InvalidStep("ask", "a deadline without a time zone", "use datetime.now(UTC) + …, or seconds")
        return int(deadline.timestamp() * NS)
    seconds = deadline.total_seconds() if isinstance(deadline, timedelta) else deadline
    if not abs(seconds) <= MOST_SECONDS:
        raise InvalidStep("ask", f"a deadline in {seconds} s", "leave it out when there is none")
    return now_ns + int(seconds * NS)


def schema_of(schema: Any) -> bytes:
    """The JSON Schema of a type, or a JSON Schema as it was given; empty for any answer."""
    if schema is None:
        return b""
    try:
        made = schema if isinstance(schema, dict) else msgspec.json.schema(schema, schema_hook=_schema_of_model)
        return msgspec.json.encode(made)
    except TypeError as error:
        raise InvalidStep("ask", f"no JSON Schema can be made of {schema!r}", "use a type of JSON values") from error


def _read(work: SessionWork, step: str, data: bytes, schema: Any) -> Any:
    try:
        value = decode(data)
        return value if schema is None or isinstance(schema, dict) else built(value, schema)
    except (msgspec.ValidationError, UnreadableValue) as error:
        raise InvalidAnswer(work.session.session_id, step, str(error)) from error


def built(value: Any, kind: Any) -> Any:
    """What JSON values stand for, by a type; models of pydantic too. Raises `msgspec.ValidationError`."""
    return msgspec.convert(value, kind, dec_hook=_built_model)


def _built_model(kind: type[Any], value: Any) -> Any:
    if not hasattr(kind, "model_validate"):
        raise TypeError(f"no {kind.__name__} can be made of JSON values")
    return kind.model_validate(value)


def _schema_of_model(kind: type[Any]) -> Any:
    if not hasattr(kind, "model_json_schema"):
        raise NotImplementedError
    return kind.model_json_schema()
