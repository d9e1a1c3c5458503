"""In which order the starts and ends of spans can be worked out, each after what it may wait for.

By time. Where times are equal, ends come before starts, ends of inner spans before those of outer ones, ends by themselves before those
of cancelled spans, and a span that takes no time ends before its next sibling starts. An event is a number: `position` is the start of
that span, `len(trace) + position` its end.
"""

from collections.abc import Collection

from reev_flow.trace.trace import NO_PARENT, Trace


def event_order(trace: Trace, cancelled: Collection[int] = ()) -> list[int]:
    """No event comes before its span's parent started, whatever the clocks said."""
    moments = _moments(trace)
    events = _late_ends(trace, moments, cancelled)
    events += _starts_and_instant_ends(trace, moments)
    events.sort(key=moments.__getitem__)
    return events


def _moments(trace: Trace) -> list[int]:
    """When each event is taken to happen: not before the parent's start, nor before its own."""
    starts: list[int] = []
    ends: list[int] = []
    for span, parent in zip(trace.spans, trace.parents, strict=True):
        start_ns = span.start_ns
        if parent != NO_PARENT and starts[parent] > start_ns:
            start_ns = starts[parent]
        starts.append(start_ns)
        ends.append(max(span.end_ns, start_ns))
    return starts + ends


def _late_ends(trace: Trace, moments: list[int], cancelled: Collection[int]) -> list[int]:
    count = len(trace)
    late = [count + position for position in range(count - 1, -1, -1) if moments[position] < moments[count + position]]
    if cancelled:
        depths = trace.depths()
        late.sort(key=lambda event: (-depths[event - count], (event - count) in cancelled))
    return late


def _starts_and_instant_ends(trace: Trace, moments: list[int]) -> list[int]:
    count = len(trace)
    events: list[int] = []
    open_spans: list[int] = []
    for position in range(count):
        while open_spans and trace.subtree_ends[open_spans[-1]] <= position:
            events.append(count + open_spans.pop())
        events.append(position)
        if moments[position] == moments[count + position]:
            open_spans.append(position)
    events += [count + position for position in reversed(open_spans)]
    return events
