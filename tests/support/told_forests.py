"""Random traces whose spans tell what they waited for: most of it true as far as times go, some of it lies."""

import msgspec
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.semantics import REEV_AFTER, REEV_GAP, REEV_JOINED
from reev_flow.trace.span import Attributes, Operation, Span, Value
from reev_flow.trace.trace import Trace
from support.forests import forests


@st.composite
def told_forests(draw: st.DrawFn) -> Trace:
    """Some spans tell nothing, some are infrastructure, some are times in which nobody ran the flow."""
    trace = draw(forests())
    liars = draw(st.booleans())
    spans = []
    for span in trace.spans:
        earlier = [other.span_id for other in trace.spans if _may_precede(other, span)]
        inside = [other.span_id for other in trace.spans if _may_be_joined(other, span)]
        if liars:
            everyone = [other.span_id for other in trace.spans]
            earlier, inside = [*earlier, *everyone, "nobody"], [*inside, *everyone, "nobody"]
        attributes: Attributes = {}
        for name, ids in ((REEV_AFTER, earlier), (REEV_JOINED, inside)):
            if draw(st.integers(0, 3)):
                attributes[name] = list[Value](draw(st.lists(st.sampled_from(ids), max_size=3)) if ids else ())
        if not draw(st.integers(0, 9)):
            attributes[REEV_GAP] = "down"
        operation = draw(st.sampled_from([Operation.STEP, Operation.STEP, Operation.OTHER]))
        spans.append(msgspec.structs.replace(span, attributes=attributes, operation=operation))
    return assemble_one(spans)


def _may_precede(other: Span, span: Span) -> bool:
    return other.parent_id == span.parent_id and other.end_ns <= span.start_ns and other.span_id != span.span_id


def _may_be_joined(other: Span, span: Span) -> bool:
    return other.parent_id == span.span_id and other.end_ns <= span.end_ns
