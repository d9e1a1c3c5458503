"""What a plan's steps are run with: what the runner is told, and what comes of one run."""

import functools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from reev_flow.errors import StepFailed, StepTimeout
from reev_flow.flows.plans.plan import DynamicStep, WhenInterrupted
from reev_flow.flows.plans.results import StepError
from reev_flow.flows.retry import ONCE, Retry
from reev_flow.flows.step_call import is_coroutine_function
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.sessions.history import Standing

RunStep: TypeAlias = "Callable[[DynamicStep, StepContext], Any]"
"""Runs one step of a plan and gives its result; a coroutine function, or a plain one, which is run in a thread."""

Decision: TypeAlias = Literal["retry", "skip", "abort"]
"""What a person may answer who is asked about a step that failed."""

Tools: TypeAlias = Mapping[str, Callable[..., Any]]


class StepContext(msgspec.Struct, frozen=True, kw_only=True):
    """What `run_step(step, context)` is told.

    `prompt` is the step's template, filled. `results` are those of the steps it waits for, directly or not, by step; like `values`, the
    plan's context, they are shared and not to be changed. `tools` are all that the executor was given. `attempt` counts from 1 and goes on after
    a crash. `idempotency_key` is the same for every attempt at the step, those that a person asks for included: give it to the service that
    the step calls. Without a session
    `session_id` is empty and `tracer` None.
    """

    flow_id: str
    prompt: str
    results: Mapping[str, Any]
    values: Mapping[str, Any]
    tools: Tools
    attempt: int
    idempotency_key: str
    session_id: str = ""
    tracer: FlowTracer | None = None


class StepOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a step. `number` counts from 1: a person who is asked about a failure may have the step run again.

    `path` is where the step stands: empty in the plan itself, the names of the steps in whose place its flow runs otherwise.
    """

    step: DynamicStep
    number: int
    path: tuple[str, ...]
    flow_id: str
    prompt: str
    results: Mapping[str, Any]
    values: Mapping[str, Any]
    effect: WhenInterrupted

    @property
    def retry(self) -> Retry:
        strategy = self.step.retry
        return ONCE if strategy is None else Retry(**msgspec.structs.asdict(strategy))


class StepRun(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one run of a step: `value`, or `error`. `duration_seconds` is None when that was read from a journal."""

    value: Any = None
    error: StepError | None = None
    attempts: int = 0
    duration_seconds: float | None = None


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is asked about a step that failed; `number` is that of the run that failed."""

    step_id: str
    number: int
    path: tuple[str, ...]
    text: str
    deadline_seconds: float | None


class Carrier(Protocol):
    """Runs single steps and asks people: in a session, which keeps what came of them, or in memory."""

    async def run(self, order: StepOrder) -> StepRun:
        """Never raises what the step raised. Raises when what came of it could not be kept or read: nothing more is to be done then."""

    async def ask(self, inquiry: Inquiry) -> Decision | None:
        """None when nobody answered in time."""

    def standing(self, step_id: str, number: int, *, is_question: bool = False) -> Standing | None:
        """What former workers left of that run, or of the question about it, in the flow that is current; None for nothing."""

    def instead_of(self, step_id: str) -> AbstractContextManager[None]:
        """What runs inside are the steps of that step's alternative flow."""


class Watch(msgspec.Struct):
    """One run of a step as it goes: how often the runner was called, and what it raised last."""

    tell: "Callable[[str, Watch], StepContext]"
    attempt: int = 0
    error: Exception | None = None


def runner_of(run_step: RunStep) -> Callable[[Watch, DynamicStep, str], Any]:
    """Calls `run_step` with a context that is made when it runs, where attempt and keys are known. Its annotations are those of `run_step`."""
    if is_coroutine_function(run_step):

        async def run_coroutine(watch: Watch, step: DynamicStep, prompt: str) -> Any:
            try:
                return await run_step(step, watch.tell(prompt, watch))
            except Exception as error:
                watch.error = error
                raise

        return functools.wraps(run_step)(run_coroutine)

    def run(watch: Watch, step: DynamicStep, prompt: str) -> Any:
        try:
            return run_step(step, watch.tell(prompt, watch))
        except Exception as error:
            watch.error = error
            raise

    return functools.wraps(run_step)(run)


def error_of(error: Exception) -> StepError:
    if isinstance(error, StepFailed):
        return StepError(kind=error.kind, message=error.message)
    kind = type(error)
    told = f"it took longer than its {error.timeout_seconds:g} s" if isinstance(error, StepTimeout) else str(error)
    return StepError(kind=f"{kind.__module__}:{kind.__qualname__}", message=told)
