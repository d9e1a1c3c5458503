from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble, assemble_one
from reev_flow.trace.span import Flag, Span
from reev_flow.trace.trace import NO_PARENT
from support.records import TRACE_ID, record, record_sets

MANY = 100_000


def naive_subtree_ends(parents: Sequence[int]):
    ends = []
    for position in range(len(parents)):
        below = {position}
        for later in range(position + 1, len(parents)):
            if parents[later] in below:
                below.add(later)
        ends.append(max(below) + 1)
    return tuple(ends)


@given(record_sets, st.data())
def test_order_repetition_and_split_of_records_change_nothing(records: list[Span], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(records), max_size=5))
    shuffled = data.draw(st.permutations([*records, *again]))

    assert assemble(iter(shuffled)) == assemble(records)


@given(record_sets)
def test_every_span_received_is_in_the_trace(records: list[Span]):
    trace = assemble_one(records)

    assert {span.span_id for span in trace.spans} == {span.span_id for span in records}


@given(record_sets)
def test_parents_come_before_their_children_and_are_who_they_named(records: list[Span]):
    trace = assemble_one(records)

    for position, parent in enumerate(trace.parents):
        assert parent < position
        if parent != NO_PARENT:
            assert trace.spans[parent].span_id == trace.spans[position].parent_id


@given(record_sets)
def test_what_is_below_a_span_is_one_stretch(records: list[Span]):
    trace = assemble_one(records)

    assert trace.subtree_ends == naive_subtree_ends(trace.parents)


@given(record_sets)
def test_siblings_are_in_order_of_their_start(records: list[Span]):
    trace = assemble_one(records)
    families = [list(trace.roots()), *(list(trace.children(position)) for position in range(len(trace)))]

    for family in families:
        starts = [trace.spans[position].start_ns for position in family]
        assert starts == sorted(starts)


@given(record_sets)
def test_no_span_ends_before_it_starts_and_none_is_outside_the_trace(records: list[Span]):
    trace = assemble_one(records)

    for span in trace.spans:
        assert trace.start_ns <= span.start_ns <= span.end_ns <= trace.end_ns


@given(record_sets)
def test_every_flag_is_explained(records: list[Span]):
    trace = assemble_one(records)

    assert sorted((span.span_id, flag) for span in trace.spans for flag in span.flags) == sorted(
        (problem.span_id, problem.flag) for problem in trace.problems
    )


@given(record_sets)
def test_assembling_an_assembled_trace_again_keeps_its_spans(records: list[Span]):
    once = assemble_one(records)
    distinct = {span.span_id for span in once.spans}

    if len(distinct) == len(once.spans):
        again = assemble_one(once.spans)
        assert {span.span_id for span in again.spans} == distinct


def test_spans_are_grouped_by_trace_and_traces_ordered_by_start():
    early, late = "e" * 32, "0" * 32
    spans = [
        msgspec.structs.replace(record("a1", start_ns=50, end_ns=60), trace_id=late),
        msgspec.structs.replace(record("b2", start_ns=10, end_ns=20), trace_id=early),
        msgspec.structs.replace(record("c3", start_ns=70, end_ns=80), trace_id=late),
    ]

    assert [(trace.trace_id, len(trace)) for trace in assemble(spans)] == [(early, 1), (late, 2)]


def test_nothing_makes_no_trace():
    assert assemble([]) == []


def test_a_span_whose_parent_is_missing_is_a_flagged_root():
    trace = assemble_one([record("a1"), record("b2", parent_id="gone")])

    assert [span.span_id for span in trace.spans if Flag.ORPHAN in span.flags] == ["b2"]
    assert len(list(trace.roots())) == 2


def test_a_span_that_is_its_own_parent_is_a_flagged_root():
    trace = assemble_one([record("a1", parent_id="a1")])

    assert trace.parents == (NO_PARENT,)
    assert trace.spans[0].flags == {Flag.CYCLE}


def test_the_first_of_a_circle_becomes_its_root():
    trace = assemble_one(
        [
            record("a1", parent_id="c3", start_ns=3),
            record("b2", parent_id="a1", start_ns=1),
            record("c3", parent_id="b2", start_ns=2),
        ]
    )

    assert [span.span_id for span in trace.spans] == ["b2", "c3", "a1"]
    assert trace.parents == (NO_PARENT, 0, 1)


def test_a_conversation_is_inherited_until_a_span_names_its_own():
    trace = assemble_one(
        [
            record("a1", conversation_id="outer"),
            record("b2", parent_id="a1", start_ns=11),
            record("c3", parent_id="b2", start_ns=12, conversation_id="inner"),
            record("d4", parent_id="c3", start_ns=13),
        ]
    )

    assert [span.conversation_id for span in trace.spans] == ["outer", "outer", "inner", "inner"]


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        (
            [record("a1", parent_id="gone", name="x")],
            "'x' names a parent that is not in the trace (gone); it stands as a root",
        ),
        ([record("a1", parent_id="a1", name="x")], "'x' is its own ancestor; it stands as a root"),
        ([record("a1", start_ns=9, end_ns=7, name="x")], "'x' ends 2 ns before it starts; it is taken to last no time"),
        ([record("a1", end_ns=0, name="x")], "'x' has no end; it is taken to last as long as what it contains"),
        ([record("a1", start_ns=0, name="x")], "'x' has no start; it is placed where its surroundings are"),
        (
            [
                record("a1", name="x"),
                record("a1", name="x", attributes={"k": 1}),
                record("a1", name="x", attributes={"k": 2}),
            ],
            "'x' was recorded more than once with different attribute values; the fullest are kept",
        ),
        (
            [record("a1"), record("b2", parent_id="a1", name="x", start_ns=30, end_ns=40)],
            "'x' lies wholly outside the time of its parent",
        ),
    ],
)
def test_a_problem_says_what_was_wrong_and_what_was_made_of_it(spans: list[Span], told: str):
    assert [problem.details for problem in assemble_one(spans).problems] == [told]


def test_two_works_under_one_id_are_both_kept_and_told():
    trace = assemble_one([record("a1", name="x"), record("a1", name="y")])

    assert [problem.details for problem in trace.problems] == [
        "'x' shares the id a1 with other work; both are kept",
        "'y' shares the id a1 with other work; both are kept",
    ]


def test_a_chain_of_a_hundred_thousand_spans_is_assembled():
    chain = [
        record(f"{n:x}", parent_id=f"{n - 1:x}" if n else None, start_ns=n + 1, end_ns=MANY + 9) for n in range(MANY)
    ]

    trace = assemble_one(chain[::-1])

    assert trace.parents == (NO_PARENT, *range(MANY - 1))
    assert trace.subtree_ends == (MANY,) * MANY


def test_a_circle_of_a_hundred_thousand_spans_is_cut_once():
    circle = [record(f"{n:x}", parent_id=f"{(n - 1) % MANY:x}", start_ns=n + 1, end_ns=MANY + 9) for n in range(MANY)]

    trace = assemble_one(circle)

    assert trace.depths()[-1] == MANY - 1
    assert len(trace.problems) == 1


def test_a_fan_of_a_hundred_thousand_spans_is_assembled():
    fan = [record("root", start_ns=1, end_ns=MANY + 9)]
    fan += [record(f"{n:x}", parent_id="root", start_ns=n + 2, end_ns=n + 3) for n in range(MANY)]

    trace = assemble_one(fan)

    assert len(list(trace.children(0))) == MANY


def test_a_trace_keeps_the_id_of_its_spans():
    assert assemble_one([record()]).trace_id == TRACE_ID
