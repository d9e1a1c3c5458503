"""What is put to sessions from outside: answers to their questions, and the wish that they end."""

from contextlib import suppress
from typing import Any

import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import AlreadyAnswered, InvalidAnswer, LeaseHeld, NoSuchQuestion, SessionCancelled, SessionTimeout
from reev_flow.flows.failures import failure_of
from reev_flow.flows.questions import subject_of
from reev_flow.runtime.keeper import CANCEL, SessionKeeper
from reev_flow.runtime.schemas import misfit
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import Message
from reev_flow.sessions.history import read_history
from reev_flow.sessions.records import Question, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore
from reev_flow.values.tagged import encode


class Asked(msgspec.Struct, frozen=True):
    """A question that is open, and what an answer to it is addressed to."""

    question: Question
    subject: str
    is_open: bool  # in the journal: nobody has read an answer to it
    is_answered: bool


async def open_questions(store: SessionStore, session_id: str) -> dict[str, Asked]:
    """By step, without those that have an answer that nobody has read yet."""
    return {step: asked for step, asked in (await _asked(store, session_id)).items() if not asked.is_answered}


async def _asked(store: SessionStore, session_id: str) -> dict[str, Asked]:
    """Every question that the session put, open or not, as it was put last. One that ended asks nothing any longer."""
    loading = store.load(session_id)
    reading, hearing = store.read_journal(session_id), store.messages(session_id)
    if (await awaited(loading)).state.is_end:
        return {}
    entries = await awaited(reading)
    answered = {message.subject for message in await awaited(hearing)}
    found: dict[str, Asked] = {}
    for step, history in read_history(entries).items():
        question = None if history.asked is None else read_record(history.asked)
        if history.asked is not None and isinstance(question, Question):
            subject = subject_of(step, history.asked.attempt)
            is_open = history.last is history.asked
            found[step] = Asked(question, subject, is_open=is_open, is_answered=subject in answered or not is_open)
    return found


async def need_not_wait(store: SessionStore, session_id: str, now_ns: int) -> bool:
    """Whether a question of it was answered that its journal still has as open, the deadline of one has passed, or somebody wished that it
    be cancelled and no worker lived to hear of it.
    """
    hearing = store.messages(session_id)
    for asked in (await _asked(store, session_id)).values():
        deadline_ns = asked.question.deadline_ns
        if asked.is_open and (asked.is_answered or (deadline_ns is not None and deadline_ns <= now_ns)):
            return True
    return any(message.subject == CANCEL for message in await awaited(hearing))


async def send_answer(
    store: SessionStore, clock: Clock, session_id: str, value: Any, *, step: str = "", sender: str = ""
) -> None:
    """To the open question of that step; without a step there must be one open question only."""
    known = await _asked(store, session_id)
    asked = {name: one for name, one in known.items() if not one.is_answered}
    if step in known and step not in asked:
        raise AlreadyAnswered(session_id, step)
    if step not in asked and (step or len(asked) != 1):
        raise NoSuchQuestion(session_id, step, tuple(asked))
    step = step or next(iter(asked))
    details = misfit(value, asked[step].question.schema)
    if details:
        raise InvalidAnswer(session_id, step, details)
    message = Message(
        session_id=session_id,
        subject=asked[step].subject,
        value=encode(value, name="answer"),
        sent_ns=clock.now_ns(),
        sender=sender,
    )
    await awaited(store.send(message))


async def cancel(
    keeper: SessionKeeper, session_id: str, reason: str, *, state: SessionState = SessionState.CANCELLED
) -> bool:
    """Whether the session has ended in that state; False when its worker, here or elsewhere, was only told."""
    reason = reason.encode("utf-8", "backslashreplace").decode()  # as much of it as can be kept
    held = keeper.held.get(session_id)
    if held is not None:
        held.work.stop(SessionCancelled(session_id, reason))
        return False
    session = await awaited(keeper.store.load(session_id))
    if session.state.is_end:
        return session.state is state
    try:
        lease = await keeper.claim(session_id)
    except LeaseHeld:
        if state is SessionState.CANCELLED:  # its worker knows best whether its time is over
            await _send_wish(keeper, session_id, reason)
        return False
    try:
        loading, reading = keeper.store.load(session_id), keeper.store.read_journal(session_id)
        session, entries = await awaited(loading), await awaited(reading)
        if session.state.is_end:
            return session.state is state
        work = keeper.work_under(lease, session, entries)
        work.recorder.take_over(lease.heard_ns)
        error = _end_of(state, session_id, reason, keeper.config.timeout_seconds)
        result = failure_of(error).encoded()
        work.recorder.change_state(state, reason=str(error), error=str(error), result=result)
        await work.checkpoint()
    finally:
        keeper.store.release(lease)
    return True


def _end_of(state: SessionState, session_id: str, reason: str, timeout_seconds: float) -> Exception:
    if state is SessionState.TIMED_OUT:
        return SessionTimeout(session_id, timeout_seconds)
    return SessionCancelled(session_id, reason)


async def _send_wish(keeper: SessionKeeper, session_id: str, reason: str) -> None:
    wish = Message(session_id=session_id, subject=CANCEL, value=reason.encode(), sent_ns=keeper.clock.now_ns())
    with suppress(AlreadyAnswered):  # somebody wished for it before
        await awaited(keeper.store.send(wish))
