"""OpenTelemetry as a program has it: a real provider of the SDK, and what came out of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

from reev_flow.collect.assemble import assemble
from reev_flow.collect.normalize import normalize
from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceStore
from reev_flow.trace.trace import Trace


class Recorded:
    """A provider, and the spans that ended in it."""

    def __init__(self, sampler: Sampler | None = None, **facts: Any) -> None:
        self.provider = TracerProvider(sampler=sampler, shutdown_on_exit=False, **facts)
        self._exporter = InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("a library")

    @property
    def readable(self) -> tuple[ReadableSpan, ...]:
        return tuple(self._exporter.get_finished_spans())

    @property
    def spans(self) -> list[Span]:
        """As they are understood when they come back."""
        return understood_spans(self.readable)

    @property
    def trace(self) -> Trace:
        (found,) = assemble(self.spans)
        return found

    def span(self, name: str) -> Span:
        (found,) = [span for span in self.spans if name in {span.name, span.label}]
        return found


class Exploding(SpanProcessor):
    """What it is given makes it raise."""

    def on_end(self, span: ReadableSpan) -> None:
        raise RuntimeError("no space left")


def understood_spans(readable: Sequence[ReadableSpan]) -> list[Span]:
    chunks, lost = chunks_of(readable)
    assert lost == 0
    return [span for chunk in chunks for span in decoded(chunk.data)]


def decoded(data: bytes) -> list[Span]:
    return [normalize(span) for span in spans_of_message(data, Losses())]


def stored_spans(store: TraceStore, trace_id: str) -> list[Span]:
    return [span for data in store.read(trace_id).result().chunks for span in decoded(data)]


@contextmanager
def global_provider(provider: Any) -> Iterator[None]:
    """The SDK lets a global provider be set only once; tests need more."""
    api: Any = trace
    former = api._TRACER_PROVIDER, api._TRACER_PROVIDER_SET_ONCE
    api._TRACER_PROVIDER, api._TRACER_PROVIDER_SET_ONCE = None, type(former[1])()
    try:
        if provider is not None:
            trace.set_tracer_provider(provider)
        yield
    finally:
        api._TRACER_PROVIDER, api._TRACER_PROVIDER_SET_ONCE = former
