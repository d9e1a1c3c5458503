"""Runs a flow in its session to an end, and keeps how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from reev_flow.errors import (
    SessionCancelled,
    SessionError,
    SessionInterrupted,
    SessionTimeout,
    StepChanged,
)
from reev_flow.flows.failures import as_raised, failure_of, raised_again
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.executor import FlowResult
from reev_flow.flows.work import SessionWork
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.refusals import NOT_THE_FLOWS, refusal_in
from reev_flow.sessions.data import Interruption, SessionData
from reev_flow.sessions.records import Failure, read_failure
from reev_flow.sessions.state import SessionState
from reev_flow.values.tagged import decode, encode

Body = Callable[[SessionHandle], Awaitable[Any]]

MOMENTS_FOR_OTHERS = 10  # tasks that the flow did not wait for read back what they did before

WORKER_STOPPED = "its worker stopped"

ENDS_BY: dict[type[SessionError], SessionState] = {
    SessionTimeout: SessionState.TIMED_OUT,
    SessionCancelled: SessionState.CANCELLED,
    SessionInterrupted: SessionState.INTERRUPTED,
}


async def drive(
    keeper: SessionKeeper, handle: SessionHandle, work: SessionWork, body: Body, *, annotation: object = None
) -> Any:
    """The result of `body`, as a later reader will get it. Raises what it raised, or what stopped it; `StepChanged` when it did not come to
    steps that are in the journal.
    """
    task = asyncio.get_running_loop().create_task(_run(body, handle))
    work.root = task
    try:
        result = await task
    except asyncio.CancelledError:
        if work.stopped_by is None:
            work.stopped_by = SessionInterrupted(handle.session_id)
            await asyncio.shield(end_stopped(keeper, work, reason=_why_interrupted(task)))
            raise
        await end_stopped(keeper, work)
        raise work.stopped_by from None
    except Exception as error:  # noqa: BLE001 - whatever a flow raises is its outcome
        await _end_failed(keeper, work, _why(work, error))
    except BaseException:  # the program's end, or an error that is meant for no flow
        work.stop(SessionInterrupted(handle.session_id))
        await end_stopped(keeper, work, reason=_why_interrupted(task))
        raise
    if work.stopped_by is not None:  # the flow took no notice
        await end_stopped(keeper, work)
        raise work.stopped_by
    changed = await _what_was_left(work)
    if changed is not None:
        await _end_failed(keeper, work, changed)
    return await end_with_result(keeper, work, result, annotation=annotation)


def _why_interrupted(flow: "asyncio.Task[Any]") -> str:
    """A flow that ends the program would end that of whoever takes it up next: workers have to know, so that they let it rest."""
    ended = flow.exception() if flow.done() and not flow.cancelled() else None
    return f"it ended its program (exit code {ended.code})" if isinstance(ended, SystemExit) else WORKER_STOPPED


def _why(work: SessionWork, error: Exception) -> Exception:
    """A flow that fails where it did not fail before is not over."""
    if work.stopped_by is not None or work.recorder.is_broken:
        return error
    refusal = refusal_in(error)
    if refusal is not None:
        return refusal
    try:
        work.passage.refuse_failure(error)
    except StepChanged as changed:
        return changed
    return error


async def _what_was_left(work: SessionWork) -> StepChanged | None:
    try:
        if work.passage.has_left:
            for _ in range(MOMENTS_FOR_OTHERS):
                await asyncio.sleep(0)
        work.passage.refuse_end()
    except StepChanged as changed:
        return changed
    return None


async def _run(body: Body, handle: SessionHandle) -> Any:
    handle.begin_here()
    return await body(handle)


async def end_with_result(keeper: SessionKeeper, work: SessionWork, result: Any, *, annotation: object = None) -> Any:
    """Keeps the result. One that cannot be kept makes the session fail, and so does that of a plan that failed."""
    try:
        data = encode(result, annotation=annotation, name="result of the flow")
        read_back = decode(data, annotation=annotation, name="result of the flow")
    except Exception as error:  # noqa: BLE001 - any reason not to be kept is the flow's failure
        await _end_failed(keeper, work, error, is_over=True)
    if isinstance(result, FlowResult) and not result.is_completed:
        text = f"step {result.failed_by} failed: {result.error}"
        await end(keeper, work, SessionState.FAILED, reason=text, error=text, result=data)
    else:
        await end(keeper, work, SessionState.COMPLETED, result=data)
    return read_back


async def _end_failed(keeper: SessionKeeper, work: SessionWork, error: Exception, *, is_over: bool = False) -> NoReturn:
    """A session whose worker can no longer write is not over: it goes on when somebody resumes it."""
    if work.stopped_by is not None:
        await end_stopped(keeper, work)
        raise work.stopped_by from (None if error is work.stopped_by else error)
    if work.recorder.is_broken:
        keeper.put_down(work)
        raise error
    if isinstance(error, NOT_THE_FLOWS) and not is_over:
        await interrupt(keeper, work, reason=str(error))
        raise error
    await fail(keeper, work, error)
    raise as_raised(error, failure_of(error), work.session.session_id, "")


async def fail(keeper: SessionKeeper, work: SessionWork, error: Exception) -> None:
    failure = failure_of(error)
    text = f"{type(error).__name__}: {failure.message}"
    await end(keeper, work, SessionState.FAILED, reason=text, error=text, result=failure.encoded())


async def end_stopped(keeper: SessionKeeper, work: SessionWork, *, reason: str = WORKER_STOPPED) -> None:
    """`reason` is why it is interrupted, if that is how it stopped."""
    error = work.stopped_by
    state = ENDS_BY.get(type(error)) if error is not None else None
    if (
        error is None or state is None or work.recorder.is_broken
    ):  # it waits, or another worker has it: nothing to write
        keeper.put_down(work)
        return
    if state is not SessionState.INTERRUPTED:
        await end(keeper, work, state, reason=str(error), error=str(error), result=failure_of(error).encoded())
        return
    await interrupt(keeper, work, reason=reason)


async def interrupt(keeper: SessionKeeper, work: SessionWork, *, reason: str = WORKER_STOPPED) -> None:
    """Leaves the session to whoever resumes it. One that waits goes on waiting."""
    if work.session.state is SessionState.RUNNING:
        interruption = Interruption(step_index=work.recorder.step_index, context=reason)
        await end(keeper, work, SessionState.INTERRUPTED, reason=reason, interruption=interruption)
    else:
        keeper.put_down(work)


async def end(keeper: SessionKeeper, work: SessionWork, state: SessionState, *, reason: str = "", **facts: Any) -> None:
    """Writes how it ended and gives up the lease, in one go."""
    await keeper.settled(work.session.session_id)
    try:
        work.recorder.change_state(state, reason=reason, **facts)
        saved = work.recorder.commit()
    finally:
        keeper.put_down(work)
    await work.acknowledged(saved)


def outcome_of(session: SessionData, annotation: object = None) -> Any:
    """The result of a session that ended; raises what it ended with."""
    failure = None if session.state is SessionState.COMPLETED else read_failure(session.result)
    is_failed_plan = bool(session.definition and session.result) and failure is None
    if session.state is SessionState.COMPLETED or is_failed_plan:
        return decode(session.result, annotation=annotation, name="result of the flow")
    raise raised_again(failure or Failure(kind="", message=session.error), session.session_id, "")
