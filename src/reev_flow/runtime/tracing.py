"""Where the spans of a worker's sessions go: its own store of traces, and the user's OpenTelemetry provider once there is one."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.collector import TraceCollector
from reev_flow.runtime.following import FollowingProvider
from reev_flow.sessions.config import SessionConfig
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceStore


class Tracing(msgspec.Struct, frozen=True, kw_only=True):
    """`tracer` puts spans of tools and models below their step, `tell` passes on the spans of flows and steps while `is_heard` says that
    somebody wants them, `collector` keeps spans.
    """

    tracer: FlowTracer | None = None
    tell: Callable[[Span], None] | None = None
    is_heard: Callable[[], bool] = lambda: False
    collector: TraceCollector | None = None


OFF = Tracing()


def start_tracing(config: SessionConfig, place: TraceStore | str | Path | None) -> Tracing:
    """Joins the provider that the program has set up, also when it does so later; until then spans are made with a provider that nobody
    else sees.
    """
    if place is None:
        return OFF
    collector = TraceCollector(store=place, config=config)
    if not collector.is_enabled:
        return OFF
    collector.provider_in_use()  # what is there is heard from now on
    tracer = FlowTracer(provider=FollowingProvider(collector.provider_in_use))

    def tell(span: Span) -> None:
        tracer.measure(span)
        if collector.has_joined:
            tracer.mirror(span)

    def is_heard() -> bool:
        return tracer.is_measured or collector.has_joined

    return Tracing(tracer=tracer, tell=tell, is_heard=is_heard, collector=collector)
