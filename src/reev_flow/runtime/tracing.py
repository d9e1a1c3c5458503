"""Where the spans of a worker's sessions go: its own store of traces, and the user's OpenTelemetry provider if there is one."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from opentelemetry.trace import ProxyTracerProvider, get_tracer_provider

from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.collector import TraceCollector
from reev_flow.sessions.config import SessionConfig
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceStore


class Tracing(msgspec.Struct, frozen=True, kw_only=True):
    """`tracer` puts spans of tools and models below their step, `tell` passes on the spans of flows and steps, `collector` keeps spans."""

    tracer: FlowTracer | None = None
    tell: Callable[[Span], None] | None = None
    collector: TraceCollector | None = None


OFF = Tracing()


def start_tracing(config: SessionConfig, place: TraceStore | str | Path | None) -> Tracing:
    """Joins the provider that the program has set up; without one, spans are made with a provider that nobody else sees."""
    if not config.otel_enabled or place is None:
        return OFF
    collector = TraceCollector(store=place, config=config)
    if isinstance(get_tracer_provider(), ProxyTracerProvider):
        return Tracing(tracer=FlowTracer(provider=collector.create_provider()), collector=collector)
    collector.install()
    tracer = FlowTracer()
    return Tracing(tracer=tracer, tell=tracer.mirror, collector=collector)
