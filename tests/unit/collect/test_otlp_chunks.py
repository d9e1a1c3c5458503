"""Requests are cut into the traces they belong to, and nothing is lost on the way."""

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from reev_flow.collect.otlp_chunks import chunks_of_request, chunks_of_spans
from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.trace.span import Flag, Source, Span, SpanEvent, SpanKind, SpanLink, Status

TRACES = [bytes([number]) * 16 for number in range(1, 5)]
BAD_IDS = [b"", bytes(16), b"short", b"much too long for an id"]

placed_spans = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([*TRACES, *BAD_IDS]), st.integers(1, 2**64 - 1)),
    max_size=40,
)


def request_of(placed: list[tuple[int, int, bytes, int]]) -> ExportTraceServiceRequest:
    """Each span in that resource and scope."""
    request = ExportTraceServiceRequest()
    for number in range(3):
        resource_spans = request.resource_spans.add(schema_url=f"resource {number}")
        resource_spans.resource.attributes.add(key="service.name").value.string_value = f"service {number}"
        for scope in range(3):
            resource_spans.scope_spans.add(schema_url=f"scope {scope}").scope.name = f"scope {scope}"
    for resource, scope, trace, span in placed:
        request.resource_spans[resource].scope_spans[scope].spans.append(
            SpanMessage(trace_id=trace, span_id=span.to_bytes(8, "big"), name=str(span), start_time_unix_nano=span)
        )
    return request


def told_of(request: ExportTraceServiceRequest | TracesData) -> list[tuple[str, str, str, str, bytes]]:
    """Every span that has ids, with everything around it."""
    return sorted(
        (
            str(resource_spans.resource),
            resource_spans.schema_url,
            str(scope_spans.scope),
            scope_spans.schema_url,
            span.SerializeToString(),
        )
        for resource_spans in request.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
        if span.trace_id in TRACES
    )


@given(placed_spans)
def test_every_span_is_in_the_chunk_of_its_trace_with_what_was_around_it(placed):
    request = request_of(placed)
    chunks = chunks_of_request(request).chunks
    messages = [TracesData.FromString(chunk.data) for chunk in chunks]
    assert sorted(told for message in messages for told in told_of(message)) == told_of(request)
    for chunk, message in zip(chunks, messages, strict=True):
        assert {span[-1][2:18].hex() for span in told_of(message)} == {chunk.trace_id}


@given(placed_spans)
def test_spans_without_valid_ids_are_counted(placed):
    cut = chunks_of_request(request_of(placed))
    bad = sum(trace not in TRACES for _, _, trace, _ in placed)
    assert (cut.spans, cut.rejected, bool(cut.reason)) == (len(placed) - bad, bad, bad > 0)


@given(placed_spans)
def test_a_chunk_counts_its_spans_and_knows_when_the_first_began(placed):
    for chunk in chunks_of_request(request_of(placed)).chunks:
        starts = [span for _, _, trace, span in placed if trace.hex() == chunk.trace_id]
        assert (chunk.spans, chunk.start_ns) == (len(starts), min(starts))


def test_a_chunk_is_named_after_its_root_and_its_service():
    request = request_of([(1, 0, TRACES[0], 7)])
    (chunk,) = chunks_of_request(request).chunks
    assert (chunk.root, chunk.has_root, chunk.service) == ("7", True, "service 1")


def test_unknown_fields_stay_where_they_were():
    span = SpanMessage(trace_id=TRACES[0], span_id=b"s" * 8).SerializeToString() + b"\xf2\x3f\x03new"
    message = b"\x12" + bytes([len(span)]) + span
    request = ExportTraceServiceRequest.FromString(b"\x0a" + bytes([len(message) + 2, 0x12, len(message)]) + message)
    (chunk,) = chunks_of_request(request).chunks
    assert b"\xf2\x3f\x03new" in chunk.data


SPAN = Span(
    trace_id="a" * 32,
    span_id="b" * 16,
    parent_id="c" * 16,
    name="ask",
    start_ns=5,
    end_ns=9,
    kind=SpanKind.CLIENT,
    status=Status.ERROR,
    status_message="no answer",
    source=Source(service="shop", scope="lib", scope_version="2", resource={"service.name": "shop", "host": "h"}),
    attributes={
        "text": "žluť",
        "count": -3,
        "large": 2**63 - 1,
        "share": 0.5,
        "yes": True,
        "data": b"\x00\xff",
        "list": [1, "two", [3.0]],
        "map": {"inner": {"deep": [None, False]}},
    },
    events=(SpanEvent(time_ns=6, name="said", attributes={"a": 1}),),
    links=(SpanLink(trace_id="d" * 32, span_id="e" * 16, attributes={"b": 2}),),
)


def back(span: Span) -> Span:
    (chunk,) = chunks_of_spans([span])
    (read,) = spans_of_message(chunk.data, Losses())
    return read


def test_our_records_come_back_as_they_were():
    assert back(SPAN) == SPAN


def test_what_has_no_end_comes_back_without_one():
    unfinished = Span(trace_id="a" * 32, span_id="b" * 16, start_ns=5, end_ns=5, flags=frozenset({Flag.UNFINISHED}))
    assert back(unfinished) == unfinished


def test_short_ids_are_filled_up_and_other_texts_become_ids_that_stay_the_same():
    short = back(Span(trace_id="abc", span_id="1", parent_id="2", start_ns=1, end_ns=2))
    other = [back(Span(trace_id="run one", span_id="step", start_ns=1, end_ns=2)).trace_id for _ in range(2)]
    assert (short.trace_id, short.span_id, short.parent_id) == ("abc".zfill(32), "1".zfill(16), "2".zfill(16))
    assert other[0] == other[1]
    assert len(other[0]) == 32


def test_what_nests_too_deep_for_readers_becomes_json():
    nested: list[object] = []
    for _ in range(60):
        nested = [nested]
    read = back(Span(trace_id="a" * 32, span_id="b" * 16, start_ns=1, end_ns=2, attributes={"deep": nested}))  # type: ignore[dict-item]
    assert "[[[[" in str(read.attributes["deep"])


def test_numbers_that_64_bits_cannot_hold_become_text():
    read = back(Span(trace_id="a" * 32, span_id="b" * 16, start_ns=1, end_ns=2, attributes={"n": 2**70}))
    assert read.attributes == {"n": str(2**70)}


def test_half_of_a_surrogate_pair_becomes_a_question_mark():
    assert back(Span(trace_id="a" * 32, span_id="b" * 16, start_ns=1, end_ns=2, name="\ud800")).name == "?"


def test_spans_of_equal_sources_stand_together():
    spans = [
        Span(trace_id="a" * 32, span_id=f"{number:016x}", start_ns=1, end_ns=2, source=Source(resource={"host": "h"}))
        for number in range(1, 4)
    ]
    (chunk,) = chunks_of_spans(spans)
    assert len(TracesData.FromString(chunk.data).resource_spans) == 1
