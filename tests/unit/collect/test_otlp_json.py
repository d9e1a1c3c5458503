import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.json_text import scan_json
from reev_flow.collect.otlp_json import read_attributes, spans_of_document
from reev_flow.trace.span import Flag, Span, SpanKind, Status
from support.otlp import MS, SPAN_ID, START_NS, TRACE_ID, any_value, request, span
from support.reading import read_bytes

values = st.recursive(
    st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    *("resourceSpans", "scopeSpans", "spans", "resource", "scope", "attributes", "events", "links", "status"),
    *("key", "value", "stringValue", "arrayValue", "kvlistValue", "values", "traceId", "spanId", "name", "kind"),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)


def read(*documents: Any) -> tuple[list[Span], list[str]]:
    told: list[str] = []
    spans = [
        read
        for document in documents
        for read in spans_of_document(
            scan_json(json.dumps(document).encode()), lambda *words, **_: told.append(words[0])
        )
    ]
    return spans, told


def read_one(**fields: Any) -> Span:
    [only], told = read(request(span(**fields)))
    assert told == []
    return only


def test_a_span_is_read_with_everything_it_has():
    only = read_one(
        name="chat",
        parentSpanId="00f067aa0ba902b7",
        kind=3,
        status={"code": 2, "message": "429"},
        attributes={"model": "gpt"},
        events=[
            {
                "timeUnixNano": str(START_NS + MS),
                "name": "token",
                "attributes": [{"key": "n", "value": {"intValue": "1"}}],
            }
        ],
        links=[{"traceId": TRACE_ID, "spanId": SPAN_ID, "attributes": []}],
    )

    assert (only.trace_id, only.span_id, only.parent_id) == (TRACE_ID, SPAN_ID, "00f067aa0ba902b7")
    assert (only.name, only.kind, only.status, only.status_message) == ("chat", SpanKind.CLIENT, Status.ERROR, "429")
    assert (only.start_ns, only.duration_ns) == (START_NS, 5 * MS)
    assert only.attributes == {"model": "gpt"}
    assert [(event.time_ns, event.name, event.attributes) for event in only.events] == [
        (START_NS + MS, "token", {"n": 1})
    ]
    assert [(link.trace_id, link.span_id) for link in only.links] == [(TRACE_ID, SPAN_ID)]


def test_the_source_is_shared_by_the_spans_of_a_scope():
    (first, second), _ = read(request(span(), span(), service="shop", scope="agent"))

    assert first.source is second.source
    assert (first.source.service, first.source.scope, first.source.scope_version) == ("shop", "agent", "1.2")
    assert first.source.resource == {"service.name": "shop"}


@given(values)
def test_every_kind_of_value_is_read(value: Any):
    assert read_attributes([{"key": "it", "value": any_value(value)}]) == {"it": value}


def test_bytes_are_read():
    assert read_attributes([{"key": "it", "value": {"bytesValue": "aGk="}}]) == {"it": b"hi"}


def test_the_last_of_several_values_of_one_attribute_counts():
    twice = [{"key": "it", "value": {"intValue": 1}}, {"key": "it", "value": {"intValue": 2}}]

    assert read_attributes(twice) == {"it": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"stringValue": 7},
        {"intValue": True},
        {"intValue": "many"},
        {"boolValue": "yes"},
        {"doubleValue": []},
        {"unknownValue": 1},
        "bare",
        None,
        [],
    ],
)
def test_a_value_of_a_wrong_type_counts_as_absent(wrong: Any):
    assert read_attributes([{"key": "it", "value": wrong}, {"key": "next", "value": {"intValue": "1"}}]) == {"next": 1}


@pytest.mark.parametrize(
    "wrong", [None, {}, "text", 7, [None, 7, {"value": {"intValue": 1}}, {"key": 5, "value": {"intValue": 1}}]]
)
def test_attributes_of_a_wrong_type_count_as_absent(wrong: Any):
    assert read_attributes(wrong) == {}


def test_a_value_nested_beyond_reason_is_cut():
    value: dict[str, Any] = {"intValue": "1"}
    for _ in range(300):
        value = {"arrayValue": {"values": [value]}}

    assert str(read_attributes([{"key": "deep", "value": value}])["deep"]).count("[") <= 64


def test_the_names_of_older_and_other_writers_are_read():
    older: dict[str, Any] = {
        "batches": [
            {
                "instrumentationLibrarySpans": [
                    {
                        "instrumentationLibrary": {"name": "old"},
                        "spans": [
                            {
                                "trace_id": TRACE_ID,
                                "span_id": SPAN_ID,
                                "parent_span_id": "00f067aa0ba902b7",
                                "name": "older",
                                "start_time_unix_nano": START_NS,
                                "end_time_unix_nano": START_NS + MS,
                                "kind": "SPAN_KIND_SERVER",
                                "status": {"code": "STATUS_CODE_OK"},
                                "attributes": [{"key": "n", "value": {"int_value": 3}}],
                                "events": [{"time_unix_nano": START_NS, "name": "e"}],
                            }
                        ],
                    }
                ]
            }
        ]
    }

    [only], told = read(older)

    assert told == []
    assert (only.source.scope, only.parent_id, only.duration_ns) == ("old", "00f067aa0ba902b7", MS)
    assert (only.kind, only.status, only.attributes) == (SpanKind.SERVER, Status.OK, {"n": 3})
    assert only.events[0].time_ns == START_NS


def test_base64_ids_are_read():
    only = read_one(traceId=base64.b64encode(bytes.fromhex(TRACE_ID)).decode(), spanId="t61rcWkgMzE=")

    assert (only.trace_id, only.span_id) == (TRACE_ID, SPAN_ID)


def test_a_span_without_ids_is_told_by_name_and_the_others_are_kept():
    spans, told = read(request(span(name="lost", traceId=""), span(name="kept"), span(name="gone", spanId=None)))

    assert [kept.name for kept in spans] == ["kept"]
    assert told == ["left out 2 spans without a trace id or span id: 'lost', 'gone'"]


def test_many_spans_without_ids_are_counted():
    _, told = read(request(*[span(name=f"n{n}", spanId="0") for n in range(5)]))

    assert told == ["left out 5 spans without a trace id or span id: 'n0', 'n1', 'n2' and 2 more"]


def test_entries_of_a_wrong_type_are_told_and_the_others_are_kept():
    document = request(span(name="kept"), 7, None)
    document["resourceSpans"].append("text")
    document["resourceSpans"].append({"scopeSpans": {}})

    spans, told = read(document)

    assert [kept.name for kept in spans] == ["kept"]
    assert told == [
        "left out 2 entries of spans that cannot be read",
        "left out 1 entry of resourceSpans that cannot be read",
        "left out 1 entry of scopeSpans that cannot be read",
    ]


def test_fields_that_are_null_are_absent_without_a_word():
    document = request(span(events=None, links=None, status=None, attributes={}, parentSpanId=None))
    document["resourceSpans"].append({"resource": None, "scopeSpans": None})

    spans, told = read(document)

    assert (len(spans), told) == (1, [])


def test_times_that_are_missing_are_flagged():
    assert read_one(endTimeUnixNano="0").flags == {Flag.UNFINISHED}
    assert read_one(startTimeUnixNano=None).flags == {Flag.MISSING_START}


def test_an_event_without_a_time_happens_when_its_span_starts():
    assert read_one(events=[{"name": "e"}, 7]).events[0].time_ns == START_NS


def test_a_link_that_points_nowhere_is_left_out():
    assert read_one(links=[{"traceId": TRACE_ID}, 7]).links == ()


def test_an_array_of_requests_is_read():
    spans, told = read([request(span(name="a")), request(span(name="b"))])

    assert [each.name for each in spans] == ["a", "b"]
    assert told == []


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({}, "an object without keys"),
        ([], "an empty array"),
        ([1, 2], "2 times a number"),
        ({"a": 1, "b": 2}, "an object with the keys 'a', 'b'"),
        (dict.fromkeys("abcdef", 1), "an object with the keys 'a', 'b', 'c', 'd', 'e', …"),
        ({"resourceLogs": []}, "OTLP logs"),
        ({"resourceMetrics": []}, "OTLP metrics"),
        ({"data": [{"traceID": "1", "spans": []}]}, "Jaeger JSON"),
        ([{"traceId": "1", "id": "2", "timestamp": 3}], "a Zipkin span"),
        ([[]], "an empty array"),
        ([["text"]], "an array of 1, first a string"),
        ([True, None, "text"], "a truth value, null, a string"),
    ],
)
def test_json_of_another_shape_is_told_by_what_it_is(document: Any, found: str):
    assert read(document) == ([], [f"holds {found}"])


def test_a_value_that_no_reader_understands_is_told_as_such():
    assert read_bytes(b"[" + b"9" * 5_000 + b"]").told == ["1: holds a value that cannot be read"]


def test_a_wrong_entry_does_not_hide_the_requests_beside_it():
    spans, told = read([request(span()), {"a": 1}])

    assert len(spans) == 1
    assert told == ["holds an object with the keys 'a'"]


def test_what_only_a_lenient_reader_understands_is_read_too():
    text = json.dumps(request(span(name="odd", attributes={"n": 1.0}))).replace("1.0", "NaN")

    assert read_bytes(text.encode()).names == ["odd"]


def test_text_that_is_not_unicode_spoils_only_itself():
    text = json.dumps(request(span(name="odd"), span(name="fine"))).encode().replace(b"odd", b"o\xffd")

    assert read_bytes(text).names == ["o\ufffdd", "fine"]


@given(anything)
def test_no_document_breaks_the_reader(document: Any):
    spans, told = read(document)

    assert spans or told or document


def test_a_span_that_no_reader_understands_is_told():
    text = json.dumps(request(span(name="fine"), span(name="odd"))).replace('"odd"', "1" * 5_000)

    read = read_bytes(text.encode())

    assert read.names == ["fine"]
    assert read.told == ["1: left out 1 entry of spans that cannot be read"]
