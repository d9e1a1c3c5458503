from reev_flow.collect.assemble import assemble
from reev_flow.collect.beginnings import as_record
from reev_flow.trace.span import Flag, Span
from support.spans import received

WORK, PENDING, ROOT = "a" * 16, "b" * 16, "c" * 16


def pending(*, parent: str = ROOT) -> Span:
    told = {"logfire.span_type": "pending_span", "logfire.pending_parent_id": parent, "city": "Lisbon"}
    return received(told, span_id=PENDING, parent_id=WORK, start_ns=10, end_ns=10)


def finished() -> Span:
    told = {"logfire.span_type": "span", "city": "Lisbon"}
    return received(told, span_id=WORK, parent_id=None, start_ns=10, end_ns=30)


def test_a_pending_span_is_the_beginning_of_the_span_above_it():
    record = as_record(pending())

    assert (record.span_id, record.parent_id, record.attributes) == (WORK, ROOT, {"city": "Lisbon"})
    assert record.flags == {Flag.UNFINISHED}


def test_the_beginning_of_a_root_has_no_parent():
    assert as_record(pending(parent="0" * 16)).parent_id is None


def test_any_other_span_stands_for_itself():
    assert as_record(finished()).span_id == WORK


def test_work_that_was_finished_is_one_span():
    [trace] = assemble([pending(parent="0" * 16), finished()])

    assert [(span.span_id, span.end_ns, span.flags) for span in trace.spans] == [(WORK, 30, frozenset())]


def test_work_that_a_crash_ended_is_shown_unfinished():
    [trace] = assemble([pending(parent="0" * 16)])

    assert [(span.span_id, span.flags) for span in trace.spans] == [(WORK, frozenset({Flag.UNFINISHED}))]
