"""One piece of work as an OpenTelemetry span, while it runs."""

from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from opentelemetry.trace import (
    INVALID_SPAN,
    Span,
    SpanKind,
    StatusCode,
    TracerProvider,
    format_span_id,
    format_trace_id,
)

from reev_flow.collect.own_words import WORDS, Words, given, identity, returned, span_name
from reev_flow.flows.tracing.content import Content
from reev_flow.flows.tracing.context import Held, living_context
from reev_flow.trace import semantics
from reev_flow.trace import span as ours
from reev_flow.version import __version__

KINDS = {ours.SpanKind.INTERNAL: SpanKind.INTERNAL, ours.SpanKind.CLIENT: SpanKind.CLIENT}


class OperationSpan:
    """Begins with `with` and ends with it, also when the block is left early. Trouble with telemetry never reaches the block."""

    __slots__ = ("_arguments", "_attributes", "_content", "_held", "_name", "_provider", "_words", "span")

    def __init__(
        self,
        provider: TracerProvider,
        operation: ours.Operation,
        name: str,
        *,
        arguments: object = None,
        call_id: str | None = None,
        content: Content,
    ) -> None:
        self._provider = provider
        self._words: Words = WORDS[operation]
        self._content = content
        self._name = span_name(self._words, name)
        self._attributes: dict[str, Any] = identity(operation, self._words, name)
        if call_id is not None:
            self._attributes[semantics.GEN_AI_CALL_ID] = call_id
        self._arguments = arguments if content.inputs is not False else None
        self._held: Held | None = None
        self.span: Span = INVALID_SPAN

    @property
    def trace_id(self) -> str:
        return format_trace_id(self.span.get_span_context().trace_id)

    @property
    def span_id(self) -> str:
        return format_span_id(self.span.get_span_context().span_id)

    def result(self, value: object) -> None:
        """What came out of it. Of a model call, text is its answer."""
        if self._content.outputs is not False:
            self._set(returned, value)

    def usage(self, *, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        """Tokens of a model call; the input includes what was read from a cache."""
        counts = {semantics.GEN_AI_INPUT_TOKENS: input_tokens, semantics.GEN_AI_OUTPUT_TOKENS: output_tokens}
        with suppress(Exception):
            self.span.set_attributes({name: count for name, count in counts.items() if count is not None})

    def _set(self, write: Callable[[Words, object], ours.Attributes], value: object) -> None:
        """Costs nothing when nobody records the span."""
        with suppress(Exception):
            if self.span.is_recording():
                attributes: dict[str, Any] = write(self._words, value)
                self.span.set_attributes(attributes)

    def __enter__(self) -> Self:
        with suppress(Exception):
            tracer = self._provider.get_tracer(semantics.OWN_SCOPE, __version__)
            self.span = tracer.start_span(
                self._name, context=living_context(), kind=KINDS[self._words.kind], attributes=self._attributes
            )
        self._held = Held(self.span)
        if self._arguments is not None:
            self._set(given, self._arguments)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._held is not None:
            self._held.let_go()
        with suppress(Exception):
            if error is not None and not isinstance(error, GeneratorExit):
                self._record(error)
        with suppress(Exception):
            self.span.end()

    def _record(self, error: BaseException) -> None:
        """Being cancelled is no exception of the work itself, so it has a status but no event."""
        kind = type(error)
        name = kind.__qualname__
        self.span.set_attribute(
            semantics.ERROR_TYPE, name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"
        )
        if isinstance(error, CancelledError):
            self.span.set_status(StatusCode.ERROR, name)
            return
        self.span.set_status(StatusCode.ERROR, f"{name}: {error}")
        self.span.record_exception(error)
