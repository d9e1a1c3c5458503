"""What a trace store promises about what is still missing from a trace, and about conversations."""

from itertools import permutations

import pytest

from reev_flow.trace.store import TraceQuery, TraceStore, TraceSummary
from support.trace_stores import add, chunk, id_of, letters

ONE, TWO, THREE = (bytes([number]) * 8 for number in (1, 2, 3))


def only(store: TraceStore) -> TraceSummary:
    (summary,) = store.find(TraceQuery()).result()
    return summary


def test_a_root_is_there_once_a_chunk_has_it(traces):
    add(traces, chunk(data=b"1"))
    before = only(traces).has_root
    add(traces, chunk(data=b"2", has_root=True), chunk(data=b"3"))

    assert (before, only(traces).has_root) == (False, True)


PIECES = (
    chunk(data=b"1", begun=ONE + TWO),
    chunk(data=b"2", ended=ONE, begun=THREE),
    chunk(data=b"3", ended=THREE, begun=ONE),
)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_spans_are_unfinished_until_some_chunk_tells_their_end(traces, order):
    for place in order:
        add(traces, PIECES[place])

    assert only(traces).unfinished == 1


def test_a_span_whose_beginning_comes_after_its_end_is_finished(traces):
    add(traces, chunk(data=b"1", ended=ONE))
    add(traces, chunk(data=b"2", begun=ONE))

    assert only(traces).unfinished == 0


def test_the_conversations_of_a_trace_are_told(traces):
    add(traces, chunk(data=b"1", conversations=("talk", "call")), chunk(data=b"2", conversations=("chat", "talk")))

    assert only(traces).conversations == ("call", "chat", "talk")


def test_traces_are_found_by_their_conversation(traces):
    add(traces, chunk("a", conversations=("talk",)), chunk("b"), chunk("c", second=1, conversations=("talk", "chat")))

    assert (letters(traces, conversation="talk"), letters(traces, conversation="chat")) == ("ca", "c")
    assert letters(traces, conversation="tal") == ""


def test_a_conversation_and_the_beginning_of_an_id_both_count(traces):
    add(traces, chunk("a", conversations=("talk",)), chunk("b", conversations=("talk",)))

    assert letters(traces, conversation="talk", id_prefix="b") == "b"


@pytest.mark.parametrize("name", ["'; DROP TABLE traces; --", "ü" * 900, "half \ud800 a pair", "a\x00b", "%"])
def test_a_conversation_may_be_called_anything(traces, name):
    add(traces, chunk("a", conversations=(name,)), chunk("b", conversations=("talk",)))

    assert letters(traces, conversation=name) == "a"


def test_of_very_many_conversations_the_first_are_told_in_whatever_order_they_came(traces):
    names = [f"{number:04}" for number in range(99)]
    add(traces, chunk(data=b"1", conversations=tuple(names[50:])))
    add(traces, chunk(data=b"2", conversations=tuple(names[:50])))

    assert only(traces).conversations == tuple(names[:16])


def test_a_trace_is_found_by_conversations_that_its_summary_does_not_tell(traces):
    names = [f"{number:04}" for number in range(32)]
    add(traces, chunk(data=b"1", conversations=tuple(names[:16])), chunk(data=b"2", conversations=tuple(names[16:])))

    assert [letters(traces, conversation=name) for name in (names[0], names[-1])] == ["a", "a"]
    assert letters(traces, conversation=names[-1], trace_ids=frozenset({id_of("a")})) == "a"


def test_a_conversation_and_whole_ids_both_count(traces):
    add(traces, *(chunk(letter, conversations=("talk",)) for letter in "ab"), chunk("c"))

    assert letters(traces, conversation="talk", trace_ids=frozenset({id_of("b"), id_of("c")})) == "b"


def test_a_forgotten_trace_leaves_its_conversation(traces):
    add(traces, chunk("a", conversations=("talk",)), chunk("b", conversations=("talk",)))
    traces.forget(id_of("a")).result()

    assert letters(traces, conversation="talk") == "b"
