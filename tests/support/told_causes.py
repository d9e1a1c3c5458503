"""A drawn trace whose spans tell what they waited for."""

from collections.abc import Mapping, Sequence

import msgspec

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.semantics import REEV_AFTER, REEV_JOINED
from reev_flow.trace.span import Attributes
from reev_flow.trace.trace import Trace

Told = Mapping[str, Sequence[str]]
NOTHING: Told = {}


def tell_causes(trace: Trace, *, after: Told = NOTHING, joined: Told = NOTHING) -> Trace:
    """By name: what each span's start came after, and whose ends its end waited for. A name that no span has is told as an id."""
    ids = {span.name: span.span_id for span in trace.spans}
    spans = []
    for span in trace.spans:
        told: Attributes = {
            attribute: [ids.get(name, name) for name in causes[span.name]]
            for attribute, causes in ((REEV_AFTER, after), (REEV_JOINED, joined))
            if span.name in causes
        }
        spans.append(msgspec.structs.replace(span, attributes={**span.attributes, **told}))
    return assemble_one(spans)
