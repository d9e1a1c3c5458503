"""Spans and logs put into a store of traces as if they had come from a program, and the runs read from there."""

from typing import Any

from reev_flow.collect.fragments import NO_TIMES
from reev_flow.collect.otlp_chunks import chunks_of_spans
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.span import Flag, Span, SpanEvent
from reev_flow.trace.store import TraceStore
from support.sessions import START_NS, SetClock

MS = 1_000_000
TRACE_ID = "7" * 32


def span(number: int, parent: int | None = None, *, start_ms: int = 0, lasts_ms: int | None = 10, **facts: Any) -> Span:
    """Without `lasts_ms` it has no end."""
    standard: dict[str, Any] = {"trace_id": TRACE_ID, "name": f"work {number}"}
    standard["parent_id"] = None if parent is None else span_id(parent)
    return Span(
        span_id=span_id(number),
        start_ns=START_NS + start_ms * MS,
        end_ns=START_NS + (start_ms + (lasts_ms or 0)) * MS,
        flags=frozenset({Flag.UNFINISHED}) if lasts_ms is None else frozenset(),
        **(standard | facts),
    )


def span_id(number: int) -> str:
    return f"{number:016x}"


def told_by_logs(number: int, name: str = "gen_ai.choice", *, at_ms: int = 5, **attributes: Any) -> Span:
    event = SpanEvent(time_ns=START_NS + at_ms * MS, name=name, attributes=attributes)
    return Span(trace_id=TRACE_ID, span_id=span_id(number), start_ns=0, end_ns=0, flags=NO_TIMES, events=(event,))


def keep(store: TraceStore, *spans: Span) -> None:
    """In one chunk for each trace, acknowledged."""
    store.add(chunks_of_spans(spans)).result()


def memory_store(seconds: float = 0) -> tuple[MemoryTraceStore, SetClock]:
    clock = SetClock(seconds)
    return MemoryTraceStore(clock=clock), clock
