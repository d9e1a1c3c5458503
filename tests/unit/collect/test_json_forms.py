from typing import Any

import pytest

from reev_flow.collect.assemble import assemble_one
from support.foreign import as_bytes, clickhouse_row, jaeger, jaeger_span, log_record, logs, read_span, reev_input
from support.otlp import request, span
from support.reading import read_bytes


def tempo(**parts: Any) -> dict[str, Any]:
    """As Grafana Tempo answers for a trace."""
    return {"trace": request(span(name="work")), "message": "", **parts}


@pytest.mark.parametrize(
    "document",
    [
        tempo(),
        {"batches": request(span())["resourceSpans"]},
        {"trace": {"batches": request(span())["resourceSpans"]}},
        {"traces": [request(span())]},
        {"data": [request(span())]},
        span(),
        [span()],
        {"spans": [span()]},
        {"result": 1, "data": [{"trace": request(span())}]},
    ],
)
def test_spans_are_found_in_what_servers_wrap_around_them(document: Any):
    assert read_span(document).name == "work"


def test_spans_of_old_libraries_are_read():
    document = {
        "batches": [{"instrumentationLibrarySpans": [{"instrumentationLibrary": {"name": "l"}, "spans": [span()]}]}]
    }

    assert read_span(document).source.scope == "l"


def test_one_input_may_hold_several_forms():
    documents = [
        request(span(name="otlp")),
        jaeger(jaeger_span(operationName="jaeger")),
        clickhouse_row(SpanName="row"),
    ]

    read = read_bytes(b"\n".join(map(as_bytes, documents)))

    assert (read.names, read.problems) == (["otlp", "jaeger", "row"], [])


@pytest.mark.parametrize("document", [jaeger(jaeger_span()), clickhouse_row(), reev_input(1, "swap")])
def test_a_broken_first_line_does_not_hide_the_lines_of_any_form(document: Any):
    read = read_bytes(b'{"cut off\n' + as_bytes(document) + b"\n")

    assert read.spans
    assert [problem.line for problem in read.problems] == [1]


def test_what_logs_tell_of_a_span_joins_it():
    read = read_bytes(
        as_bytes(request(span(name="asked"))) + b"\n" + as_bytes(logs(log_record(), log_record(spanId="")))
    )

    [asked] = assemble_one(read.spans).spans

    assert read.problems == []
    assert (asked.name, [event.name for event in asked.events]) == ("asked", ["gen_ai.user.message"])


def test_what_is_wrapped_too_often_is_told():
    document: Any = request(span())
    for _ in range(5):
        document = {"data": [document]}

    assert read_bytes(as_bytes(document)).told == ["1: holds an object with the keys 'data'"]


def test_an_answer_without_spans_holds_none():
    assert read_bytes(as_bytes({"data": [], "total": 0})).told == ["holds no spans"]


def test_an_answer_that_is_an_error_is_told():
    assert read_bytes(as_bytes({"data": None, "errors": [{"code": 404}]})).told == [
        "1: holds an object with the keys 'data', 'errors'"
    ]
