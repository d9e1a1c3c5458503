"""Random traces in which everything that is odd about times and parents is common."""

from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Span, SpanKind
from reev_flow.trace.trace import Trace

LATEST_START = 24


@st.composite
def forests(draw: st.DrawFn) -> Trace:
    """Few moments, so that ties, touching, zero lengths and children outside their parents are common; some parents are missing."""
    count = draw(st.integers(1, 12))
    spans = []
    for number in range(count):
        start = draw(st.integers(0, LATEST_START))
        parent = draw(st.sampled_from([None, "missing", *(str(earlier) for earlier in range(number))]))
        spans.append(
            Span(
                trace_id="t",
                span_id=str(number),
                parent_id=parent,
                start_ns=start,
                end_ns=start + draw(st.integers(0, 10)),
                kind=draw(st.sampled_from([SpanKind.INTERNAL, SpanKind.PRODUCER, SpanKind.CONSUMER])),
            )
        )
    return assemble_one(spans)
