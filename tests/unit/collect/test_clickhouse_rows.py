from typing import Any

import pytest

from reev_flow.trace.span import SpanKind, Status
from support.foreign import PARENT_ID, as_bytes, clickhouse_row, read_span
from support.otlp import MS, START_NS, TRACE_ID
from support.reading import read_bytes


def one(**columns: Any) -> Any:
    return read_span(clickhouse_row(**columns))


def test_a_row_is_a_span():
    span = one(ParentSpanId=PARENT_ID, StatusCode="Error", StatusMessage="gone", SpanKind="Client")

    assert (span.trace_id, span.parent_id, span.name) == (TRACE_ID, PARENT_ID, "work")
    assert (span.start_ns, span.duration_ns) == (START_NS + 1, 5 * MS)
    assert (span.kind, span.status, span.status_message) == (SpanKind.CLIENT, Status.ERROR, "gone")
    assert (span.source.service, span.source.scope, span.source.scope_version) == ("shop", "tests", "1.2")
    assert span.attributes == {"gen_ai.tool.name": "search"}


@pytest.mark.parametrize(
    "written",
    [
        "2023-11-14 22:13:20.000000001",
        "2023-11-14T22:13:20.000000001Z",
        "2023-11-14T23:13:20.000000001+01:00",
        "1700000000.000000001",
    ],
)
def test_a_moment_is_read_to_the_nanosecond_in_each_form_it_is_written(written: str):
    assert one(Timestamp=written).start_ns == START_NS + 1


@pytest.mark.parametrize("written", ["SPAN_KIND_SERVER", "Server", "SERVER"])
def test_kinds_of_older_and_newer_releases_are_read(written: str):
    assert one(SpanKind=written).kind is SpanKind.SERVER


def test_nested_columns_are_read_as_arrays_as_objects_and_as_arrays_in_an_object():
    moment = "2023-11-14 22:13:21.000000000"
    forms: list[dict[str, Any]] = [
        {"Events.Timestamp": [moment], "Events.Name": ["e"], "Events.Attributes": [{"a": "1"}]},
        {"Events": [{"Timestamp": moment, "Name": "e", "Attributes": {"a": "1"}}]},
        {"Events": {"Timestamp": [moment], "Name": ["e"], "Attributes": [{"a": "1"}]}},
    ]

    read = [one(**form).events for form in forms]

    assert read[0] == read[1] == read[2]
    assert (read[0][0].time_ns, read[0][0].name, read[0][0].attributes) == (START_NS + 1_000_000_000, "e", {"a": "1"})


def test_links_are_read_and_those_that_lead_nowhere_left_out():
    span = one(**{"Links.TraceId": [TRACE_ID, ""], "Links.SpanId": [PARENT_ID, "1"], "Links.Attributes": [{}, {}]})

    assert [link.span_id for link in span.links] == [PARENT_ID]


def test_attributes_of_the_json_type_get_their_names_back():
    span = one(SpanAttributes={"gen_ai": {"usage": {"input_tokens": 5}}, "plain": True})

    assert span.attributes == {"gen_ai.usage.input_tokens": 5, "plain": True}


def test_attributes_that_are_text_are_told():
    read = read_bytes(as_bytes(clickhouse_row(SpanAttributes="{'a':'b'}")))

    assert read.spans[0].attributes == {}
    assert read.told == ["1: left out 1 entry of SpanAttributes that cannot be read"]


def test_the_service_may_stand_in_its_column_alone():
    assert one(ResourceAttributes={}).source.resource == {"service.name": "shop"}


def test_rows_are_read_a_line_each_or_within_an_answer():
    row = clickhouse_row()
    answer = {"meta": [{"name": "TraceId", "type": "String"}], "data": [row, row], "rows": 2}

    assert read_bytes(as_bytes(row) + b"\n" + as_bytes(row)).names == ["work", "work"]
    assert read_bytes(as_bytes(answer)).names == ["work", "work"]


def test_rows_are_read_beside_the_names_of_their_columns():
    row = clickhouse_row()
    compact = {"meta": [{"name": name} for name in row], "data": [list(row.values())], "rows": 1}

    assert read_span(compact) == read_span(row)


def test_a_row_without_ids_is_told():
    assert read_bytes(as_bytes(clickhouse_row(SpanId=""))).told == [
        "1: left out 1 span without a trace id or span id: 'work'"
    ]
