"""Bytes that OpenTelemetry's own decoder reads as its own encoder's."""

import string
from collections.abc import Callable
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from reev_flow.runtime.span_encoding import encode_trace
from support.otel import Recorded

RESOURCES = (Resource({"service.name": "shop"}), Resource({"n": 1}, "https://example.com/schema"))
SCOPES = (
    None,
    InstrumentationScope("a library"),
    InstrumentationScope("a library", "1.2", "https://example.com/schema", {"a": 1}),
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ATOMS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | NAMES
    | st.binary(max_size=200)
    | st.none()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
ATTRIBUTES = st.dictionaries(NAMES, VALUES, max_size=5)
TIMES = st.integers(0, 2**63 - 1)
STATES = st.sampled_from([None, TraceState([("a", "1"), ("b", "2")])])
CONTEXTS = st.builds(
    SpanContext,
    trace_id=st.integers(1, 2**128 - 1),
    span_id=st.integers(1, 2**64 - 1),
    is_remote=st.booleans(),
    trace_flags=st.just(TraceFlags(1)),
    trace_state=STATES,
)
SPANS = st.builds(
    ReadableSpan,
    name=NAMES,
    context=CONTEXTS,
    parent=st.none() | CONTEXTS,
    resource=st.sampled_from(RESOURCES),
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(Event, NAMES, ATTRIBUTES, TIMES), max_size=2),
    links=st.lists(st.builds(Link, CONTEXTS, ATTRIBUTES), max_size=2),
    kind=st.sampled_from(SpanKind),
    status=st.builds(Status, st.just(StatusCode.ERROR), NAMES) | st.sampled_from([Status(), Status(StatusCode.OK)]),
    start_time=TIMES,
    end_time=TIMES,
    instrumentation_scope=st.sampled_from(SCOPES),
)


def read(data: bytes) -> Any:
    return TracesData.FromString(data)


def ours(attribute: object) -> Any:
    """The value of an attribute as it is read back."""
    span = ReadableSpan("a", SpanContext(1, 1, is_remote=False), attributes={"x": attribute}, resource=RESOURCES[0])  # type: ignore[dict-item] # anything
    (pair,) = read(encode_trace([span])).resource_spans[0].scope_spans[0].spans[0].attributes
    return getattr(pair.value, pair.value.WhichOneof("value"))


@given(SPANS)
def test_a_span_is_encoded_as_others_encode_it(span: ReadableSpan):
    assert read(encode_trace([span])) == read(encode_spans([span]).SerializeToString())


@given(st.lists(SPANS, max_size=6))
def test_no_span_is_lost_among_others(spans: list[ReadableSpan]):
    message = read(encode_trace(spans))
    encoded = [span for one in message.resource_spans for scoped in one.scope_spans for span in scoped.spans]
    assert sorted(span.span_id for span in encoded) == sorted(span.context.span_id.to_bytes(8, "big") for span in spans)


def test_spans_of_one_resource_and_scope_share_them():
    span = ReadableSpan("a", SpanContext(1, 1, is_remote=False), resource=RESOURCES[0], instrumentation_scope=SCOPES[1])
    message = read(encode_trace([span, span, span]))
    assert [len(one.scope_spans[0].spans) for one in message.resource_spans] == [3]


def test_what_was_dropped_is_counted():
    recorded = Recorded(span_limits=SpanLimits(max_span_attributes=1, max_events=1, max_links=1))
    link = Link(SpanContext(1, 1, is_remote=False))
    span = recorded.tracer.start_span("a", attributes={"a": 1, "b": 2}, links=[link, link])
    span.add_event("one")
    span.add_event("two")
    span.end()
    assert read(encode_trace(recorded.readable)) == read(encode_spans(recorded.readable).SerializeToString())


class Level(IntEnum):
    HIGH = 3


class Name(str):
    __slots__ = ()


ODD: list[tuple[object, object]] = [
    (10**30, "1" + "0" * 30),
    (Level.HIGH, 3),
    (Name("ada"), "ada"),
    ("a\ud800b", "a?b"),
    (object, "<class 'object'>"),
]


@pytest.mark.parametrize(("value", "expected"), ODD, ids=lambda value: type(value).__name__)
def test_odd_values_are_kept_as_well_as_can_be(value: object, expected: object):
    assert ours(value) == expected


def test_what_behaves_like_a_dict_or_a_list_is_one():
    pairs = ours(MappingProxyType({"a": range(2)})).values
    assert [(pair.key, [item.int_value for item in pair.value.array_value.values]) for pair in pairs] == [("a", [0, 1])]


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384, 2_097_152])
def test_text_of_any_length(length: int):
    assert ours(string.ascii_letters[:1] * length) == "a" * length


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}], ids=["lists", "dicts"])
def test_what_nests_deeper_than_readers_bear_is_text_from_there_on(wrap: Callable[[object], object]):
    value: object = "gold"
    for _ in range(200):
        value = wrap(value)
    assert "gold" in str(ours(value))


@pytest.mark.parametrize(("time", "nearest"), [(-1, 0), (2**64, 2**64 - 1)])
def test_a_time_that_no_reader_bears_is_the_nearest_one(time: int, nearest: int):
    span = ReadableSpan("a", SpanContext(1, 1, is_remote=False), resource=RESOURCES[0], start_time=time)
    (encoded,) = read(encode_trace([span])).resource_spans[0].scope_spans[0].spans
    assert encoded.start_time_unix_nano == nearest
