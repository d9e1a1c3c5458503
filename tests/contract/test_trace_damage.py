"""What a trace store promises about traces that were damaged."""

import pytest

from reev_flow.trace.store import TraceQuery, TraceStore
from support.sessions import START_NS
from support.trace_stores import CHUNK_DAMAGES, LINE_DAMAGES, LINE_GONE, TraceBackend, add, chunk, id_of, letters

ALL_DAMAGES = {
    **{f"a chunk: {what}": statement for what, statement in CHUNK_DAMAGES.items()},
    **{f"the line: {what}": statement for what, statement in LINE_DAMAGES.items()},
    "the line: gone": LINE_GONE,
}
THREE = (b"one", b"two", b"three")


@pytest.fixture
def filled(traces: TraceStore) -> TraceStore:
    """Two traces of three chunks each."""
    for letter, second in (("a", 0), ("b", 1)):
        add(traces, *(chunk(letter, data, second=second, root="plan") for data in THREE))
    return traces


@pytest.mark.parametrize("damage", CHUNK_DAMAGES)
def test_a_damaged_chunk_costs_itself_and_is_named(trace_backend, filled, damage):
    trace_backend.meddle(CHUNK_DAMAGES[damage], id_of("a"))
    stored = filled.read(id_of("a")).result()
    assert (stored.chunks, stored.damaged) == ((b"one", b"three"), (2,))


@pytest.mark.parametrize("damage", ALL_DAMAGES)
def test_other_traces_are_read_beside_a_damaged_one(trace_backend, filled, damage):
    trace_backend.meddle(ALL_DAMAGES[damage], id_of("a"))
    stored = filled.read(id_of("b")).result()
    assert (stored.chunks, stored.damaged) == (THREE, ())


@pytest.mark.parametrize("damage", [*LINE_DAMAGES.values(), LINE_GONE])
def test_a_damaged_line_costs_no_spans(trace_backend, filled, damage):
    trace_backend.meddle(damage, id_of("a"))
    stored = filled.read(id_of("a")).result()
    assert (stored.chunks, stored.damaged) == (THREE, ())


@pytest.mark.parametrize("damage", LINE_DAMAGES)
def test_a_trace_with_a_damaged_line_is_found_as_it_was(trace_backend, filled, damage):
    before = filled.find(TraceQuery()).result()
    trace_backend.meddle(LINE_DAMAGES[damage], id_of("a"))
    assert filled.find(TraceQuery()).result() == before


@pytest.mark.parametrize("damage", [*LINE_DAMAGES.values(), LINE_GONE])
def test_a_damaged_line_is_made_again_when_something_is_added(trace_backend, filled, damage):
    trace_backend.meddle(damage, id_of("a"))
    add(filled, chunk("a", b"four", root="plan"))
    (summary,) = filled.find(TraceQuery(id_prefix="a")).result()
    assert (summary.chunks, summary.spans, summary.root, filled.damaged().result()) == (4, 12, "plan", ())


@pytest.mark.parametrize("damage", ALL_DAMAGES)
def test_the_damaged_traces_are_named(trace_backend, filled, damage):
    trace_backend.meddle(ALL_DAMAGES[damage], id_of("a"))
    assert [name for name in filled.damaged().result() if len(name) == 32] == [id_of("a")]


def test_no_trace_of_a_sound_store_is_damaged(filled):
    assert filled.damaged().result() == ()


@pytest.mark.parametrize("damage", CHUNK_DAMAGES)
def test_a_damaged_chunk_that_is_added_again_is_whole_again(trace_backend, filled, damage):
    trace_backend.meddle(CHUNK_DAMAGES[damage], id_of("a"))
    add(filled, chunk("a", b"two", root="plan"))
    assert sorted(filled.read(id_of("a")).result().chunks) == sorted(THREE)


def test_a_chunk_whose_spans_were_damaged_is_no_longer_named_when_it_was_added_again(trace_backend, filled):
    trace_backend.meddle(CHUNK_DAMAGES["its spans"], id_of("a"))
    add(filled, chunk("a", b"two", root="plan"))
    assert (filled.read(id_of("a")).result().chunks, filled.damaged().result()) == (THREE, ())


def test_a_chunk_and_a_line_that_were_both_damaged_are_whole_again_when_the_chunk_was_added_again(
    trace_backend, filled
):
    before = filled.find(TraceQuery()).result()
    damage_line_and_chunk(trace_backend)
    add(filled, chunk("a", b"two", root="plan"))
    assert (filled.read(id_of("a")).result().chunks, filled.find(TraceQuery()).result()) == (THREE, before)


def damage_line_and_chunk(backend: TraceBackend) -> None:
    backend.meddle(LINE_DAMAGES["its numbers"], id_of("a"))
    backend.meddle(CHUNK_DAMAGES["its spans"], id_of("a"))


def test_a_trace_of_which_nothing_is_sound_is_read_as_damaged_and_not_found(trace_backend, filled):
    trace_backend.meddle(LINE_DAMAGES["its numbers"], id_of("a"))
    trace_backend.meddle("UPDATE chunks SET data = x'00' WHERE hex(trace) = upper(?)", id_of("a"))
    stored = filled.read(id_of("a")).result()
    assert (stored.chunks, stored.damaged, letters(filled), filled.damaged().result()) == (
        (),
        (1, 2, 3),
        "b",
        (id_of("a"),),
    )


@pytest.mark.parametrize("damage", CHUNK_DAMAGES)
def test_a_trace_with_a_damaged_chunk_is_pruned_too(trace_backend, filled, damage):
    trace_backend.meddle(CHUNK_DAMAGES[damage], id_of("a"))
    assert filled.prune(START_NS + 1).result() == (id_of("a"), id_of("b"))


@pytest.mark.parametrize("damage", LINE_DAMAGES)
def test_a_trace_with_a_damaged_line_is_pruned_too(trace_backend, filled, damage):
    trace_backend.meddle(LINE_DAMAGES[damage], id_of("a"))
    assert filled.prune(START_NS + 1).result() == (id_of("a"), id_of("b"))


def test_a_damaged_age_does_not_make_a_trace_old(trace_backend, filled):
    trace_backend.meddle(LINE_DAMAGES["its age"], id_of("a"))
    assert filled.prune(START_NS).result() == ()


def test_a_damaged_age_does_not_make_a_trace_the_first_to_go_for_room(trace_backend, traces):
    for second, letter in enumerate("ab"):
        trace_backend.clock.seconds = second
        add(traces, chunk(letter))
    trace_backend.meddle(LINE_DAMAGES["its age"], id_of("b"))
    assert traces.shrink(0).result() == (id_of("a"), id_of("b"))


def test_a_trace_of_which_only_chunks_are_left_stays_until_it_is_named(trace_backend, filled):
    trace_backend.meddle(LINE_GONE, id_of("a"))
    assert filled.prune(START_NS + 1).result() == (id_of("b"),)
    assert (filled.damaged().result(), filled.forget(id_of("a")).result()) == ((id_of("a"),), True)
    assert filled.damaged().result() == ()
