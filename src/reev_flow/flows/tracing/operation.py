"""One piece of work as an OpenTelemetry span, while it runs."""

from asyncio import CancelledError
from collections.abc import Callable
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    format_span_id,
    format_trace_id,
    get_current_span,
)

from reev_flow.collect.own_words import WORDS, Words, given, identity, returned, span_name
from reev_flow.flows.tracing.content import Content
from reev_flow.flows.tracing.context import Held, living_context
from reev_flow.flows.tracing.measures import Measures
from reev_flow.flows.tracing.places import enter, last_ended, leave
from reev_flow.trace import semantics
from reev_flow.trace import span as ours

ARGUMENTS = ""  # no attribute is called so; replaced when the work begins
KINDS = {ours.SpanKind.INTERNAL: SpanKind.INTERNAL, ours.SpanKind.CLIENT: SpanKind.CLIENT}


class OperationSpan:
    """Begins with `with` and ends with it, also when the block is left early. Trouble with telemetry never reaches the block.

    What is learned while it runs is written on the span when it ends, all at once.
    """

    __slots__ = (
        "_began_ns",
        "_content",
        "_held",
        "_late",
        "_measures",
        "_name",
        "_operation",
        "_parent",
        "_told",
        "_tracer",
        "_words",
        "span",
    )

    def __init__(
        self,
        tracer: Tracer,
        operation: ours.Operation,
        name: str,
        *,
        call_id: str | None = None,
        content: Content,
        measures: Measures,
    ) -> None:
        self._tracer = tracer
        self._operation = operation
        self._words: Words = WORDS[operation]
        self._content = content
        self._measures = measures
        self._name, named = _named(operation, name)
        self._told: dict[str, Any] = dict(named)
        if call_id is not None:
            self._told[semantics.GEN_AI_CALL_ID] = call_id
        self._late: dict[str, Any] = {}
        self._held: Held | None = None
        self._began_ns: int | None = None
        self._parent: Span | None = None
        self.span: Span = INVALID_SPAN

    @property
    def trace_id(self) -> str:
        return format_trace_id(self.span.get_span_context().trace_id)

    @property
    def span_id(self) -> str:
        return format_span_id(self.span.get_span_context().span_id)

    def given(self, value: object) -> "OperationSpan":
        """What goes into it, before it begins."""
        if value is not None and self._content.inputs is not False:
            self._late[ARGUMENTS] = value
        return self

    def result(self, value: object) -> None:
        """What came out of it. Of a model call, text is its answer."""
        if self._content.outputs is not False:
            self._write(returned, value)

    def usage(self, *, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        """Tokens of a model call; the input includes what was read from a cache."""
        counts = {semantics.GEN_AI_INPUT_TOKENS: input_tokens, semantics.GEN_AI_OUTPUT_TOKENS: output_tokens}
        self._late.update((name, count) for name, count in counts.items() if count is not None)

    def _write(self, write: Callable[[Words, object], ours.Attributes], value: object) -> None:
        """As it is now: it may change while the work goes on. Costs nothing when nobody records the span."""
        try:
            if self.span.is_recording():
                self._late.update(write(self._words, value))
        except Exception:  # noqa: BLE001, S110 - see above
            pass

    def __enter__(self) -> Self:
        arguments = self._late.pop(ARGUMENTS, None)
        before = living_context()
        try:  # noqa: SIM105 - to suppress takes half a microsecond
            self._begin(before)
        except Exception:  # noqa: BLE001, S110 - the work goes on without a span
            pass
        self._held = Held(self.span, before)
        if arguments is not None:
            self._write(given, arguments)
        return self

    def _begin(self, before: Context) -> None:
        parent = get_current_span(before)
        after = last_ended(parent)
        if after is not None:
            self._told[semantics.REEV_AFTER] = after
        self.span = span = self._tracer.start_span(
            self._name, context=before, kind=KINDS[self._words.kind], attributes=self._told
        )
        if span.is_recording():
            enter(span)
            self._parent = parent
        self._began_ns = self._measures.began_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._held is not None:
            self._held.let_go()
        try:
            try:
                self._tell(error)
            finally:
                self.span.end()
        except Exception:  # noqa: BLE001, S110 - of the user's provider; what the work came to stays as it is
            pass
        if self._began_ns is not None:
            self._measures.ended(self._operation, self._began_ns, self.span, self._told | self._late)

    def _tell(self, error: BaseException | None) -> None:
        if self._parent is not None:
            joined = leave(self.span, self._parent)
            if joined is not None:
                self._late[semantics.REEV_JOINED] = joined
        if error is not None and not isinstance(error, GeneratorExit):
            self._late[semantics.ERROR_TYPE] = _class_name(type(error))
        if self._late:
            self.span.set_attributes(self._late)
        if error is not None and not isinstance(error, GeneratorExit):
            self._record(error)

    def _record(self, error: BaseException) -> None:
        """Being cancelled is no exception of the work itself, so it has a status but no event."""
        name = type(error).__qualname__
        if isinstance(error, CancelledError):
            self.span.set_status(StatusCode.ERROR, name)
            return
        self.span.set_status(StatusCode.ERROR, f"{name}: {error}")
        self.span.record_exception(error)


def _class_name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


@lru_cache(maxsize=1_024)
def _named(operation: ours.Operation, name: str) -> tuple[str, ours.Attributes]:
    """Names of tools and models repeat. The attributes are copied before anything is added."""
    words = WORDS[operation]
    return span_name(words, name), identity(operation, words, name)
