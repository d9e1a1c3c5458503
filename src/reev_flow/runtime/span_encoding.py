"""Finished spans of an OpenTelemetry SDK as the bytes of an OTLP message.

OpenTelemetry's own encoder makes a protobuf object of every attribute, and asks for the hash of the whole resource for every span; here
the bytes are written down directly, in a fraction of the time. Tests hold the two against each other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from struct import Struct
from types import NoneType
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, TraceState

# The number of a field and the way it is written, as it stands before each field: `opentelemetry/proto/trace/v1/trace.proto`.
RESOURCE_SPANS = RESOURCE = b"\x0a"
SCOPE_SPANS, RESOURCE_SCHEMA = b"\x12", b"\x1a"
SCOPE, SPAN, SCOPE_SCHEMA = b"\x0a", b"\x12", b"\x1a"
RESOURCE_ATTRIBUTE, SCOPE_ATTRIBUTE, SPAN_ATTRIBUTE, EVENT_ATTRIBUTE, LINK_ATTRIBUTE = (
    b"\x0a",
    b"\x1a",
    b"\x4a",
    b"\x1a",
    b"\x22",
)
KEY, VALUE, ITEM = b"\x0a", b"\x12", b"\x0a"
FLAGS_OF_LOCAL, FLAGS_OF_REMOTE = (0x100).to_bytes(4, "little"), (0x300).to_bytes(4, "little")
NO_STATUS = b"\x7a\x00"
SHORT_TEXT = 40  # characters
LEAST_INT, LARGEST_INT, UNSIGNED = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1

KINDS = {kind: b"\x30" + bytes([kind.value + 1]) for kind in SpanKind}  # OTLP counts from 1
_double = Struct("<d").pack
_start = Struct("<cQ").pack
_short = [bytes([number]) for number in range(128)]


def encode_trace(spans: Iterable[ReadableSpan]) -> bytes:
    """A `TracesData` message. Raises what a span that is none makes it raise."""
    grouped: dict[tuple[int, int], list[ReadableSpan]] = {}
    for span in spans:
        # By identity: resources and scopes are few objects, and equal ones may as well be written twice.
        grouped.setdefault((id(span.resource), id(span.instrumentation_scope)), []).append(span)
    return b"".join([_resource_spans(group) for group in grouped.values()])


def _resource_spans(spans: Sequence[ReadableSpan]) -> bytes:
    resource, scope = spans[0].resource, spans[0].instrumentation_scope
    parts = [_scope(scope), *[_message(SPAN, _span(span)) for span in spans]]
    if scope is not None and scope.schema_url:
        parts.append(_text(SCOPE_SCHEMA, scope.schema_url))
    body = _resource(resource) + _message(SCOPE_SPANS, b"".join(parts))
    return _message(
        RESOURCE_SPANS, body + (_text(RESOURCE_SCHEMA, resource.schema_url) if resource.schema_url else b"")
    )


def _resource(resource: Resource) -> bytes:
    return _message(RESOURCE, _attributes(RESOURCE_ATTRIBUTE, resource.attributes))


def _scope(scope: InstrumentationScope | None) -> bytes:
    if scope is None:
        return SCOPE + b"\x00"
    named = _text(b"\x0a", scope.name) + (_text(b"\x12", scope.version) if scope.version else b"")
    return _message(SCOPE, named + _attributes(SCOPE_ATTRIBUTE, scope.attributes))


def _span(span: ReadableSpan) -> bytes:
    context = span.get_span_context()
    assert context is not None  # noqa: S101 - a span that ended has one
    parent = span.parent
    parts = [
        b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big"),
        _trace_state(context.trace_state),
        b"" if parent is None else b"\x22\x08" + parent.span_id.to_bytes(8, "big"),
        _text(b"\x2a", span.name),
        KINDS[span.kind],
        _start(b"\x39", span.start_time or 0) + _start(b"\x41", span.end_time or 0),
        _attributes(SPAN_ATTRIBUTE, _held(span)),
        _count(b"\x50", span.dropped_attributes),
        *[_message(b"\x5a", _event(event)) for event in span.events],
        _count(b"\x60", span.dropped_events),
        *[_message(b"\x6a", _link(link)) for link in span.links],
        _count(b"\x70", span.dropped_links),
        _status(span.status),
        b"\x85\x01" + _flags(parent),
    ]
    return b"".join(parts)


def _event(event: Event) -> bytes:
    named = _start(b"\x09", event.timestamp) + _text(b"\x12", event.name)
    return named + _attributes(EVENT_ATTRIBUTE, event.attributes) + _count(b"\x20", event.dropped_attributes)


def _link(link: Link) -> bytes:
    context = link.context
    ids = b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big")
    attributes = _attributes(LINK_ATTRIBUTE, link.attributes) + _count(b"\x28", link.dropped_attributes)
    return ids + attributes + b"\x35" + _flags(context)


def _status(status: Status) -> bytes:
    told = _text(b"\x12", status.description) if status.description else b""
    code = status.status_code.value
    return _message(b"\x7a", told + (b"\x18" + _short[code] if code else b"")) if told or code else NO_STATUS


def _flags(context: SpanContext | None) -> bytes:
    return FLAGS_OF_REMOTE if context is not None and context.is_remote else FLAGS_OF_LOCAL


def _held(span: ReadableSpan) -> Mapping[str, Any] | None:
    """What the SDK shows of attributes takes three calls for each of them; what is below is a dictionary."""
    attributes = getattr(span, "_attributes", None)
    if type(attributes) is BoundedAttributes:
        below = getattr(attributes, "_dict", None)
        if type(below) is dict:
            return below
    return span.attributes


def _trace_state(state: TraceState) -> bytes:
    return _text(b"\x1a", ",".join(f"{key}={value}" for key, value in state.items())) if state else b""


def _attributes(tag: bytes, attributes: Mapping[str, Any] | None) -> bytes:
    if not attributes:
        return b""
    return b"".join(
        [
            _short_text(tag, name, value)
            if type(value) is str and len(value) <= SHORT_TEXT
            else _message(tag, _key(name) + _value(value))
            for name, value in attributes.items()
        ]
    )


@lru_cache(maxsize=8_192)
def _short_text(tag: bytes, name: str, value: str) -> bytes:
    """Short texts repeat: names of tools and models, kinds of operations."""
    return _message(tag, _key(name) + _value(value))


@lru_cache(maxsize=4_096)
def _key(name: str) -> bytes:
    return _text(KEY, name)


def _value(value: Any) -> bytes:
    return _message(VALUE, _any(value))


def _any(value: Any) -> bytes:
    """What is no value of OTLP becomes text. What nests deeper than the stack makes it raise."""
    write = WRITERS.get(type(value))
    if write is None:
        write = next((write for kind, write in OTHERS.items() if isinstance(value, kind)), _shown)
    return write(value)


def _int(number: int) -> bytes:
    return b"\x18" + _varint(number & UNSIGNED) if LEAST_INT <= number <= LARGEST_INT else _shown(number)


def _array(items: Sequence[Any]) -> bytes:
    return _message(b"\x2a", b"".join([_message(ITEM, _any(item)) for item in items]))


def _pairs(items: Mapping[Any, Any]) -> bytes:
    pairs = [_message(ITEM, _text(KEY, str(name)) + _value(item)) for name, item in items.items()]
    return _message(b"\x32", b"".join(pairs))


def _shown(value: object) -> bytes:
    return _text(b"\x0a", str(value))


WRITERS: Mapping[type, Callable[[Any], bytes]] = {
    str: lambda text: _text(b"\x0a", text),
    bool: lambda truth: b"\x10\x01" if truth else b"\x10\x00",
    int: _int,
    float: lambda number: b"\x21" + _double(number),
    NoneType: lambda _: b"",
    bytes: lambda data: _message(b"\x3a", data),
    tuple: _array,
    list: _array,
    dict: _pairs,
}
OTHERS: Mapping[type, Callable[[Any], bytes]] = {
    str: WRITERS[str],
    int: WRITERS[int],
    float: WRITERS[float],
    bytes: WRITERS[bytes],
    Sequence: _array,
    Mapping: _pairs,
}
"""For subclasses, and for what only behaves like a list or a dict."""


def _text(tag: bytes, text: str) -> bytes:
    try:
        return _message(tag, text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return _message(tag, text.encode(errors="replace"))


def _count(tag: bytes, number: int) -> bytes:
    return tag + _varint(number) if number else b""


def _message(tag: bytes, data: bytes) -> bytes:
    length = len(data)
    return tag + (_short[length] if length < 128 else _varint(length)) + data


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the top bit says that more follow."""
    if number < 128:
        return _short[number]
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)
