"""What logs tell of spans before, or without, the spans themselves: spans that are nothing but ids and events."""

import msgspec

from reev_flow.trace.span import Flag, Span, SpanKind, Status

NO_TIMES = frozenset({Flag.UNFINISHED, Flag.MISSING_START})


def is_fragment(record: Span) -> bool:
    """Whether it only adds events to a span that comes by itself."""
    return (
        record.flags >= NO_TIMES
        and bool(record.events)
        and not (record.name or record.parent_id or record.attributes or record.links)
        and record.kind is SpanKind.UNSPECIFIED
        and record.status is Status.UNSET
    )


def stand_in(fragment: Span) -> Span:
    """In the place of the span that is awaited: it lasts from the first event to the last, if any tells its time."""
    times = [event.time_ns for event in fragment.events if event.time_ns]
    if not times:
        return fragment
    return msgspec.structs.replace(
        fragment, name=fragment.events[0].name, start_ns=min(times), end_ns=max(times), flags=fragment.flags - NO_TIMES
    )
