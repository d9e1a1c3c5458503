from hypothesis import given

from reev_flow.collect.links import cut_cycles, link_parents
from reev_flow.trace.span import Flag, Span
from reev_flow.trace.trace import NO_PARENT
from support.records import record, record_sets


def linked(spans: list[Span]):
    flags: list[set[Flag]] = [set() for _ in spans]
    parents = link_parents(spans, flags)
    cut_cycles(spans, parents, flags)
    return parents, flags


@given(record_sets)
def test_every_way_up_ends(spans: list[Span]):
    parents, _ = linked(spans)

    for position in range(len(spans)):
        way = [position]
        while way[-1] != NO_PARENT:
            way.append(parents[way[-1]])
            assert len(way) <= len(spans) + 1


@given(record_sets)
def test_only_flagged_spans_lose_the_parent_they_named(spans: list[Span]):
    parents, flags = linked(spans)

    for span, parent, flagged in zip(spans, parents, flags, strict=True):
        if span.parent_id is not None and parent == NO_PARENT:
            assert flagged in ({Flag.ORPHAN}, {Flag.CYCLE})
        else:
            assert not flagged


def test_of_two_spans_with_one_id_the_first_is_the_parent():
    parents, _ = linked([record("a1"), record("a1"), record("b2", parent_id="a1")])

    assert parents == [NO_PARENT, NO_PARENT, 0]


def test_a_tail_that_leads_into_a_circle_keeps_its_parent():
    spans = [
        record("a1", parent_id="b2", start_ns=5),
        record("b2", parent_id="a1", start_ns=6),
        record("c3", parent_id="b2", start_ns=1),
    ]

    parents, flags = linked(spans)

    assert parents == [NO_PARENT, 0, 1]
    assert flags == [{Flag.CYCLE}, set(), set()]
