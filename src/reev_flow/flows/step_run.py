"""How a step is run once: read back if the journal has its outcome, else run, recorded, and only then answered."""

import asyncio
from typing import Any

from reev_flow.errors import StepChanged, StepInDoubt
from reev_flow.flows.doubt import UNSEEN, may_have_run_unseen, settle_doubt
from reev_flow.flows.failures import as_raised, failure_of, raised_again
from reev_flow.flows.step_call import StepCall, invoke
from reev_flow.flows.work import SessionWork
from reev_flow.sessions.history import ENDED, Standing, StepHistory
from reev_flow.sessions.journal import Effect, EntryKind
from reev_flow.sessions.records import Began, Failure, Stop, Verdict, read_record
from reev_flow.values.digest import has_changed
from reev_flow.values.tagged import decode, encode, read_back

NS = 1_000_000_000


async def perform(work: SessionWork, call: StepCall) -> Any:
    """The result of the step, or what it raised: the same whether it runs now or ran before a restart."""
    if not work.is_stepping:
        await work.enter_step()
    task = asyncio.current_task()
    work.hold(task)
    try:
        arguments = call.arguments_digest()
        history = await _history_of(work, call, arguments) if work.recorder.has_past else None
        if history is None:
            return await _run(work, call, arguments, attempt=1)
        return await _result_after(work, call, arguments, history)
    except asyncio.CancelledError:
        if work.stopped_by is None or work.root is not None or task is None:
            raise
        task.uncancel()  # a step called by hand has nobody else to say why it was stopped
        raise work.stopped_by from None
    finally:
        work.let_go(task)


async def _history_of(work: SessionWork, call: StepCall, arguments: bytes) -> StepHistory | None:
    """Raises `StepChanged` when the code that runs now does not fit it."""
    history = work.recorder.history.get(call.identity)
    if history is not None and has_changed(history.arguments or None, arguments):
        await work.catching_up.wait_quietly()
        raise StepChanged(work.session.session_id, call.identity, "it is called with other arguments")
    if work.catching_up.is_on and (history is None or history.standing not in ENDED):
        await work.catching_up.hold_back(call.identity)
    if history is None:
        await work.refuse_another(call.identity)
    if may_have_run_unseen(work.recorder, call.on_interrupt.effect, history):
        return _note_unseen_attempt(work, call, arguments, 1 + (0 if history is None else history.attempts))
    return history


async def _result_after(work: SessionWork, call: StepCall, arguments: bytes, history: StepHistory) -> Any:
    if history.standing is Standing.IN_DOUBT:
        await _settle(work, call, history)
    if history.standing is Standing.FINISHED:
        return decode(_result_bytes(history), annotation=call.annotation)
    if history.standing is Standing.FAILED:
        failure = read_record(history.last)
        assert isinstance(failure, Failure)  # noqa: S101 - that is what FAILED holds
        raise raised_again(failure, work.session.session_id, call.identity)
    if history.standing is Standing.RETRYING:
        await _wait_for_retry(work, history)
    return await _run(work, call, arguments, attempt=history.attempts + 1)


def _result_bytes(history: StepHistory) -> bytes:
    if history.last.kind is EntryKind.FINISHED:
        return history.last.value
    verdict = read_record(history.last)
    return verdict.result if isinstance(verdict, Verdict) else b""


async def _settle(work: SessionWork, call: StepCall, history: StepHistory) -> None:
    """Afterwards the history says what became of the interrupted attempt: nothing, or its result."""
    if call.on_interrupt.effect is Effect.RERUN:
        history.standing = Standing.OPEN
        return
    if call.on_interrupt.effect is Effect.FAIL:
        await _fail(work, call, StepInDoubt(work.session.session_id, call.identity), history.attempts)
    history.standing = Standing.FINISHED if await settle_doubt(work, call, history) else Standing.OPEN


async def _wait_for_retry(work: SessionWork, history: StepHistory) -> None:
    failure = read_record(history.last)
    if isinstance(failure, Failure) and failure.retry_ns is not None:
        await _wait_until(work, failure.retry_ns)


async def _wait_until(work: SessionWork, moment_ns: int) -> None:
    await asyncio.sleep(max(0, moment_ns - work.recorder.now_ns()) / NS)


async def _run(work: SessionWork, call: StepCall, arguments: bytes, *, attempt: int) -> Any:
    """Attempts until one gives a result or the last one failed. The result is as a later run will read it."""
    annotation, name = call.annotation, f"result of {call.name}"
    while True:
        _note_start(work, call, arguments, attempt)
        if call.on_interrupt.effect is Effect.RERUN:
            work.save_soon()  # what may be run again need not be known to have begun
        else:
            await _is_known_to_have_begun(work, call, attempt)
        try:
            value = await invoke(work, call, attempt)
            data = encode(value, annotation=annotation, name=name)
            result = read_back(value, data, annotation=annotation, name=name)
        except Exception as error:  # noqa: BLE001 - whatever a step raises is its outcome
            if not call.retry.follows(error, attempt, call.on_interrupt.effect):
                await _fail(work, call, error, attempt)
            retry_ns = work.recorder.now_ns() + call.retry.wait_ns(attempt)
            _note_failure(work, call, failure_of(error, retry_ns=retry_ns), attempt)
            await work.save()
        except BaseException:  # cancelled, or the end of the program
            _interrupt(work, call, attempt, has_begun=True)
            raise
        else:
            work.recorder.note(EntryKind.FINISHED, data, step=call.identity, attempt=attempt)
            await work.save()
            return result
        await _wait_until(work, retry_ns)
        attempt += 1


def _note_start(work: SessionWork, call: StepCall, arguments: bytes, attempt: int) -> None:
    began = Began(name=call.name, operation=call.operation, arguments=call.shown_arguments())
    work.recorder.note(
        EntryKind.STARTED,
        began.encoded(),
        step=call.identity,
        attempt=attempt,
        effect=call.on_interrupt.effect,
        arguments=arguments,
    )


def _note_unseen_attempt(work: SessionWork, call: StepCall, arguments: bytes, attempt: int) -> StepHistory:
    """An attempt that nobody saw, as one that was caught in the middle. Durable with the question, or with what is found out."""
    _note_start(work, call, arguments, attempt)
    stop = Stop(reason=UNSEEN)
    last = work.recorder.note(EntryKind.INTERRUPTED, stop.encoded(), step=call.identity, attempt=attempt)
    return StepHistory(last=last, standing=Standing.IN_DOUBT, arguments=arguments, attempts=attempt)


async def _is_known_to_have_begun(work: SessionWork, call: StepCall, attempt: int) -> None:
    try:
        await work.save()
    except asyncio.CancelledError:
        _interrupt(work, call, attempt, has_begun=False)
        raise


async def _fail(work: SessionWork, call: StepCall, error: Exception, attempt: int) -> None:
    """Records the failure and raises it."""
    failure = failure_of(error)
    _note_failure(work, call, failure, attempt)
    await work.save()
    raise as_raised(error, failure, work.session.session_id, call.identity)


def _note_failure(work: SessionWork, call: StepCall, failure: Failure, attempt: int) -> None:
    work.recorder.note(EntryKind.FAILED, failure.encoded(), step=call.identity, attempt=attempt)


def _interrupt(work: SessionWork, call: StepCall, attempt: int, *, has_begun: bool) -> None:
    reason = "cancelled" if work.stopped_by is None else str(work.stopped_by)
    stop = Stop(has_begun=has_begun, reason=reason)
    work.recorder.note(EntryKind.INTERRUPTED, stop.encoded(), step=call.identity, attempt=attempt)
    if work.auto_save:
        work.recorder.commit_unwatched()
