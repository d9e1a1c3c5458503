"""A call of a step: the function, what it is given, and what was declared about it."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from types import MethodType
from typing import Any, Literal
from weakref import WeakKeyDictionary

import msgspec

from reev_flow.errors import StepTimeout
from reev_flow.flows.effects import Declared, hinted
from reev_flow.flows.own_context import in_own_context
from reev_flow.flows.retry import ONCE, Retry
from reev_flow.flows.work import RunningStep, SessionWork, running_step
from reev_flow.trace.run import step_span_id
from reev_flow.values.digest import digest
from reev_flow.values.reach import resolve_annotation
from reev_flow.values.refusal import UnstorableValue
from reev_flow.values.tagged import encode

MOST_ARGUMENT_BYTES = 16 * 1024


class FunctionFacts(msgspec.Struct, frozen=True):
    """What is looked up once for each function: what a step of it is called, whether it is a coroutine function, what it says it returns,
    and what it says of being interrupted.
    """

    name: str
    is_coroutine: bool
    annotation: object
    on_interrupt: Literal["rerun"] | None


class StepCall(msgspec.Struct, frozen=True, kw_only=True):
    """`identity` is where it stands in its flow; `name` what it is called."""

    identity: str
    name: str
    function: Callable[..., Any]
    facts: FunctionFacts
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    on_interrupt: Declared
    retry: Retry = ONCE
    timeout: float | None = None
    operation: str = "step"

    @property
    def annotation(self) -> object:
        """What the function says it returns."""
        return self.facts.annotation

    def arguments_digest(self) -> bytes:
        return digest([list(self.args), self.kwargs])

    def shown_arguments(self) -> bytes:
        """For people who look at the run; empty when they are large or cannot be stored."""
        try:
            return encode([list(self.args), self.kwargs], limit_bytes=MOST_ARGUMENT_BYTES)
        except UnstorableValue:
            return b""


def invoke(work: SessionWork, call: StepCall, attempt: int) -> Awaitable[Any]:
    """Runs the function, below the step's span and within its timeout. Context variables are afterwards as they would be if its result had
    been read back.
    """
    return in_own_context(_invoke(work, call, attempt))


async def _invoke(work: SessionWork, call: StepCall, attempt: int) -> Any:
    session_id = work.recorder.session_id
    running_step.set(RunningStep(session_id, call.identity, attempt))
    if work.tracer is None:
        return await _in_time(work, call)
    with work.tracer.inside(work.session.trace_id, step_span_id(session_id, call.identity, attempt)):
        return await _in_time(work, call)


def _in_time(work: SessionWork, call: StepCall) -> Awaitable[Any]:
    if call.timeout is not None:
        return _within(call.timeout, work, call)
    if call.facts.is_coroutine:
        coroutine: Awaitable[Any] = call.function(*call.args, **call.kwargs)
        return coroutine
    return _in_thread(work.keeper.threads, call.function, call.args, call.kwargs)


async def _within(seconds: float, work: SessionWork, call: StepCall) -> Any:
    try:
        async with asyncio.timeout(seconds) as limit:
            return await result_of(work.keeper.threads, call.function, call.args, call.kwargs)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise StepTimeout(work.session.session_id, call.identity, seconds) from error


def result_of(
    threads: Executor, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Awaitable[Any]:
    """Coroutines run here; anything else in a thread, so that it does not hold up the others."""
    if facts_of(function).is_coroutine:
        coroutine: Awaitable[Any] = function(*args, **kwargs)
        return coroutine
    return _in_thread(threads, function, args, kwargs)


async def _in_thread(
    threads: Executor, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    context = copy_context()
    loop = asyncio.get_running_loop()
    value, error = await loop.run_in_executor(threads, context.run, functools.partial(_outcome, function, args, kwargs))
    if error is not None:
        raise error
    return await value if inspect.isawaitable(value) else value


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    if inspect.iscoroutinefunction(function):
        return True
    return not inspect.isroutine(function) and inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - asked of the method


def _outcome(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Exception | None]:
    """As a pair, because a future cannot hold a StopIteration."""
    try:
        return function(*args, **kwargs), None
    except StopIteration as error:
        stopped = RuntimeError(f"the step raised StopIteration({error.value!r})")
        stopped.__cause__ = error
        return None, stopped
    except Exception as error:  # noqa: BLE001 - it is raised again where the step is awaited
        return None, error


def facts_of(function: Callable[..., Any]) -> FunctionFacts:
    """Remembered as long as the function is there and no longer: many are made for one call, with all that they enclose."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, MethodType):  # made anew whenever it is asked for
        function = function.__func__
    try:
        return _known[function]
    except (KeyError, TypeError):  # not all callables can be remembered
        facts = _find_facts(function)
    with suppress(TypeError):
        _known[function] = facts
    return facts


def _find_facts(function: Callable[..., Any]) -> FunctionFacts:
    name = getattr(function, "__name__", type(function).__name__)
    shown = "lambda" if name == "<lambda>" else str(name)
    return FunctionFacts(shown, is_coroutine_function(function), resolve_annotation(function), hinted(function))


_known: WeakKeyDictionary[Callable[..., Any], FunctionFacts] = WeakKeyDictionary()
