"""What a session store promises to those who wait for it, and about its end."""

import asyncio
import threading

import pytest

from reev_flow.errors import SessionNotFound, StoreError
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.store import SessionQuery, SessionStore, Write
from support.sessions import Run, answer, entry, is_unbroken, new_session


def test_it_says_where_it_keeps_things(store):
    assert store.location


def test_everything_asked_for_before_a_close_is_done(store):
    run = Run(store)
    acknowledgements = [run.append(entry(1)) for _ in range(100)]
    reading = store.load("s-1")
    store.close()
    assert [one.result(0) for one in acknowledgements] == [None] * 100
    assert reading.result(0) == run.session


def test_a_closed_store_fails_with_a_store_error(store):
    run = Run(store)
    lease = store.claim("s-1", "worker", 60).result()
    store.close()
    attempts = (
        store.create(new_session()),
        run.append(entry(1)),
        store.load("s-1"),
        store.read_journal("s-1"),
        store.find(SessionQuery()),
        store.damaged(),
        store.claim("s-1", "worker", 60),
        store.renew(lease, 60),
        store.release(lease),
        store.holders(["s-1"]),
        store.send(answer("yes")),
        store.messages("s-1"),
        store.prune(0),
        store.free("s-1"),
    )
    assert {type(attempt.exception()) for attempt in attempts} == {StoreError}


def test_closing_again_does_nothing(store):
    store.close()
    store.close()


def test_a_coroutine_awaits_the_result(store):
    async def main() -> object:
        await awaited(store.create(new_session()))
        return await asyncio.wrap_future(store.load("s-1"))

    assert asyncio.run(main()) == new_session()


def test_a_coroutine_awaits_the_error(store):
    async def main() -> None:
        with pytest.raises(SessionNotFound):
            await awaited(store.load("nobody"))
        with pytest.raises(SessionNotFound):
            await asyncio.wrap_future(store.load("nobody"))

    asyncio.run(main())


def test_what_was_asked_of_a_session_store_cannot_be_cancelled(store):
    assert not store.create(new_session()).cancel()
    assert store.load("s-1").result() == new_session()


def test_what_was_asked_is_done_though_nobody_waits_any_longer(store):
    async def main() -> None:
        task = asyncio.create_task(_wait(store))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert store.load("s-1").result() == new_session()


async def _wait(store: SessionStore) -> None:
    await asyncio.wrap_future(store.create(new_session()))
    await asyncio.Event().wait()


def test_a_hundred_coroutines_lose_nothing(store):
    runs = [Run(store, new_session(f"s-{number}")) for number in range(100)]

    async def main() -> None:
        await asyncio.gather(*(_five_steps(run) for run in runs))

    asyncio.run(main())
    assert all(is_unbroken(run.session, store.read_journal(run.session.session_id).result()) for run in runs)


async def _five_steps(run: Run) -> None:
    for _ in range(5):
        await awaited(run.append(entry(1, value=b"x" * 100)))


def test_many_threads_lose_nothing(store):
    runs = [Run(store, new_session(f"s-{number}")) for number in range(8)]
    threads = [threading.Thread(target=_twenty_steps, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(is_unbroken(run.session, store.read_journal(run.session.session_id).result()) for run in runs)


def _twenty_steps(run: Run) -> None:
    for _ in range(20):
        run.step(b"x")


def test_a_callback_may_ask_for_more_and_wait_for_it(store):
    done = threading.Event()
    run = Run(store)

    def go_on(_: object) -> None:
        run.step(b"from the callback")
        done.set()

    run.append(entry(1)).add_done_callback(go_on)
    assert done.wait(10)


def test_a_write_can_be_asked_for_and_waited_for_inside_a_running_loop(store):
    async def main() -> None:
        Run(store).step(b"blocking, but not for ever")

    asyncio.run(main())
    assert store.load("s-1").result().entries == 1


def test_writes_are_frozen_values(store):
    with pytest.raises(AttributeError):
        Write(session=new_session()).session = new_session()  # type: ignore[misc]
