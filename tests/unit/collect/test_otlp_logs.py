"""Logs about spans, in protobuf and in JSON, become what the spans themselves would have told."""

import base64
import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from reev_flow.collect.assemble import assemble
from reev_flow.collect.json_text import scan_json
from reev_flow.collect.otlp_chunks import ChunkedRequest
from reev_flow.collect.otlp_json import spans_of_document
from reev_flow.collect.otlp_logs import fragments_of_document, fragments_of_logs
from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.trace.span import Span, ToolRequest
from support import otlp
from support.spans import model_of

TRACE, SPAN = otlp.TRACE_ID, otlp.SPAN_ID
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt"}


def log(name: str = "", body: Any = None, *, after_ms: int = 1, **fields: Any) -> dict[str, Any]:
    attributes = fields.pop("attributes", {})
    return {
        "timeUnixNano": str(otlp.START_NS + after_ms * otlp.MS),
        "eventName": name,
        "traceId": TRACE,
        "spanId": SPAN,
        "attributes": otlp.key_values(attributes),
        **({} if body is None else {"body": otlp.any_value(body)}),
        **fields,
    }


def request(*records: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": otlp.key_values({"service.name": "shop"})}
    return {
        "resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": {"name": "logger"}, "logRecords": records}]}]
    }


def from_protobuf(document: dict[str, Any]) -> ChunkedRequest:
    packed = json.loads(json.dumps(document))
    for record in packed["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        for name in ("traceId", "spanId"):  # protobuf's own JSON has base64 there
            record[name] = base64.b64encode(bytes.fromhex(record[name])).decode()
    return fragments_of_logs(ParseDict(packed, ExportLogsServiceRequest()))


def from_json(document: dict[str, Any]) -> ChunkedRequest:
    return fragments_of_document(scan_json(json.dumps(document).encode()))


@pytest.fixture(params=[from_protobuf, from_json], ids=["protobuf", "json"])
def read(request: pytest.FixtureRequest) -> Any:
    return request.param


def spans_of(chunked: ChunkedRequest) -> list[Span]:
    return [span for chunk in chunked.chunks for span in spans_of_message(chunk.data, Losses())]


def refuse(details: str, advice: str, *, line: int | None = None) -> None:
    raise AssertionError(details, advice, line)


def call_with(chunked: ChunkedRequest) -> Span:
    """The model call of the logs, as it is understood once its span is there."""
    document = scan_json(json.dumps(otlp.request(otlp.span(name="chat gpt", attributes=CALL))).encode())
    (trace,) = assemble([*spans_of(chunked), *spans_of_document(document, refuse)])
    (span,) = trace.spans
    return span


def test_messages_in_the_bodies_of_logs_are_what_the_model_was_asked_and_answered(read):
    asks = [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}]
    call = call_with(
        read(
            request(
                log("gen_ai.system.message", {"content": "Be brief."}, attributes={"gen_ai.system": "openai"}),
                log("gen_ai.user.message", {"content": "Weather?"}, after_ms=2),
                log("gen_ai.assistant.message", {"tool_calls": asks}, after_ms=3),
                log("gen_ai.tool.message", {"id": "c1", "content": "cold"}, after_ms=4),
                log(
                    "gen_ai.choice",
                    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Cold."}},
                    after_ms=5,
                ),
            )
        )
    )

    assert (model_of(call).answer, model_of(call).finish_reasons) == ("Cold.", ("stop",))
    asked: Any = call.input
    assert [(message["role"], message.get("content")) for message in asked] == [
        ("system", "Be brief."),
        ("user", "Weather?"),
        ("assistant", None),
        ("tool", "cold"),
    ]


def test_a_tool_that_a_model_asks_for_in_a_log_is_asked_for(read):
    asks = [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}]
    call = call_with(read(request(log("gen_ai.choice", {"index": 0, "message": {"tool_calls": asks}}))))

    assert model_of(call).asked == (ToolRequest(name="look", call_id="c1", arguments={"x": 1}),)


def test_the_details_of_a_call_are_read_from_the_attributes_of_one_log(read):
    messages = [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}]
    answers = [{"role": "assistant", "parts": [{"type": "text", "content": "Rain."}], "finish_reason": "stop"}]
    attributes = {"gen_ai.input.messages": messages, "gen_ai.output.messages": answers, "gen_ai.usage.input_tokens": 7}
    call = call_with(read(request(log("gen_ai.client.inference.operation.details", attributes=attributes))))

    assert (call.input, model_of(call).answer, call.usage and call.usage.input) == (messages, "Rain.", 7)


def test_the_details_of_a_call_may_also_be_the_body(read):
    call = call_with(
        read(
            request(
                log("gen_ai.client.inference.operation.details", {"gen_ai.output.messages": [{"content": "Rain."}]})
            )
        )
    )

    assert model_of(call).answer == "Rain."


@pytest.mark.parametrize(
    "body",
    ['{"message": {"content": "Rain."}}', {"message": {"content": "Rain."}}, "Rain."],
    ids=["JSON", "record", "text"],
)
def test_a_body_may_be_json_or_only_what_was_said(read, body: Any):
    assert model_of(call_with(read(request(log("gen_ai.choice", body))))).answer == "Rain."


def test_an_event_may_have_its_name_among_its_attributes(read):
    call = call_with(read(request(log("", {"content": "Weather?"}, attributes={"event.name": "gen_ai.user.message"}))))

    assert call.input == [{"role": "user", "content": "Weather?"}]


def test_an_exception_in_a_log_is_one_of_its_span(read):
    told = {"exception.type": "OSError", "exception.message": "gone"}

    (event,) = call_with(read(request(log("exception", attributes=told)))).events
    assert (event.name, event.attributes) == ("exception", told)


def test_an_ordinary_line_of_a_log_is_an_event_of_its_span(read):
    (event,) = call_with(read(request(log("", "cache miss", severityText="INFO")))).events

    assert (event.name, event.attributes) == ("log", {"log.body": "cache miss", "log.severity": "INFO"})


def test_a_record_without_a_time_happened_when_it_was_observed_or_when_its_span_began(read):
    observed = log("seen", timeUnixNano="0", observedTimeUnixNano=str(otlp.START_NS + 7))
    events = call_with(read(request(observed, log("timeless", timeUnixNano="0")))).events

    assert [(event.name, event.time_ns - otlp.START_NS) for event in events] == [("timeless", 0), ("seen", 7)]


def test_records_that_name_no_span_are_rejected_and_counted(read):
    chunked = read(request(log("kept"), log("lost", spanId=""), log("lost", traceId="", spanId="")))

    assert (chunked.spans, chunked.rejected, chunked.reason) == (1, 2, "2 of the log records name no span")


def test_logs_are_kept_as_no_span_and_no_root_but_as_something_that_has_begun(read):
    (chunk,) = read(request(log("one"), log("two", after_ms=3))).chunks

    assert (chunk.trace_id, chunk.spans, chunk.has_root, chunk.root) == (TRACE, 0, False, "")
    assert (chunk.begun, chunk.ended) == (bytes.fromhex(SPAN), b"")
    assert (chunk.start_ns, chunk.end_ns) == (otlp.START_NS + otlp.MS, otlp.START_NS + 3 * otlp.MS)


def test_each_trace_that_logs_tell_of_has_its_own_chunk(read):
    other = "ab" * 16
    chunked = read(request(log("one"), log("two", traceId=other), log("three")))

    assert [(chunk.trace_id, len(spans_of(ChunkedRequest(chunks=(chunk,), spans=1)))) for chunk in chunked.chunks] == [
        (TRACE, 1),
        (other, 1),
    ]


def test_both_forms_of_one_request_are_kept_as_the_same_bytes():
    document = request(log("gen_ai.choice", {"message": {"content": "Rain."}, "index": 0}), log("", "line"))

    assert from_protobuf(document) == from_json(document)


@pytest.mark.parametrize(
    "document", [[], {}, 7, {"resourceLogs": 7}, {"resourceLogs": [{"scopeLogs": [{"logRecords": [7, {}]}]}]}]
)
def test_json_of_any_other_shape_holds_nothing_to_keep(document: Any):
    assert fragments_of_document(scan_json(json.dumps(document).encode())).chunks == ()
