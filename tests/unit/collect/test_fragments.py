"""Spans of which logs tell: whatever comes first, the span has in the end what its logs said."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.merge import reconcile
from reev_flow.trace.span import Flag, Operation, Source, Span, SpanEvent
from support.records import record, records
from support.spans import model_of

CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt"}


def said(name: str, *, time_ns: int = 12, **attributes: object) -> SpanEvent:
    return SpanEvent(time_ns=time_ns, name=f"gen_ai.{name}", attributes=attributes)  # type: ignore[arg-type]


def fragment(span_id: str, *events: SpanEvent) -> Span:
    return record(span_id, start_ns=0, end_ns=0, events=events, source=Source(service="logs", scope="a logger"))


ASKED = fragment("a1", said("user.message", role="user", content="weather?"))
ANSWERED = fragment("a1", said("choice", time_ns=15, index=0, finish_reason="stop", message={"content": "rain"}))
SPAN = record("a1", name="chat gpt", attributes=CALL)

fragments = st.builds(
    fragment,
    st.sampled_from(("a1", "b2", "c3")),
    st.builds(
        said, st.sampled_from(("user.message", "choice")), time_ns=st.integers(1, 3), content=st.sampled_from("xy")
    ),
)
mixed = st.lists(st.one_of(records, fragments), min_size=1, max_size=10)


@pytest.mark.parametrize("order", list(permutations((ASKED, ANSWERED, SPAN))), ids=range(6))
def test_a_model_call_has_what_its_logs_told_whichever_came_first(order: tuple[Span, ...]):
    (call,) = assemble_one(order).spans

    assert (call.operation, model_of(call).answer, model_of(call).finish_reasons) == (Operation.LLM, "rain", ("stop",))
    assert call.input == [{"role": "user", "content": "weather?"}]


def test_logs_that_were_sent_twice_count_once():
    (call,) = assemble_one([SPAN, ASKED, ASKED, ANSWERED, ANSWERED]).spans

    assert (len(call.events), model_of(call).answer) == (2, "rain")


def test_logs_change_neither_the_times_nor_the_source_of_their_span():
    (call,) = assemble_one([ANSWERED, SPAN]).spans

    assert (call.start_ns, call.end_ns, call.source, call.flags) == (10, 20, SPAN.source, frozenset())


def test_a_span_that_has_not_come_is_awaited_and_breaks_nothing():
    trace = assemble_one([record("b2", name="plan"), ASKED])

    assert ([span.span_id for span in trace.spans], trace.awaited, trace.problems) == (["b2"], ("a1",), ())


def test_logs_alone_make_a_trace_that_awaits_its_spans():
    trace = assemble_one([ASKED, ANSWERED])

    assert (trace.awaited, trace.problems, trace.start_ns, trace.end_ns) == (("a1",), (), 12, 15)


def test_the_beginning_of_a_span_takes_what_logs_told():
    (call,) = assemble_one([ANSWERED, record("a1", name="chat gpt", end_ns=0, attributes=CALL)]).spans

    assert (model_of(call).answer, call.flags) == ("rain", frozenset({Flag.UNFINISHED}))


def test_of_two_works_with_one_id_the_first_has_the_logs():
    early, late = reconcile([record("a1", name="early"), ANSWERED, record("a1", name="late", start_ns=11)])

    assert (len(early.events), len(late.events)) == (1, 0)


@given(mixed, st.data())
def test_order_repetition_and_split_of_spans_and_logs_change_nothing(received: list[Span], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(received), max_size=4))

    assert assemble_one(data.draw(st.permutations([*received, *again]))) == assemble_one(received)


@given(mixed)
def test_every_event_that_was_told_is_kept(received: list[Span]):
    trace = assemble_one(received)
    known = {msgspec.json.encode(event, order="sorted") for span in trace.spans for event in span.events}
    told = {
        msgspec.json.encode(event, order="sorted")
        for span in received
        for event in span.events
        if span.span_id not in trace.awaited
    }

    assert known >= told


@given(mixed)
def test_every_span_is_in_the_trace_or_awaited(received: list[Span]):
    trace = assemble_one(received)

    assert {span.span_id for span in received} == {span.span_id for span in trace.spans} | set(trace.awaited)


def test_logs_alone_that_tell_no_time_are_kept_all_the_same():
    trace = assemble_one([fragment("a1", said("choice", time_ns=0))])

    assert (trace.awaited, len(trace.spans[0].events)) == (("a1",), 1)
