"""A flow that a command runs: until it ends, asks something, or is to stop."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec

from reev_flow.cli.ending import Ending, conclude
from reev_flow.cli.hints import Hints, told_schema
from reev_flow.cli.managed import Start, run_managed
from reev_flow.cli.output import tell
from reev_flow.cli.stop_signals import StopSignals
from reev_flow.errors import SessionError, SessionNotFound
from reev_flow.runtime.inbox import Asked, open_questions
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore

LOOKS_EVERY_SECONDS = 0.5


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """Which session is moved on, where it is kept, and how what comes of it is to be told."""

    session_id: str
    place: str
    hints: Hints
    is_new: bool = False
    waits: bool = False
    is_json: bool = False
    wants_traceback: bool = False


def perform(performance: Performance, start: Start[Any]) -> int:
    """Runs what `start` begins, tells what came of it, and gives the exit code."""
    session_id = performance.session_id

    async def begin(manager: SessionManager) -> Any:
        if performance.is_new:
            tell(f"session {session_id}, kept in {manager.store.location}")
        telling = asyncio.create_task(_tell_questions(performance, manager.store))
        try:
            return await start(manager)
        finally:
            telling.cancel()

    async def end(running: "asyncio.Task[Any]", store: SessionStore, signals: StopSignals) -> int:
        return conclude(await _ending(performance, running, store), performance.hints, signals)

    on_no_end = (
        f"session {session_id!r} was left in the middle; `{performance.hints.resume(session_id)}` goes on with it"
    )
    return run_managed(performance.place, begin, end, on_no_end=on_no_end, is_json=performance.is_json)


async def _ending(performance: Performance, running: "asyncio.Task[Any]", store: SessionStore) -> Ending:
    session: SessionData | None = None
    questions: dict[str, Asked] = {}
    with suppress(SessionNotFound):
        session = await awaited(store.load(performance.session_id))
        if not session.state.is_end:
            questions = await open_questions(store, performance.session_id)
    return Ending(
        session_id=performance.session_id,
        session=session,
        questions=questions,
        location=store.location,
        error=running.exception() if running.done() and not running.cancelled() else None,
        is_json=performance.is_json,
        wants_traceback=performance.wants_traceback,
    )


async def _tell_questions(performance: Performance, store: SessionStore) -> None:
    """Each question once, as soon as the session waits for its answer."""
    told: set[str] = set()
    while performance.waits:
        await asyncio.sleep(LOOKS_EVERY_SECONDS)
        for step, asked in (await _waits_for(performance.session_id, store)).items():
            if asked.subject not in told:
                told.add(asked.subject)
                wanted = "" if asked.question.in_doubt else told_schema(asked.question.schema)
                commands = performance.hints.answers(performance.session_id, {step: asked})
                answers = " or ".join(f"`{command}`" for command in commands)
                tell(f"{step} asks: {asked.question.text}{f' ({wanted})' if wanted else ''}; {answers} answers")


async def _waits_for(session_id: str, store: SessionStore) -> dict[str, Asked]:
    """Nothing before the session has begun, and while it has something else to do. What is wrong with a store is told by who writes."""
    with suppress(SessionError):
        session = await awaited(store.load(session_id))
        if session.state is SessionState.WAITING:
            return await open_questions(store, session_id)
    return {}
