"""What a program does while it runs, told to OpenTelemetry: flows, steps, tools, models, and where the spans of others belong."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import Context as ContextOfTask
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, TypeVar, get_args

from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    SpanContext,
    TraceFlags,
    Tracer,
    TracerProvider,
    get_tracer_provider,
)

from reev_flow.flows.tracing import joins
from reev_flow.flows.tracing.content import Content, content_said
from reev_flow.flows.tracing.context import Held, living_context
from reev_flow.flows.tracing.measures import Measures
from reev_flow.flows.tracing.operation import OperationSpan
from reev_flow.trace.semantics import OWN_SCOPE
from reev_flow.trace.span import Flag, Operation, Span
from reev_flow.version import __version__

T = TypeVar("T")

Kind: TypeAlias = Literal["flow", "step", "agent", "llm", "tool", "retrieval", "embedding", "other"]
OPERATIONS = {kind: Operation(kind) for kind in get_args(Kind)}

SDK = "opentelemetry.sdk.trace"
SAMPLED = TraceFlags(TraceFlags.SAMPLED)
NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)
MOST_DECISIONS = 1_024


class FlowTracer:
    """Makes spans of what a program does, with whatever OpenTelemetry provider there is; without one it costs little and does nothing.

    `provider` is the global one unless given, looked up whenever it is needed. `content` says whether arguments and results are written;
    unsaid, the environment decides (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT and its like). How long things took and the tokens
    they used are told to the `meter_provider` too, the global one unless given. Nothing here raises into the program but what the program
    raised itself.
    """

    __slots__ = ("_content", "_decisions", "_known", "_measures", "_provider", "mirror_failures", "name")

    def __init__(
        self,
        name: str = "flow_execution",
        *,
        provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        content: bool | None = None,
    ) -> None:
        self.name = name
        self._measures = Measures(meter_provider)
        self._known: tuple[TracerProvider, Tracer] | None = None
        self.mirror_failures = 0
        self._provider = provider
        self._content = content_said(os.environ) if content is None else Content(inputs=content, outputs=content)
        self._decisions: dict[str, bool] = {}

    @property
    def provider(self) -> TracerProvider:
        return get_tracer_provider() if self._provider is None else self._provider

    async def instrument_async(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the coroutine that `work` gives, run below a flow span of the tracer's name."""
        with self.operation("flow", self.name) as span:
            result = await work()
            span.result(result)
            return result

    def operation(
        self, kind: Kind, name: str, *, arguments: object = None, call_id: str | None = None
    ) -> OperationSpan:
        """A piece of work, for `with`. Of a model call `name` is the model and `arguments` what was asked; `call_id` is that of a tool call.

        What it raises is recorded and raised on. Leaving a generator early is no error.
        """
        operation = OPERATIONS.get(kind)
        if operation is None:
            raise ValueError(f"no operation {kind!r}; there are {', '.join(OPERATIONS)}")
        span = OperationSpan(
            self._tracer(), operation, name, call_id=call_id, content=self._content, measures=self._measures
        )
        return span.given(arguments)

    async def gather(self, *awaitables: Awaitable[Any], return_exceptions: bool = False) -> list[Any]:
        """As `asyncio.gather`, and what follows is known to have waited for all of them. They begin when it is awaited."""
        return await joins.gather(awaitables, return_exceptions=return_exceptions)

    def task_group(self) -> asyncio.TaskGroup:
        """As `asyncio.TaskGroup`, for `async with`, and what follows is known to have waited for all of its tasks."""
        return joins.JoinedGroup()

    def create_task(
        self, work: Coroutine[Any, Any, T], *, name: str | None = None, context: ContextOfTask | None = None
    ) -> "asyncio.Task[T]":
        """As `asyncio.create_task`, and who awaits the task is known to have waited for it, also when it was over by then.

        A task that nobody awaits counts for nobody.
        """
        return joins.create_task(work, name=name, context=context)

    def _tracer(self) -> Tracer:
        """Kept as long as the provider is the same: to ask one of the SDK takes longer than to make a span."""
        provider, known = self.provider, self._known
        if known is None or known[0] is not provider:
            try:
                known = provider, provider.get_tracer(OWN_SCOPE, __version__)
            except Exception:  # noqa: BLE001 - a provider of the user's; without its tracer there are no spans
                known = provider, NoOpTracer()
            self._known = known
        return known[1]

    def inside(self, trace_id: str, span_id: str) -> "Inside":
        """Spans that any tracer begins within are children of that span, which need not exist yet; for `with`.

        They are sampled if the provider would sample that trace.
        """
        flags = SAMPLED if self._is_sampled(trace_id) else NOT_SAMPLED
        context = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flags)
        return Inside(NonRecordingSpan(context))

    @property
    def is_measured(self) -> bool:
        """Whether there is a meter provider to tell."""
        return self._measures.are_heard

    def measure(self, span: Span) -> None:
        """Tells the meter provider of a finished flow or step span that a session recorded."""
        if Flag.UNFINISHED not in span.flags:
            self._measures.recorded(span)

    def mirror(self, span: Span) -> None:
        """Gives a finished flow or step span to the provider's span processors, whatever is sampled. Without an SDK nothing happens.

        Arguments and results go with it only if somebody asked for content: the session has them anyway.
        """
        if SDK not in sys.modules or Flag.UNFINISHED in span.flags:
            return
        from reev_flow.flows.tracing.mirror import hand_over  # noqa: PLC0415 - only who uses the SDK has it loaded

        try:
            hand_over(span, self._content.allowed(span.attributes), self.provider)
        except Exception:  # noqa: BLE001 - a span processor of the user's; it is counted
            self.mirror_failures += 1

    def _is_sampled(self, trace_id: str) -> bool:
        """As the provider's sampler would decide about the root of that trace, asked once; without a sampler it is."""
        decision = self._decisions.get(trace_id)
        if decision is None:
            sampler = getattr(self.provider, "sampler", None)
            if sampler is None:
                return True
            decision = True
            with suppress(Exception):  # a sampler of the user's that fails leaves the trace whole
                result = sampler.should_sample(Context(), int(trace_id, 16), self.name)
                decision = bool(result.decision.is_sampled())
            if len(self._decisions) >= MOST_DECISIONS:
                self._decisions.clear()
            self._decisions[trace_id] = decision
        return decision


class Inside:
    """A span that is the current one in a `with` block."""

    __slots__ = ("_held", "_span")

    def __init__(self, span: NonRecordingSpan) -> None:
        self._span = span
        self._held: Held | None = None

    def __enter__(self) -> Self:
        self._held = Held(self._span, living_context())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._held is not None:
            self._held.let_go()
