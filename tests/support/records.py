"""Spans as they were received, whole and broken, for properties that must hold for all of them."""

from hypothesis import strategies as st

from reev_flow.collect.otlp_values import settle_times
from reev_flow.trace.span import Source, Span, SpanEvent, SpanKind, Status, Value

TRACE_ID = "1" * 32
IDS = ("a1", "b2", "c3", "d4", "e5")

attribute_values: st.SearchStrategy[Value] = st.one_of(
    st.booleans(), st.integers(-5, 5), st.text(max_size=3), st.lists(st.integers(0, 2), max_size=2)
)
attributes = st.dictionaries(st.sampled_from(("x", "y", "z")), attribute_values, max_size=3)


def record(
    span_id: str = "a1", parent_id: str | None = None, start_ns: int = 10, end_ns: int = 20, **fields: object
) -> Span:
    """One record; a time of 0 is a missing one."""
    start_ns, end_ns, flags = settle_times(start_ns, end_ns)
    return Span(
        trace_id=TRACE_ID,
        span_id=span_id,
        parent_id=parent_id,
        start_ns=start_ns,
        end_ns=end_ns,
        flags=flags,
        **fields,  # type: ignore[arg-type]
    )


events = st.builds(SpanEvent, time_ns=st.integers(0, 3), name=st.sampled_from(("", "exception")), attributes=attributes)

records = st.builds(
    record,
    span_id=st.sampled_from(IDS),
    parent_id=st.sampled_from((None, *IDS, "missing")),
    start_ns=st.integers(0, 6),
    end_ns=st.integers(0, 8),
    name=st.sampled_from(("plan", "search")),
    kind=st.sampled_from((SpanKind.INTERNAL, SpanKind.CLIENT)),
    status=st.sampled_from(Status),
    attributes=attributes,
    events=st.lists(events, max_size=2).map(tuple),
    source=st.sampled_from((Source(), Source(service="shop"), Source(service="shop", scope="tests"))),
    conversation_id=st.sampled_from((None, None, "talk")),
)
record_sets = st.lists(records, min_size=1, max_size=12)
