from typing import Any

import pytest

from reev_flow.trace.span import Flag, SpanKind, Status
from support.foreign import PARENT_ID, as_bytes, jaeger, jaeger_span, read_span, tag
from support.otlp import MS, SPAN_ID, START_NS, TRACE_ID
from support.reading import read_bytes


def one(**fields: Any) -> Any:
    return read_span(jaeger(jaeger_span(**fields)))


def reference(kind: str, span_id: str, trace_id: str = TRACE_ID) -> dict[str, str]:
    return {"refType": kind, "traceID": trace_id, "spanID": span_id}


def test_times_are_microseconds():
    span = one()

    assert (span.start_ns, span.duration_ns) == (START_NS, 5 * MS)


def test_the_process_becomes_the_resource():
    span = read_span(jaeger(jaeger_span(), tags=[tag("host.name", "a"), tag("process.pid", 7, "int64")]))

    assert span.source.service == "shop"
    assert span.source.resource == {"service.name": "shop", "host.name": "a", "process.pid": 7}


def test_tags_that_stand_for_fields_become_fields():
    span = one(
        tags=[
            tag("span.kind", "client"),
            tag("otel.scope.name", "httpx"),
            tag("otel.scope.version", "1.2"),
            tag("otel.status_code", "ERROR"),
            tag("otel.status_description", "gone"),
            tag("error", "true", "bool"),
            tag("left", "over"),
        ]
    )

    assert (span.kind, span.status, span.status_message) == (SpanKind.CLIENT, Status.ERROR, "gone")
    assert (span.source.scope, span.source.scope_version) == ("httpx", "1.2")
    assert span.attributes == {"left": "over"}


def test_an_error_tag_alone_is_a_failure():
    assert one(tags=[tag("error", "true")]).status is Status.ERROR


def test_an_error_tag_that_is_a_text_stays_an_attribute():
    span = one(tags=[tag("error", "timed out")])

    assert (span.status, span.attributes) == (Status.UNSET, {"error": "timed out"})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (tag("n", "12", "int64"), 12),
        (tag("n", 12, "int64"), 12),
        (tag("n", 1.5, "float64"), 1.5),
        (tag("n", "true", "bool"), True),
        (tag("n", "aGk=", "binary"), b"hi"),
        (tag("n", "not base64!", "binary"), "not base64!"),
        (tag("n", "text", "unknown"), "text"),
    ],
)
def test_a_tag_is_read_by_its_type(written: dict[str, Any], read: object):
    assert one(tags=[written]).attributes == {"n": read}


def test_tags_may_be_an_object_as_elasticsearch_keeps_them():
    assert one(tags={"a": 1, "b": None}).attributes == {"a": 1}


def test_the_first_thing_it_is_a_child_of_is_the_parent_and_others_are_links():
    elsewhere = "f" * 32
    span = one(
        references=[
            reference("FOLLOWS_FROM", "1" * 16),
            reference("CHILD_OF", PARENT_ID),
            reference("CHILD_OF", "2" * 16, elsewhere),
        ]
    )

    assert span.parent_id == PARENT_ID
    assert [(link.trace_id, link.span_id) for link in span.links] == [(TRACE_ID, "1" * 16), (elsewhere, "2" * 16)]


def test_what_it_follows_from_is_its_parent_when_it_is_a_child_of_nothing():
    assert one(references=[reference("FOLLOWS_FROM", PARENT_ID)]).parent_id == PARENT_ID


def test_the_parent_field_of_old_releases_is_read():
    assert one(references=None, parentSpanID="cd").parent_id == "00000000000000cd"


def test_ids_of_64_bits_get_zeros_before_them():
    span = one(traceID="8448eb211c80319c", spanID="7ad6b7169203331", references=[reference("CHILD_OF", "abc", "")])

    assert span.trace_id == "0" * 16 + "8448eb211c80319c"
    assert (span.span_id, span.parent_id) == ("07ad6b7169203331", "0000000000000abc")


def test_logs_become_events():
    fields = [tag("event", "exception"), tag("exception.type", "KeyError")]
    [event] = one(logs=[{"timestamp": START_NS // 1_000 + 1, "fields": fields}]).events

    assert (event.time_ns, event.name) == (START_NS + 1_000, "exception")
    assert event.attributes == {"exception.type": "KeyError"}


def test_a_span_without_a_duration_is_unfinished():
    assert one(duration=None).flags == {Flag.UNFINISHED}
    assert one(duration=0).flags == frozenset()


def test_a_span_without_an_id_is_told_and_the_others_are_read():
    read = read_bytes(as_bytes(jaeger(jaeger_span(spanID=""), 7, jaeger_span())))

    assert read.names == ["work"]
    assert read.told == [
        "1: left out 1 span without a trace id or span id: 'work'",
        "1: left out 1 entry of spans that cannot be read",
    ]


def test_a_trace_without_its_wrapping_is_read():
    assert read_span(jaeger(jaeger_span())["data"][0]).name == "work"


def test_a_span_that_holds_its_own_process_is_read():
    assert read_span(jaeger_span(process={"serviceName": "till", "tags": []})).source.service == "till"


def test_spans_of_one_process_and_scope_share_their_source():
    read = read_bytes(as_bytes(jaeger(jaeger_span(), jaeger_span(spanID=SPAN_ID[::-1]))))

    assert read.spans[0].source is read.spans[1].source
