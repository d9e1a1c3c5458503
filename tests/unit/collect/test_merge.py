import msgspec
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.merge import reconcile
from reev_flow.trace.span import Flag, Source, Span, SpanEvent, SpanLink, Status
from support.records import record, records


def under_one_id(spans: list[Span]):
    return [msgspec.structs.replace(span, span_id="a1") for span in spans]


same_id = st.lists(records, min_size=1, max_size=6).map(under_one_id)


@given(same_id, st.data())
def test_order_and_repetition_change_nothing(received: list[Span], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(received), max_size=3))

    assert reconcile(data.draw(st.permutations([*received, *again]))) == reconcile(received)


@given(same_id)
def test_every_attribute_that_was_received_is_kept(received: list[Span]):
    merged = reconcile(received)

    assert {name for span in merged for name in span.attributes} == {
        name for span in received for name in span.attributes
    }


@given(same_id)
def test_an_error_that_was_told_once_stays(received: list[Span]):
    assert any(span.failed for span in reconcile(received)) == any(span.failed for span in received)


def test_a_single_record_is_itself():
    assert reconcile([record()]) == [record()]


def test_the_beginning_of_a_span_joins_its_end():
    beginning = record(end_ns=0, attributes={"asked": "x"})
    end = record(attributes={"answered": "y"})

    [span] = reconcile([beginning, end])

    assert span.attributes == {"asked": "x", "answered": "y"}
    assert (span.end_ns, span.flags) == (20, frozenset())


def test_values_that_json_does_not_tell_apart_are_conflicts_in_any_order():
    told = [record(attributes={"x": value}) for value in (float("inf"), b"")]

    assert reconcile(told) == reconcile(told[::-1])
    assert reconcile(told)[0].flags == {Flag.CONFLICTING_VALUES}


def test_a_value_that_was_cut_gives_way_to_the_whole_one():
    [span] = reconcile([record(attributes={"text": "whole"}), record(attributes={"text": "who"})])

    assert span.attributes == {"text": "whole"}
    assert span.flags == {Flag.CONFLICTING_VALUES}


def test_a_beginning_never_overrules_the_finished_span():
    [span] = reconcile([record(end_ns=0, attributes={"state": "still running"}), record(attributes={"state": "done"})])

    assert span.attributes == {"state": "done"}
    assert not span.flags


def test_different_work_under_one_id_is_kept_apart_and_flagged():
    merged = reconcile([record(name="plan"), record(name="search")])

    assert [span.name for span in merged] == ["plan", "search"]
    assert all(span.flags == {Flag.DUPLICATE_ID} for span in merged)


def test_the_worst_status_and_the_fullest_message_stay():
    [span] = reconcile(
        [
            record(status=Status.ERROR, status_message="429"),
            record(status=Status.OK),
            record(status_message="429 too many"),
        ]
    )

    assert (span.status, span.status_message) == (Status.ERROR, "429 too many")


def test_the_source_that_says_most_stays():
    known = Source(service="shop", scope="tests")

    [span] = reconcile([record(source=Source()), record(source=known)])

    assert span.source == known


def test_events_and_links_are_joined_without_repetition():
    early, late = SpanEvent(time_ns=1, name="b"), SpanEvent(time_ns=2, name="a")
    link = SpanLink(trace_id="t", span_id="s")

    [span] = reconcile(
        [record(events=(late, early), links=(link,), attributes={"x": 1}), record(events=(late,), links=(link,))]
    )

    assert span.events == (early, late)
    assert span.links == (link,)


def test_beginnings_alone_are_one_unfinished_span():
    [span] = reconcile([record(end_ns=0, attributes={"a": 1}), record(end_ns=0, attributes={"b": 2})])

    assert span.attributes == {"a": 1, "b": 2}
    assert span.flags == {Flag.UNFINISHED}
