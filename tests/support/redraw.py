"""A drawn trace with something changed that a picture has no sign for."""

from collections.abc import Callable

import msgspec

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace


def redraw(trace: Trace, name: str, **changes: object) -> Trace:
    """Every span of that name with other fields; the trace is put together anew."""
    return redraw_each(trace, name, lambda _: changes)


def redraw_each(trace: Trace, name: str, changes: Callable[[int], dict[str, object]]) -> Trace:
    """The same, the changes depending on which of the spans of that name it is, counted from 0."""
    seen = 0
    spans: list[Span] = []
    for span in trace.spans:
        if span.name == name:
            span = msgspec.structs.replace(span, **changes(seen))  # noqa: PLW2901 - the changed span takes its place
            seen += 1
        spans.append(span)
    if not seen:
        raise ValueError(f"no span named {name!r} is drawn")
    return assemble_one(spans)
