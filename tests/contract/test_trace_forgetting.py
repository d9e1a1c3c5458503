"""What a trace store promises about forgetting."""

from random import Random

import pytest

from reev_flow.errors import TraceNotFound
from support.sessions import NS, START_NS
from support.trace_stores import add, chunk, id_of, letters


def test_traces_to_which_nothing_was_added_since_are_forgotten(trace_backend, traces):
    for second, letter in enumerate("abc"):
        trace_backend.clock.seconds = second
        add(traces, chunk(letter))
    assert traces.prune(START_NS + NS).result() == (id_of("a"),)
    assert sorted(letters(traces)) == ["b", "c"]


def test_what_was_added_lately_is_kept_whatever_times_its_spans_have(traces):
    add(traces, chunk(start_ns=1, end_ns=2))
    assert traces.prune(START_NS).result() == ()


def test_a_trace_that_was_added_to_is_young_again(trace_backend, traces):
    add(traces, chunk(data=b"one"))
    trace_backend.clock.seconds = 10
    add(traces, chunk(data=b"two"))
    assert traces.prune(START_NS + 5 * NS).result() == ()


def test_what_was_there_already_makes_no_trace_young(trace_backend, traces):
    add(traces, chunk())
    trace_backend.clock.seconds = 10
    add(traces, chunk())
    assert traces.prune(START_NS + 5 * NS).result() == (id_of("a"),)


@pytest.mark.parametrize(("limit", "expected"), [(0, ""), (-1, ""), (1, "b"), (2, "ba"), (9, "bac")])
def test_no_more_traces_are_forgotten_than_asked_for_the_longest_untouched_first(
    trace_backend, traces, limit, expected
):
    for second, letter in enumerate("bac"):
        trace_backend.clock.seconds = second
        add(traces, chunk(letter))
    assert traces.prune(START_NS * 2, limit=limit).result() == tuple(id_of(letter) for letter in expected)


def test_a_forgotten_trace_is_not_found(traces):
    add(traces, chunk())
    traces.prune(START_NS * 2).result()
    assert isinstance(traces.read(id_of("a")).exception(), TraceNotFound)


def test_a_trace_is_forgotten_by_its_id(traces):
    add(traces, chunk("a"), chunk("b"))
    assert traces.forget(id_of("a")).result() is True
    assert letters(traces) == "b"


@pytest.mark.parametrize("name", [id_of("a"), "", "nonsense"])
def test_forgetting_a_trace_that_is_not_there_changes_nothing(traces, name):
    add(traces, chunk("b"))
    assert traces.forget(name).result() is False
    assert letters(traces) == "b"


def test_a_forgotten_trace_can_be_added_again(traces):
    add(traces, chunk(data=b"before"), chunk(data=b"both"))
    traces.forget(id_of("a")).result()
    assert add(traces, chunk(data=b"both")) == 1
    assert traces.read(id_of("a")).result().chunks == (b"both",)


def test_what_is_kept_takes_room(traces):
    before = traces.size_bytes().result()
    add(traces, chunk(data=Random(1).randbytes(100_000)))
    assert traces.size_bytes().result() > before


def test_what_is_forgotten_takes_no_room_any_longer(traces):
    before = traces.size_bytes().result()
    add(traces, *(chunk(data=Random(number).randbytes(100_000)) for number in range(20)))
    full = traces.size_bytes().result()
    traces.forget(id_of("a")).result()
    assert traces.size_bytes().result() < before + (full - before) / 2


def test_traces_are_forgotten_until_the_rest_has_room_the_longest_untouched_first(trace_backend, traces):
    for second, letter in enumerate("bacd"):
        trace_backend.clock.seconds = second
        add(traces, chunk(letter, data=Random(second).randbytes(100_000)))
    enough = traces.size_bytes().result() - 150_000
    assert traces.shrink(enough).result() == (id_of("b"), id_of("a"))
    assert traces.size_bytes().result() <= enough


def test_nothing_is_forgotten_while_there_is_room(traces):
    add(traces, chunk())
    assert traces.shrink(traces.size_bytes().result()).result() == ()


@pytest.mark.parametrize(("limit", "expected"), [(0, ""), (-1, ""), (1, "a"), (9, "abc")])
def test_no_more_traces_are_forgotten_at_once_than_asked_for(trace_backend, traces, limit, expected):
    for second, letter in enumerate("abc"):
        trace_backend.clock.seconds = second
        add(traces, chunk(letter))
    assert traces.shrink(0, limit=limit).result() == tuple(id_of(letter) for letter in expected)


def test_what_was_forgotten_for_room_is_not_found(traces):
    add(traces, chunk())
    traces.shrink(0).result()
    assert isinstance(traces.read(id_of("a")).exception(), TraceNotFound)


def test_all_that_was_forgotten_is_given_back_in_the_end(traces):
    add(traces, *(chunk(data=Random(number).randbytes(100_000)) for number in range(20)))
    traces.shrink(0).result()
    left = [traces.give_back().result() for _ in range(5)]
    assert left[-1] == 0


def test_giving_back_changes_nothing_that_is_kept(traces):
    add(traces, *(chunk(letter, data=Random(number).randbytes(100_000)) for number, letter in enumerate("abc")))
    traces.forget(id_of("b")).result()
    traces.give_back().result()
    assert traces.read(id_of("c")).result().chunks == (Random(2).randbytes(100_000),)
    assert traces.damaged().result() == ()
