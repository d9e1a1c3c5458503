import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtobufSpan

from reev_flow.trace.span import Flag, SpanKind, Status
from support.otlp import MS, SPAN_ID, START_NS, TRACE_ID
from support.reading import read_bytes


def message(*spans: ProtobufSpan):
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    resource_spans.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value="shop")))
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name, scope_spans.scope.version = "tests", "1.2"
    scope_spans.spans.extend(spans)
    return request.SerializeToString()


def protobuf_span(**fields: Any):
    return ProtobufSpan(
        **{
            "trace_id": bytes.fromhex(TRACE_ID),
            "span_id": bytes.fromhex(SPAN_ID),
            "name": "work",
            "start_time_unix_nano": START_NS,
            "end_time_unix_nano": START_NS + MS,
            **fields,
        }
    )


def read_one(**fields: Any):
    read = read_bytes(message(protobuf_span(**fields)))
    assert read.problems == []
    return read.spans[0]


def test_a_span_is_read_with_everything_it_has():
    only = read_one(
        parent_span_id=b"\1" * 8,
        kind=3,
        status={"code": 2, "message": "429"},
        events=[ProtobufSpan.Event(time_unix_nano=START_NS, name="token")],
        links=[ProtobufSpan.Link(trace_id=b"\1" * 16, span_id=b"\2" * 8), ProtobufSpan.Link(trace_id=b"\1" * 16)],
    )

    assert (only.trace_id, only.span_id, only.parent_id) == (TRACE_ID, SPAN_ID, "01" * 8)
    assert (only.kind, only.status, only.status_message) == (SpanKind.CLIENT, Status.ERROR, "429")
    assert (only.name, only.duration_ns, only.parent_id) == ("work", MS, "01" * 8)
    assert [(event.time_ns, event.name) for event in only.events] == [(START_NS, "token")]
    assert [(link.trace_id, link.span_id) for link in only.links] == [("01" * 16, "02" * 8)]
    assert (only.source.service, only.source.scope, only.source.scope_version) == ("shop", "tests", "1.2")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (AnyValue(string_value="text"), "text"),
        (AnyValue(bool_value=False), False),
        (AnyValue(int_value=-3), -3),
        (AnyValue(double_value=0.5), 0.5),
        (AnyValue(bytes_value=b"hi"), b"hi"),
        (AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1), AnyValue()])), [1, None]),
        (AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="a", value=AnyValue(int_value=1))])), {"a": 1}),
    ],
)
def test_every_kind_of_value_is_read(written: AnyValue, read: Any):
    assert read_one(attributes=[KeyValue(key="it", value=written)]).attributes == {"it": read}


def test_an_empty_value_is_absent():
    assert read_one(attributes=[KeyValue(key="it")]).attributes == {}


def test_a_span_without_ids_is_told_by_name_and_the_others_are_kept():
    read = read_bytes(message(protobuf_span(name="lost", span_id=b""), protobuf_span(name="kept")))

    assert read.names == ["kept"]
    assert read.told == ["left out 1 span without a trace id or span id: 'lost'"]


def test_missing_times_are_flagged_and_an_event_without_one_happens_at_the_start():
    only = read_one(end_time_unix_nano=0, events=[ProtobufSpan.Event(name="e")])

    assert only.flags == {Flag.UNFINISHED}
    assert only.events[0].time_ns == START_NS


def test_a_service_name_that_is_no_text_is_no_name():
    request = ExportTraceServiceRequest.FromString(message(protobuf_span()))
    request.resource_spans[0].resource.attributes[0].value.int_value = 3

    assert read_bytes(request.SerializeToString()).spans[0].source.service == ""


def test_a_message_that_breaks_off_is_told():
    read = read_bytes(message(protobuf_span())[:-3])

    assert read.spans == []
    assert read.told == ["is not an OTLP protobuf message, or breaks off"]


def test_protobuf_is_not_imported_for_json():
    program = (
        "import io, sys; from reev_flow.collect.files import read_spans; "
        "list(read_spans(['-'], on_problem=print, stdin=io.BytesIO(b'{}'))); "
        "sys.exit(any(name.startswith(('google', 'opentelemetry')) for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False, env={"PYTHONPATH": "src"}).returncode == 0
