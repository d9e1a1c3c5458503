"""Ids of spans in the one form that stores know them by."""

import re

import msgspec

from reev_flow.collect.span_bytes import SPAN_ID_BYTES, TRACE_ID_BYTES, id_bytes
from reev_flow.trace.span import Span, SpanLink

IS_TRACE_ID = re.compile("[0-9a-f]{32}").fullmatch
IS_SPAN_ID = re.compile("[0-9a-f]{16}").fullmatch


def with_known_ids(span: Span) -> Span:
    """The span with ids of OpenTelemetry's lengths: shorter ones get zeros before them, others are replaced, each always by the same.

    So a run has the same id in a file and in a store.
    """
    parent_id = span.parent_id
    is_known = IS_TRACE_ID(span.trace_id) and IS_SPAN_ID(span.span_id)
    if is_known and (parent_id is None or IS_SPAN_ID(parent_id)) and not span.links:
        return span
    return msgspec.structs.replace(
        span,
        trace_id=_known(span.trace_id, TRACE_ID_BYTES),
        span_id=_known(span.span_id, SPAN_ID_BYTES),
        parent_id=None if parent_id is None else _known(parent_id, SPAN_ID_BYTES),
        links=tuple(map(_known_link, span.links)),
    )


def _known_link(link: SpanLink) -> SpanLink:
    trace_id, span_id = _known(link.trace_id, TRACE_ID_BYTES), _known(link.span_id, SPAN_ID_BYTES)
    return SpanLink(trace_id=trace_id, span_id=span_id, attributes=link.attributes)


def _known(known: str, length: int) -> str:
    return id_bytes(known, length).hex()
