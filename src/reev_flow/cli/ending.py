"""How a run of a flow ended, as a command tells it, and the exit code for it."""

import os
import sys
import traceback
from typing import Any, Protocol

import msgspec

from reev_flow.cli import EXIT_FAILED, EXIT_WAITING
from reev_flow.cli.hints import Hints
from reev_flow.cli.json_document import write_document
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_documents import question_documents, session_document
from reev_flow.cli.session_text import next_text, questions_text, result_text
from reev_flow.errors import ReevFlowError, SessionWaiting
from reev_flow.render.terminal_options import options_for
from reev_flow.runtime.inbox import Asked
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.state import SessionState
from reev_flow.values.shown import shown

LOST = ("FAILED", "SKIPPED")


class Signals(Protocol):
    """Whether the command was asked to stop."""

    received: int | None

    @property
    def exit_code(self) -> int:
        """For a process that ends because of it."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How the session stands, None when it never began; `error` is what its run raised."""

    session_id: str
    session: SessionData | None
    questions: dict[str, Asked]
    location: str
    error: BaseException | None = None
    is_json: bool = False
    wants_traceback: bool = False
    was_over: bool = False


def ending_before(session: SessionData, location: str, *, is_json: bool) -> Ending:
    """Of a session that was over when the command began."""
    return Ending(
        session_id=session.session_id, session=session, questions={}, location=location, is_json=is_json, was_over=True
    )


def conclude(ending: Ending, hints: Hints, signals: Signals | None = None) -> int:
    """Tells it, and gives the exit code. Raises what kept the flow from running."""
    session, error = ending.session, ending.error
    if ending.wants_traceback and error is not None and not isinstance(error, SessionWaiting):
        traceback.print_exception(error)
    is_signalled = signals is not None and signals.received is not None
    is_told = session is not None and (session.state.is_end or is_signalled or isinstance(error, SessionWaiting))
    if not is_told and isinstance(error, ReevFlowError):
        raise error
    if session is not None and ending.is_json:
        write_document(
            store=ending.location,
            session=session_document(session),
            questions=question_documents(ending.questions),
            was_over=ending.was_over,
        )
    if session is not None and session.state.is_end:
        return _tell_end(session, ending, hints)
    if signals is not None and signals.received is not None:
        tell(_told_stop(ending, hints))
        return signals.exit_code
    if isinstance(error, SessionWaiting):
        return _tell_questions(ending, hints)
    why = "cancelled by its own code" if error is None else f"{type(error).__name__}: {error}"
    tell(f"session {ending.session_id!r} stopped ({why}); `{hints.resume(ending.session_id)}` goes on with it")
    return EXIT_FAILED


def _tell_end(session: SessionData, ending: Ending, hints: Hints) -> int:
    before = " before" if ending.was_over else ""
    if session.state is SessionState.COMPLETED:
        tell(f"session {session.session_id} completed{before}" + ("; this is its result" if before else ""))
        if not ending.is_json:
            write_text(result_text(_output_of(session), options_for(sys.stdout, os.environ)))
        return 0
    told = f"session {session.session_id} failed{before}: " if session.state is SessionState.FAILED else ""
    tell(f"{told}{session.error}; `{hints.show(session.session_id)}` shows where")
    return EXIT_FAILED


def _output_of(session: SessionData) -> Any:
    """What a flow returned; of a plan, the result of its last step. Steps that a plan went on without are told."""
    value = shown(session.result)
    if not session.definition or not isinstance(value, dict) or not isinstance(value.get("steps"), list):
        return value
    for step in value["steps"]:
        if step["status"] in LOST:
            error = step["error"] or {}
            why = error.get("message") or step["reason"]
            tell(f"step {step['step_id']} {step['status'].lower()}: {why}; the flow went on without it")
    return value["steps"][-1]["value"] if value["steps"] else None


def _told_stop(ending: Ending, hints: Hints) -> str:
    if ending.session is None:
        return "stopped before the session began"
    waits = ending.session.state is SessionState.WAITING
    stands = "waits for an answer" if waits else "was interrupted"
    return f"session {ending.session_id} {stands}; `{hints.resume(ending.session_id)}` goes on with it"


def _tell_questions(ending: Ending, hints: Hints) -> int:
    if not ending.is_json:
        options = options_for(sys.stdout, os.environ)
        answers = [("answer", command) for command in hints.answers(ending.session_id, ending.questions)]
        steps = [*answers, ("then", hints.resume(ending.session_id))]
        write_text(f"session {ending.session_id} waits for an answer\n")
        write_text(questions_text(ending.questions, options) + next_text(steps, options))
    return EXIT_WAITING
