"""What a trace store promises to those who wait for it, and about its end."""

import asyncio
import threading

import pytest

from reev_flow.errors import StoreError, TraceNotFound
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.trace.store import TraceQuery, TraceStore
from support.trace_stores import add, chunk, id_of


def test_a_coroutine_awaits_what_a_trace_store_answers(traces):
    async def main() -> object:
        await awaited(traces.add([chunk()]))
        return (await asyncio.wrap_future(traces.read(id_of("a")))).chunks

    assert asyncio.run(main()) == (b"spans",)


def test_a_coroutine_awaits_the_error_of_a_trace_store(traces):
    async def main() -> None:
        with pytest.raises(TraceNotFound):
            await awaited(traces.read(id_of("a")))

    asyncio.run(main())


def test_what_was_asked_of_a_trace_store_cannot_be_cancelled(traces):
    assert not traces.add([chunk()]).cancel()
    assert traces.read(id_of("a")).result().chunks == (b"spans",)


def test_many_threads_add_to_one_trace_and_lose_nothing(traces):
    threads = [threading.Thread(target=_add_twenty, args=(traces, number)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(traces.read(id_of("a")).result().chunks)) == 120


def _add_twenty(store: TraceStore, thread: int) -> None:
    for number in range(20):
        add(store, chunk(data=f"{thread} {number}".encode()))


def test_everything_added_before_a_close_is_kept(traces):
    waiting = [traces.add([chunk(data=str(number).encode())]) for number in range(50)]
    reading = traces.read(id_of("a"))
    traces.close()
    assert [one.result(0) for one in waiting] == [1] * 50
    assert len(reading.result(0).chunks) == 50


def test_a_closed_trace_store_fails_with_a_store_error(traces):
    traces.close()
    attempts = (
        traces.add([chunk()]),
        traces.read(id_of("a")),
        traces.find(TraceQuery()),
        traces.damaged(),
        traces.prune(0),
        traces.shrink(0),
        traces.give_back(),
        traces.forget(id_of("a")),
        traces.size_bytes(),
    )
    assert {type(attempt.exception()) for attempt in attempts} == {StoreError}


def test_closing_a_trace_store_again_does_nothing(traces):
    traces.close()
    traces.close()
