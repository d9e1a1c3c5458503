"""Spans that only say that another span began, as records of that span without an end."""

from msgspec.structs import replace

from reev_flow.collect.dialects import BEGINNINGS
from reev_flow.collect.dialects.dialect import Beginning
from reev_flow.trace.span import Flag, Span

NO_PARENT_ID = "0" * 16


def as_record(span: Span) -> Span:
    """The span itself when it stands for its own work.

    A beginning is the only trace of work that a crash ended, and a second account of work that went on; as a record without an end
    it is both, because records of one span are merged.
    """
    for beginning in BEGINNINGS:
        if span.parent_id and span.attributes.get(beginning.attribute) == beginning.value:
            return _record(span, beginning)
    return span


def _record(span: Span, beginning: Beginning) -> Span:
    parent = span.attributes.get(beginning.parent)
    is_named = isinstance(parent, str) and parent != NO_PARENT_ID
    saying_so = {beginning.attribute, beginning.parent}
    return replace(
        span,
        span_id=span.parent_id or span.span_id,
        parent_id=parent if is_named else None,
        attributes={name: value for name, value in span.attributes.items() if name not in saying_so},
        flags=span.flags | {Flag.UNFINISHED},
    )
