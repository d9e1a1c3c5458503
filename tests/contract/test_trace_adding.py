"""What a trace store promises about what is added to it, and about reading it back."""

import pytest

from reev_flow.errors import StoreError, TraceNotFound
from reev_flow.trace.store import TraceQuery
from support.sessions import START_NS
from support.trace_stores import add, chunk, id_of, letters


def test_a_trace_store_says_where_it_keeps_things(traces):
    assert traces.location


def test_spans_are_read_back_as_they_were_given(traces):
    add(traces, chunk(data=b"\x0a\x02hi"))
    stored = traces.read(id_of("a")).result()
    assert (stored.trace_id, stored.chunks, stored.damaged) == (id_of("a"), (b"\x0a\x02hi",), ())


@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)) * 8_000], ids=["none", "a zero", "two megabytes"])
def test_any_bytes_are_read_back(traces, data):
    add(traces, chunk(data=data))
    assert traces.read(id_of("a")).result().chunks == (data,)


def test_chunks_are_read_in_the_order_in_which_they_were_added(traces):
    add(traces, chunk(data=b"late", second=9), chunk(data=b"early"))
    add(traces, chunk(data=b"between", second=5))
    assert traces.read(id_of("a")).result().chunks == (b"late", b"early", b"between")


def test_one_call_may_add_to_many_traces(traces):
    add(traces, chunk("a", b"one"), chunk("b", b"two"), chunk("a", b"three"))
    assert traces.read(id_of("a")).result().chunks == (b"one", b"three")
    assert traces.read(id_of("b")).result().chunks == (b"two",)


def test_it_tells_how_many_chunks_were_new(traces):
    add(traces, chunk(data=b"known"))
    assert add(traces, chunk(data=b"known"), chunk(data=b"new"), chunk("b", b"new there")) == 2


def test_nothing_may_be_added_too(traces):
    assert add(traces) == 0


def test_the_same_chunk_again_changes_nothing(trace_backend, traces):
    add(traces, chunk())
    before = traces.read(id_of("a")).result(), traces.find(TraceQuery()).result()
    trace_backend.clock.seconds = 100
    assert add(traces, chunk()) == 0
    assert (traces.read(id_of("a")).result(), traces.find(TraceQuery()).result()) == before


def test_the_same_chunk_twice_in_one_call_is_added_once(traces):
    assert add(traces, chunk(), chunk()) == 1
    assert traces.read(id_of("a")).result().chunks == (b"spans",)


def test_the_same_bytes_may_be_in_two_traces(traces):
    assert add(traces, chunk("a"), chunk("b")) == 2


@pytest.mark.parametrize("name", ["", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 31 + "\n", "\u0660" * 32, "-" * 32])
def test_what_is_no_trace_id_is_refused(traces, name):
    with pytest.raises(StoreError, match="is not the id of a trace; give it 32 lower-case hexadecimal digits"):
        add(traces, chunk(trace_id=name))


def test_all_chunks_of_a_call_are_added_or_none(traces):
    traces.add([chunk("a"), chunk("b", trace_id="nonsense"), chunk("c")]).exception()
    assert letters(traces) == ""


def test_a_chunk_that_cannot_be_kept_fails_alone(traces):
    waiting = [traces.add([one]) for one in (chunk("a"), chunk("b", root="\ud800"), chunk("c"))]
    assert {type(one.exception()) for one in waiting} <= {type(None), StoreError}
    assert [traces.read(id_of(letter)).result().chunks for letter in "ac"] == [(b"spans",)] * 2


def test_times_that_63_bits_cannot_hold_count_as_the_nearest_they_can(traces):
    add(traces, chunk(start_ns=-(2**70), end_ns=2**64 - 1))
    summary = traces.find(TraceQuery()).result()[0]
    assert (summary.start_ns, summary.end_ns) == (1 - 2**63, 2**63 - 1)


@pytest.mark.parametrize("name", [id_of("b"), "", "nonsense", id_of("A"), "\ud800"])
def test_a_trace_that_is_not_there_is_not_found(traces, name):
    add(traces, chunk("a"))
    with pytest.raises(TraceNotFound, match=r"no trace .* in .*; `reev-flow runs list` shows the known ones") as caught:
        traces.read(name).result()
    assert caught.value.trace_id == name


def test_a_read_sees_what_was_added_before_it(traces):
    for number in range(20):
        traces.add([chunk(data=str(number).encode())])
        assert len(traces.read(id_of("a")).result().chunks) == number + 1


def test_a_read_sees_what_was_added_to_many_traces_before_it(traces):
    traces.add([chunk("a"), chunk("b")])
    assert traces.read(id_of("b")).result().chunks == (b"spans",)


def test_added_spans_are_there_when_the_store_is_opened_again(trace_backend, traces):
    add(traces, chunk(data=b"kept", root="plan"))
    traces.close()
    again = trace_backend.open()
    assert again.read(id_of("a")).result().chunks == (b"kept",)
    assert [summary.root for summary in again.find(TraceQuery()).result()] == ["plan"]
    again.close()


def test_two_trace_stores_at_one_place_see_each_other(trace_backend, traces):
    other = trace_backend.open()
    add(traces, chunk(data=b"one"))
    add(other, chunk(data=b"two"))
    add(traces, chunk(data=b"three"))
    assert other.read(id_of("a")).result().chunks == (b"one", b"two", b"three")
    other.close()


def test_it_is_known_when_something_was_last_added(trace_backend, traces):
    add(traces, chunk(data=b"one"))
    trace_backend.clock.seconds = 5
    add(traces, chunk(data=b"two"))
    assert traces.find(TraceQuery()).result()[0].added_ns == START_NS + 5_000_000_000
