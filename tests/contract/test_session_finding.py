"""What a session store promises about finding many sessions."""

import pytest

from reev_flow.sessions.state import SessionState
from support.sessions import Run, answer, found, new_session

ALL_TRACED = ["last", "one", "three", "two"]


def test_the_newest_is_found_first_and_ties_go_by_id(store):
    for name, second in (("b", 1), ("c", 2), ("a", 1), ("d", 0)):
        store.create(new_session(name, second=second)).result()
    assert found(store) == ["c", "a", "b", "d"]


def test_an_empty_query_wants_all_states(store):
    Run(store).end()
    store.create(new_session("s-2")).result()
    assert sorted(found(store)) == ["s-1", "s-2"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((SessionState.RUNNING,), ["on"]),
        ((SessionState.COMPLETED,), ["over"]),
        ((SessionState.RUNNING, SessionState.COMPLETED), ["on", "over"]),
        ((SessionState.WAITING,), []),
    ],
    ids=str,
)
def test_sessions_are_found_by_their_states(store, states, expected):
    Run(store, new_session("over")).end()
    Run(store, new_session("on", second=1))
    assert found(store, states=frozenset(states)) == expected


def test_sessions_are_found_by_flow(store):
    store.create(new_session("a", flow="pay")).result()
    store.create(new_session("b", flow="lend")).result()
    assert found(store, flow="pay") == ["a"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("ab", ["ab", "abc"]), ("a%", ["a%"]), ("x", []), ("ä", ["äb"]), ("", ["a%", "ab", "abc", "äb"])],
)
def test_sessions_are_found_by_the_beginning_of_their_id(store, prefix, expected):
    for name in ("abc", "ab", "a%", "äb"):
        store.create(new_session(name)).result()
    assert found(store, id_prefix=prefix) == expected


@pytest.mark.parametrize("limit", [0, 1, 2, 5, -1])
def test_no_more_sessions_are_found_than_asked_for(store, limit):
    for number in range(3):
        store.create(new_session(f"s-{number}")).result()
    assert len(found(store, limit=limit)) == max(0, min(limit, 3))


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("ab", ["one", "two"]),
        ("ab12", ["one"]),
        ("abff", ["two"]),
        ("abf0", []),
        ("f" * 32, ["last"]),
        ("", ALL_TRACED),
    ],
)
def test_sessions_are_found_by_the_beginning_of_the_id_of_their_trace(store, prefix, expected):
    traces = {"one": "ab12" + "0" * 28, "two": "abff" + "f" * 28, "three": "ac00" + "0" * 28, "last": "f" * 32}
    for name, trace_id in traces.items():
        store.create(new_session(name, trace_id=trace_id)).result()
    assert sorted(found(store, trace_id_prefix=prefix)) == sorted(expected)


def test_what_is_asked_for_must_all_be_right(store):
    for name, flow in (("a", "pay"), ("b", "lend")):
        store.create(new_session(name, flow=flow, trace_id="ab" * 16)).result()
    assert found(store, flow="pay", trace_id_prefix="ab") == ["a"]
    assert found(store, id_prefix="b", trace_id_prefix="ac") == []


def test_of_those_that_wait_only_those_are_found_that_were_sent_something_or_whose_deadline_is_over(store):
    for name, second, deadline_ns in (("asked", 0, None), ("answered", 1, None), ("soon", 2, 5), ("over", 3, 4)):
        Run(store, new_session(name, second=second)).append(
            state=SessionState.WAITING, deadline_ns=deadline_ns
        ).result()
    store.send(answer("yes", session_id="answered")).result()
    assert found(store, states=frozenset({SessionState.WAITING}), may_go_on_ns=4) == ["over", "answered"]
