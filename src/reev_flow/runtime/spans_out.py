"""Hears the spans of one OpenTelemetry provider."""

from collections.abc import Callable

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from reev_flow.runtime.span_queue import STOP_SECONDS, SpanQueue
from reev_flow.trace.semantics import SESSION_SCOPE


def keep_all(_: int) -> bool:
    return True


class SpansOut(SpanProcessor):
    """A span processor that puts what ends into a queue, which several providers may share, and never raises.

    Flow and step spans of sessions are left out: their journals know them. `keeps` is asked about the trace id of each span. Spans that
    are recorded and not sampled are passed over, unless they are asked for.
    """

    def __init__(
        self, queue: SpanQueue, *, keeps: Callable[[int], bool] = keep_all, wants_unsampled: bool = False
    ) -> None:
        self._queue = queue
        self._keeps_all = keeps is keep_all
        self._keeps = keeps
        self._wants_unsampled = wants_unsampled
        self.is_closed = False

    def on_end(self, span: ReadableSpan) -> None:
        if self.is_closed:
            return
        try:
            context, scope = span.get_span_context(), span.instrumentation_scope
            if context is None or not (self._wants_unsampled or context.trace_flags & 1):
                return
            if scope is not None and scope.name == SESSION_SCOPE:
                return
            if self._keeps_all or self._keeps(context.trace_id):
                self._queue.put(span)
        except Exception as error:  # noqa: BLE001 - the program that ends a span has nothing to do with it
            self._queue.drop(1, error)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._queue.flush(timeout_millis / 1_000)

    def shutdown(self) -> None:
        """The provider ends: what it told is delivered, within a bound; later spans of it are nobody's. Others may go on."""
        if not self.is_closed:
            self.is_closed = True
            self._queue.flush(STOP_SECONDS)
