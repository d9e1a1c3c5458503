"""Our own records of spans as the bytes of an OTLP message."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from reev_flow.collect.otlp_wire import attributes, count, message, moment, text
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import Flag, Source, Span, SpanEvent, SpanKind, SpanLink, Status

TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8
KINDS = {kind: number for number, kind in enumerate(SpanKind)}
STATUSES = {Status.UNSET: 0, Status.OK: 1, Status.ERROR: 2}


def encode_spans(spans: Iterable[Span]) -> bytes:
    """A `TracesData` message with what was received; what was understood of it is read again from there."""
    by_source: dict[int, list[Span]] = {}
    for span in spans:
        by_source.setdefault(id(span.source), []).append(span)  # few objects as a rule; equal ones are found below
    by_bytes: dict[tuple[bytes, bytes], list[Span]] = {}
    for group in by_source.values():
        by_bytes.setdefault(_source(group[0].source), []).extend(group)
    return b"".join([_resource_spans(*source, group) for source, group in by_bytes.items()])


def id_bytes(known: str | None, length: int) -> bytes:
    """Of an id in hexadecimal digits, shorter ones filled up with zeros. Of any other text: always the same, so that links still lead there."""
    if not known:
        return b""
    try:
        raw = bytes.fromhex(known.zfill(2 * length))
    except ValueError:
        raw = b""
    return raw if len(raw) == length else blake2b(known.encode(errors="replace"), digest_size=length).digest()


def _source(source: Source) -> tuple[bytes, bytes]:
    """The resource and the scope."""
    resource = source.resource
    if source.service and SERVICE_NAME not in resource:
        resource = {SERVICE_NAME: source.service, **resource}
    scope = text(b"\x0a", source.scope) + text(b"\x12", source.scope_version)
    return message(b"\x0a", attributes(b"\x0a", resource)), message(b"\x0a", scope)


def _resource_spans(resource: bytes, scope: bytes, spans: Sequence[Span]) -> bytes:
    scope_spans = scope + b"".join([message(b"\x12", encode_span(span)) for span in spans])
    return message(b"\x0a", resource + message(b"\x12", scope_spans))


def encode_span(span: Span) -> bytes:
    parts = [
        message(b"\x0a", id_bytes(span.trace_id, TRACE_ID_BYTES))
        + message(b"\x12", id_bytes(span.span_id, SPAN_ID_BYTES)),
        message(b"\x22", id_bytes(span.parent_id, SPAN_ID_BYTES)) if span.parent_id else b"",
        text(b"\x2a", span.name),
        count(b"\x30", KINDS[span.kind]),
        b"" if Flag.MISSING_START in span.flags else moment(b"\x39", span.start_ns),
        b"" if Flag.UNFINISHED in span.flags else moment(b"\x41", span.end_ns),
        attributes(b"\x4a", span.attributes),
        *[message(b"\x5a", _event(event)) for event in span.events],
        *[message(b"\x6a", _link(link)) for link in span.links],
        message(b"\x7a", text(b"\x12", span.status_message) + count(b"\x18", STATUSES[span.status])),
    ]
    return b"".join(parts)


def _event(event: SpanEvent) -> bytes:
    return moment(b"\x09", event.time_ns) + text(b"\x12", event.name) + attributes(b"\x1a", event.attributes)


def _link(link: SpanLink) -> bytes:
    ids = message(b"\x0a", id_bytes(link.trace_id, TRACE_ID_BYTES)) + message(
        b"\x12", id_bytes(link.span_id, SPAN_ID_BYTES)
    )
    return ids + attributes(b"\x22", link.attributes)
