"""Which spans a run left behind: those of its flow and steps, and those of tools and models inside of steps."""

from collections.abc import Iterable, Sequence

import msgspec

from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.errors import TraceNotFound
from reev_flow.trace.semantics import REEV_STEP_ATTEMPT, REEV_STEP_ID, SESSION_SCOPE
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceStore


class OwnSpan(msgspec.Struct, frozen=True):
    """Of the flow, or of so manieth attempt at a step."""

    name: str
    step: str = ""
    attempt: int = 1


def own_spans(spans: Iterable[Span]) -> dict[str, OwnSpan]:
    """By id, those that the journal tells."""
    return {span.span_id: _own(span) for span in spans if span.source.scope == SESSION_SCOPE}


def _own(span: Span) -> OwnSpan:
    step, attempt = span.attributes.get(REEV_STEP_ID, ""), span.attributes.get(REEV_STEP_ATTEMPT, 1)
    return OwnSpan(span.name, str(step), attempt if isinstance(attempt, int) else 1)


def spans_below_steps(spans: Sequence[Span]) -> dict[str, tuple[str, ...]]:
    """By step, the names of the spans inside of it that others told, each as often as it is there."""
    by_id = {span.span_id: span for span in spans}
    below: dict[str, list[str]] = {}
    for span in spans:
        if span.source.scope != SESSION_SCOPE:
            below.setdefault(_step_above(span, by_id), []).append(span.name)
    return {step: tuple(sorted(names)) for step, names in below.items()}


def _step_above(span: Span, by_id: dict[str, Span]) -> str:
    """Empty for one that is in no step."""
    seen: set[str] = set()
    above: Span | None = span
    while above is not None and above.source.scope != SESSION_SCOPE and above.span_id not in seen:
        seen.add(above.span_id)
        above = by_id.get(above.parent_id or "")
    return "" if above is None else str(above.attributes.get(REEV_STEP_ID, ""))


def ids_in_store(traces: TraceStore, trace_id: str) -> frozenset[str]:
    """Of the spans that the store gives back."""
    try:
        stored = traces.read(trace_id).result()
    except TraceNotFound:
        return frozenset()
    return frozenset(span.span_id for chunk in stored.chunks for span in spans_of_message(chunk, Losses()))
