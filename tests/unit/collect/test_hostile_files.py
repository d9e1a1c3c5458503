"""Whatever lies in a file: it is read or told, and what was read can be kept and read again as it was."""

import gzip
import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble
from reev_flow.collect.files import read_spans
from reev_flow.collect.otlp_chunks import chunks_of_spans
from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import document_of
from reev_flow.trace.span import Span
from support.foreign import as_bytes, clickhouse_row, jaeger, jaeger_span, reev_input, reev_output, tag
from support.otlp import line, request, span
from support.reading import Read, read_bytes

CONTEXT_SPAN = {
    "name": "work",
    "context": {"trace_id": "0x" + "1" * 32, "span_id": "0x" + "2" * 16},
    "start_time": "2023-11-14T22:13:20Z",
    "end_time": 1_700_000_000_000_000_000,
    "status": {"status_code": "OK"},
    "attributes": {"llm": {"messages": [{"role": "user"}]}},
    "events": [{"name": "e", "timestamp": 7, "attributes": {}}],
    "links": [{"context": {"trace_id": "0x" + "1" * 32, "span_id": "0x" + "2" * 16}}],
    "resource": {"attributes": {"service.name": "shop"}},
}
MLFLOW_SPAN = {
    "trace_id": "EREREREREREREREREREREQ==",
    "span_id": "IiIiIiIiIiI=",
    "start_time_unix_nano": 1,
    "end_time_unix_nano": 2,
    "status": {"code": "STATUS_CODE_OK"},
    "attributes": {"mlflow.spanInputs": "{}"},
    "events": [{"name": "e", "time_unix_nano": 1}],
}
OBSERVATION = {
    "id": "2" * 16,
    "traceId": "1" * 32,
    "type": "GENERATION",
    "startTime": "2023-11-14T22:13:20Z",
    "usageDetails": {"input": 1},
    "metadata": {"a": 1},
}
VALID: tuple[Any, ...] = (
    request(
        span(
            attributes={"a": [1, {"b": 2.5}], "c": True},
            events=[{"name": "e"}],
            links=[{"traceId": "1", "spanId": "2"}],
        )
    ),
    {"trace": {"batches": request(span())["resourceSpans"]}, "message": ""},
    jaeger(jaeger_span(tags=[tag("a", 1, "int64")], logs=[{"timestamp": 1, "fields": [tag("event", "e")]}])),
    jaeger_span(process={"serviceName": "s", "tags": {}}, references=[{"refType": "CHILD_OF", "spanID": "1"}]),
    clickhouse_row(
        **{"Events.Timestamp": ["2023-11-14 22:13:21"], "Events.Name": ["e"], "Events.Attributes": [{"a": "1"}]}
    ),
    {"meta": [{"name": name} for name in clickhouse_row()], "data": [list(clickhouse_row().values())]},
    [reev_input(1, "swap", amount=5), reev_output(2, {"tool_name": "swap"}, ms=5)],
    {"session_id": "s", "tool_name": "t", "execution_time_ms": 5, "output_result": {"a": 1}, "input_params": {"b": 1}},
    {"data": [CONTEXT_SPAN]},
    {"info": {"trace_metadata": {"mlflow.trace.session": "s"}}, "data": {"spans": [MLFLOW_SPAN, CONTEXT_SPAN]}},
    {"id": "1" * 32, "sessionId": "s", "observations": [OBSERVATION]},
)

ODD_NUMBERS = st.sampled_from([0, -1, 2**63 - 1, -(2**63), 2**63, 2**64, 10**30, 1e308, -0.5, 1e-320])
ODD_TEXTS = st.sampled_from(
    ["", "\0", "\ud800", "NaN", "1" * 25, "0x", "2023-11-14 22:13:20", "9999-12-31T23:59:59.999999999-14:00", "a" * 300]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | ODD_NUMBERS | ODD_TEXTS
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places_in(document: Any) -> list[tuple[Any, ...]]:
    """The path of every value in a document."""
    found: list[tuple[Any, ...]] = [()]
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, part in parts:
            found.append((*path, name))
            waiting.append(((*path, name), part))
    return found


def with_another(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    within = copy
    for name in path[:-1]:
        within = within[name]
    within[path[-1]] = value
    return copy


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid document in which one to three values are others."""
    document = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        document = with_another(document, draw(st.sampled_from(places_in(document))), draw(ANYTHING))
    return document


def kept(spans: list[Span]) -> list[Span]:
    return [span for chunk in chunks_of_spans(spans) for span in spans_of_message(chunk.data, Losses())]


def told_of(spans: list[Span]) -> list[str]:
    """Everything that is said about the runs of these spans."""
    processor = TraceProcessor()
    return [json.dumps(document_of(processor.process_trace(trace)), default=repr) for trace in assemble(spans)]


def assert_is_read_or_told(read: Read) -> None:
    assert read.spans or read.problems
    assert all("\n" not in str(problem) for problem in read.problems)


@given(mutated())
@settings(max_examples=400, deadline=None)
def test_a_document_with_wrong_values_is_read_or_told(document: Any):
    assert_is_read_or_told(read_bytes(as_bytes(document)))


@given(mutated())
@settings(max_examples=200, deadline=None)
def test_what_was_read_is_the_same_after_it_was_kept(document: Any):
    spans = read_bytes(as_bytes(document)).spans

    assert told_of(kept(spans)) == told_of(spans)


@given(st.sampled_from(VALID), st.data())
@settings(max_examples=200, deadline=None)
def test_a_document_that_is_cut_is_read_or_told(document: Any, data: st.DataObject):
    whole = as_bytes(document)

    assert_is_read_or_told(read_bytes(whole[: data.draw(st.integers(0, len(whole)))]))


@given(st.sampled_from(VALID), st.data())
@settings(max_examples=300, deadline=None)
def test_a_document_with_other_bytes_in_it_is_read_or_told(document: Any, data: st.DataObject):
    whole = bytearray(as_bytes(document))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    assert_is_read_or_told(read_bytes(bytes(whole)))


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"\x0a", b"\0\0\0\x10\x0a", b"\x1f\x8b\x08", b"\x78\x9c", b"{", b"[", b"\x1e{", b"# SESSION_SUMMARY:"]
    ),
)
@settings(max_examples=400, deadline=None)
def test_bytes_that_begin_like_a_form_are_read_or_told(data: bytes, beginning: bytes):
    assert_is_read_or_told(read_bytes(beginning + data))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_protobuf_with_other_bytes_in_it_is_read_or_told(data: st.DataObject):
    [chunk] = chunks_of_spans(read_bytes(as_bytes(VALID[0])).spans)
    message = bytearray(chunk.data)
    at = data.draw(st.integers(0, len(message) - 1))
    message[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    frame = len(message).to_bytes(4, "big") + bytes(message)

    for form in (bytes(message), frame, frame + frame[:-3], gzip.compress(message, mtime=0)):
        assert_is_read_or_told(read_bytes(form))


DEEP = 5_000


@pytest.mark.parametrize(
    "document",
    [
        '{"data": [{"traceID": "1", "processes": {}, "spans": [{"traceID": "1", "spanID": "1", "tags": DEEP}]}]}',
        '{"TraceId": "1", "SpanId": "1", "SpanName": "n", "SpanAttributes": DEEP}',
        '{"session_id": "s", "event_type": "ToolInput", "tool_input": {"tool_name": "t", "tool_args": DEEP}}',
        '{"context": {"trace_id": "1", "span_id": "1"}, "start_time": 1, "attributes": DEEP}',
        '{"trace_id": "1", "span_id": "1", "start_time_unix_nano": 1, "attributes": DEEP}',
        '{"traceId": "1", "id": "1", "type": "SPAN", "startTime": "", "input": DEEP}',
        '{"data": DEEP}',
        "DEEP",
    ],
)
@pytest.mark.parametrize("depth", [60, 200, 900, 980, DEEP])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_of_any_depth_is_survived(document: str, depth: int, opening: str, closing: str):
    deep = opening * depth + "1" + closing * depth

    assert_is_read_or_told(read_bytes(document.replace("DEEP", deep).encode()))


def test_a_bomb_is_unfolded_piece_by_piece():
    """A gzip of a few kilobytes that unfolds into many lines is never held whole."""
    bomb = gzip.compress(line(request(span())) * 20_000, mtime=0)
    tracemalloc.start()
    try:
        read = sum(1 for _ in read_spans(["-"], on_problem=print, stdin=io.BytesIO(bomb)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert read == 20_000
    assert peak < 5_000_000
