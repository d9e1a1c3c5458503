"""What comes in over time, in requests as programs send them: whatever the order and the packages, it is one run in the end."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.runtime.ingest import Ingest
from reev_flow.runtime.run_listing import RunLine, list_runs
from reev_flow.runtime.run_reading import read_run
from reev_flow.stores.urls import open_session_store
from reev_flow.trace.span import Span
from support import otlp
from support.sessions import START_NS
from support.stored_spans import TRACE_ID, keep, memory_store, span, told_by_logs

SESSIONS = open_session_store("memory:")
CALL = otlp.span(name="chat gpt", attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt"})
LOG = {
    "timeUnixNano": str(otlp.START_NS + otlp.MS),
    "eventName": "gen_ai.choice",
    "traceId": otlp.TRACE_ID,
    "spanId": otlp.SPAN_ID,
    "body": otlp.any_value({"index": 0, "message": {"content": "rain", "api_key": "sk-secret-1234567890abcdef"}}),
}
LOGS = {"resourceLogs": [{"scopeLogs": [{"logRecords": [LOG]}]}]}


def accepted(ingest: Ingest, *documents: dict[str, Any]) -> list[tuple[int, int]]:
    """How many of each were accepted and rejected."""
    answers = [
        (ingest.logs if "resourceLogs" in document else ingest.traces)(json.dumps(document).encode(), is_json=True)
        for document in documents
    ]
    return [(answer.result().spans, answer.result().rejected) for answer in answers]


def answers(*documents: dict[str, Any]) -> list[str | None]:
    traces, _ = memory_store()
    accepted(Ingest(traces), *documents)
    return [one.model.answer for one in read_run(SESSIONS, traces, otlp.TRACE_ID).spans if one.model]


def test_a_log_and_its_span_are_one_call_whichever_comes_first():
    assert answers(LOGS, otlp.request(CALL)) == answers(otlp.request(CALL), LOGS) == ["rain"]


def test_a_log_that_is_sent_again_counts_once():
    assert answers(LOGS, otlp.request(CALL), LOGS) == ["rain"]


def test_logs_are_counted_as_what_they_are():
    traces, _ = memory_store()
    nowhere = {"resourceLogs": [{"scopeLogs": [{"logRecords": [LOG, {**LOG, "spanId": ""}]}]}]}

    assert accepted(Ingest(traces), nowhere) == [(1, 1)]


def test_a_secret_in_a_log_is_not_kept():
    traces, _ = memory_store()
    accepted(Ingest(traces), LOGS)

    assert b"secret-1234" not in b"".join(traces.read(otlp.TRACE_ID).result().chunks)


SPANS = [
    span(1, name="plan", lasts_ms=50),
    span(1, name="plan", lasts_ms=None),
    span(2, 1, start_ms=5, attributes={"gen_ai.operation.name": "chat"}),
    span(3, 1, start_ms=20),
    span(3, 1, start_ms=20, attributes={"x": 1}),
    span(3, 1, start_ms=21),
    span(4, 9),
    told_by_logs(2, content="rain"),
    told_by_logs(7, content="snow"),
]
packages = st.lists(st.lists(st.sampled_from(SPANS), min_size=1, max_size=4), max_size=6)


def line_of(*sent: list[Span]) -> RunLine:
    traces, _ = memory_store()
    for package in sent:
        keep(traces, *package)
    (line,) = list_runs(None, traces, now_ns=START_NS + 10**12)
    return line


@given(packages, st.permutations(SPANS), st.integers(1, len(SPANS) - 1), st.data())
def test_any_order_split_and_repetition_gives_the_same_run(
    again: list[list[Span]], shuffled: list[Span], cut: int, data: st.DataObject
):
    traces, _ = memory_store()
    for package in data.draw(st.permutations([shuffled[:cut], shuffled[cut:], *again])):
        keep(traces, *package)

    assert read_run(SESSIONS, traces, TRACE_ID) == assemble_one(SPANS)


@given(packages, st.permutations(SPANS), st.integers(1, len(SPANS) - 1))
def test_any_order_split_and_repetition_gives_the_same_line_in_the_list(
    again: list[list[Span]], shuffled: list[Span], cut: int
):
    one, other = line_of(SPANS), line_of(shuffled[:cut], *again, shuffled[cut:])

    assert (one.name, one.state, one.began_ns, one.ended_ns) == (
        other.name,
        other.state,
        other.began_ns,
        other.ended_ns,
    )
