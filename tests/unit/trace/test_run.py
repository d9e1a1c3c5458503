"""The ids of a run's own spans: known before the work, and the same for whoever works them out."""

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.trace.run import GapKind, flow_span_id, gap_span_id, question_span_id, step_span_id

PARTS = st.tuples(st.text(max_size=4), st.text(max_size=4), st.integers(0, 99))


def test_a_flow_keeps_its_id():
    assert flow_span_id("s-1") == flow_span_id("s-1")


def test_ids_do_not_change_with_releases():
    assert flow_span_id("s-1") == "39f9b3a9b67b6415"
    assert step_span_id("s-1", "pay#1", 1) == "dc93b5ecf4749567"


def test_every_attempt_has_an_id_of_its_own():
    assert step_span_id("s-1", "pay#1", 1) != step_span_id("s-1", "pay#1", 2)


@given(PARTS, PARTS)
def test_different_attempts_have_different_ids(one: tuple[str, str, int], other: tuple[str, str, int]):
    assert (step_span_id(*one) == step_span_id(*other)) == (one == other)


def test_a_question_about_a_step_is_not_the_step():
    assert question_span_id("s-1", "pay#1", 1) != step_span_id("s-1", "pay#1", 1)


def test_gaps_are_told_apart_by_kind_and_number():
    ids = {gap_span_id("s-1", kind, number) for kind in GapKind for number in (1, 2)}
    assert len(ids) == 4


def test_ids_are_those_of_spans():
    assert len(bytes.fromhex(step_span_id("s/1", "gather#1:0/pay[tx \ud800]", 3))) == 8
