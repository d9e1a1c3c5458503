import base64
from typing import Any

from reev_flow.trace.span import Status
from support.foreign import PARENT_ID, as_bytes, read_span
from support.otlp import SPAN_ID, START_NS, TRACE_ID
from support.reading import read_bytes


def packed(known: str) -> str:
    return base64.b64encode(bytes.fromhex(known)).decode()


def span_of_mlflow(**fields: Any) -> dict[str, Any]:
    return {
        "trace_id": packed(TRACE_ID),
        "span_id": packed(SPAN_ID),
        "parent_span_id": "",
        "name": "work",
        "start_time_unix_nano": START_NS,
        "end_time_unix_nano": START_NS + 5,
        "events": [{"name": "e", "time_unix_nano": START_NS + 1, "attributes": {"a": "1"}}],
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": '{"a": 1}'},
        **fields,
    }


def trace(*spans: Any, **info: Any) -> dict[str, Any]:
    return {"info": {"trace_id": "tr-1", **info}, "data": {"spans": list(spans)}}


def test_the_spans_of_a_trace_are_read():
    span = read_span(trace(span_of_mlflow(parent_span_id=packed(PARENT_ID))))

    assert (span.trace_id, span.span_id, span.parent_id) == (TRACE_ID, SPAN_ID, PARENT_ID)
    assert (span.start_ns, span.duration_ns, span.status) == (START_NS, 5, Status.OK)
    assert span.attributes["mlflow.spanInputs"] == '{"a": 1}'
    assert [event.name for event in span.events] == ["e"]


def test_the_first_span_says_which_conversation_the_trace_belongs_to():
    span = read_span(trace(span_of_mlflow(), trace_metadata={"mlflow.trace.session": "s-1"}))

    assert span.attributes["session.id"] == "s-1"


def test_spans_of_older_releases_are_read():
    old: dict[str, Any] = {
        "name": "work",
        "context": {"trace_id": f"0x{TRACE_ID}", "span_id": f"0x{SPAN_ID}"},
        "parent_id": None,
        "start_time": START_NS,
        "end_time": START_NS + 5,
        "status_code": "OK",
        "status_message": "",
        "attributes": {"mlflow.spanType": '"TOOL"'},
        "events": [],
    }

    assert read_span(trace(old)).duration_ns == 5


def test_what_is_no_span_is_told():
    read = read_bytes(as_bytes(trace(7, span_of_mlflow(span_id=""))))

    assert read.told == [
        "1: left out 1 span without a trace id or span id: 'work'",
        "1: left out 1 entry of spans that cannot be read",
    ]
