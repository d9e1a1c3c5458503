import io
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from reev_flow.trace.span import SpanKind, Status
from support.foreign import PARENT_ID, as_bytes, read_span
from support.otlp import SPAN_ID, START_NS, TRACE_ID
from support.reading import read_bytes


def printed(**fields: Any) -> dict[str, Any]:
    """As `ConsoleSpanExporter` of Python's SDK prints it."""
    return {
        "name": "work",
        "context": {"trace_id": f"0x{TRACE_ID}", "span_id": f"0x{SPAN_ID}", "trace_state": "[]"},
        "kind": "SpanKind.CLIENT",
        "parent_id": f"0x{PARENT_ID}",
        "start_time": "2023-11-14T22:13:20.000000Z",
        "end_time": "2023-11-14T22:13:20.005000Z",
        "status": {"status_code": "ERROR", "description": "gone"},
        "attributes": {"gen_ai.operation.name": "chat"},
        "events": [{"name": "e", "timestamp": "2023-11-14T22:13:20.001000Z", "attributes": {"a": 1}}],
        "links": [{"context": {"trace_id": f"0x{'1' * 32}", "span_id": f"0x{'2' * 16}"}, "attributes": {}}, {}],
        "resource": {"attributes": {"service.name": "shop"}, "schema_url": ""},
        **fields,
    }


def exported(**fields: Any) -> dict[str, Any]:
    """As Phoenix answers it."""
    return {
        "id": "U3Bhbjox",
        "name": "work",
        "context": {"trace_id": TRACE_ID, "span_id": SPAN_ID},
        "span_kind": "LLM",
        "parent_id": None,
        "start_time": "2023-11-14T22:13:20+00:00",
        "end_time": "2023-11-14T22:13:20.005000+00:00",
        "status_code": "OK",
        "status_message": "",
        "attributes": {"llm": {"model_name": "gpt", "input_messages": [{"message": {"role": "user"}}]}},
        "events": [],
        **fields,
    }


def test_a_printed_span_is_read():
    span = read_span(printed())

    assert (span.trace_id, span.span_id, span.parent_id) == (TRACE_ID, SPAN_ID, PARENT_ID)
    assert (span.start_ns, span.duration_ns) == (START_NS, 5_000_000)
    assert (span.kind, span.status, span.status_message) == (SpanKind.CLIENT, Status.ERROR, "gone")
    assert span.source.service == "shop"
    assert [(event.name, event.time_ns) for event in span.events] == [("e", START_NS + 1_000_000)]
    assert [link.span_id for link in span.links] == ["2" * 16]


def test_what_pythons_sdk_really_prints_is_read():
    printed_text = io.StringIO()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=printed_text)))
    tracer = provider.get_tracer("tests")
    with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner", attributes={"a": 1}) as inner:
        inner.add_event("e", {"b": [1, 2]})
    provider.shutdown()

    read = read_bytes(printed_text.getvalue().encode())

    assert (read.names, read.problems) == (["inner", "outer"], [])
    assert read.spans[0].parent_id == read.spans[1].span_id
    assert (read.spans[0].attributes, read.spans[0].events[0].attributes) == ({"a": 1}, {"b": [1, 2]})


def test_an_exported_span_is_read():
    span = read_span({"data": [exported()], "next_cursor": None})

    assert (span.parent_id, span.status) == (None, Status.OK)
    assert span.attributes == {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt",
        "llm.input_messages.0.message.role": "user",
    }


def test_times_may_be_nanoseconds_as_in_mlflow_2():
    span = read_span(exported(start_time=START_NS, end_time=START_NS + 7))

    assert (span.start_ns, span.duration_ns) == (START_NS, 7)


def test_spans_printed_one_below_another_are_read():
    assert read_bytes(as_bytes(printed()) + b"\n" + as_bytes(printed(name="more"))).names == ["work", "more"]


def test_a_span_without_ids_is_told():
    assert read_bytes(as_bytes(printed(context={}))).told == [
        "1: left out 1 span without a trace id or span id: 'work'"
    ]
