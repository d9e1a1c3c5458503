"""Threads for functions that are not coroutines."""

import asyncio
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from reev_flow.flows.threads import FlowThreads
from support.processes import environment

PATIENCE_SECONDS = 20


@pytest.fixture
def threads() -> Iterator[FlowThreads]:
    made = FlowThreads(2, "test")
    yield made
    made.shutdown(cancel_futures=True)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Functions that wait for it wait until the test ends, if not before."""
    made = threading.Event()
    yield made
    made.set()


def test_a_function_gives_its_result(threads):
    assert threads.submit(divmod, 7, 2).result(PATIENCE_SECONDS) == (3, 1)


@pytest.mark.parametrize("error", [ValueError("no"), StopIteration(3), SystemExit(4)])
def test_what_a_function_raises_is_raised(threads, error):
    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        threads.submit(fail).result(PATIENCE_SECONDS)
    assert threads.submit(int, 5).result(PATIENCE_SECONDS) == 5


def test_so_many_run_at_once_and_the_others_wait_in_order(threads, gate):
    begun: list[int] = []
    both = threading.Barrier(3, timeout=PATIENCE_SECONDS)

    def work(number: int) -> None:
        begun.append(number)
        if number < 2:
            both.wait()
        gate.wait(PATIENCE_SECONDS)

    futures = [threads.submit(work, number) for number in range(6)]
    both.wait()
    assert sorted(begun) == [0, 1]
    gate.set()
    for future in futures:
        future.result(PATIENCE_SECONDS)
    assert sorted(begun) == list(range(6))


def test_threads_are_used_again(threads):
    used = {threads.submit(threading.get_ident).result(PATIENCE_SECONDS) for _ in range(20)}
    assert len(used) <= 2


def test_one_that_was_given_up_takes_nobodys_place(threads, gate):
    stuck = [threads.submit(gate.wait, PATIENCE_SECONDS) for _ in range(2)]
    waits = threads.submit(int, 5)
    for future in stuck:
        while not future.running():
            threading.Event().wait(0.001)
        assert not future.cancel()
    assert waits.result(PATIENCE_SECONDS) == 5
    assert [threads.submit(int, number).result(PATIENCE_SECONDS) for number in range(5)] == [0, 1, 2, 3, 4]
    gate.set()
    assert [future.result(PATIENCE_SECONDS) for future in stuck] == [True, True]
    assert threads._count <= 2


def test_giving_up_twice_or_too_late_changes_nothing(threads, gate):
    stuck = threads.submit(gate.wait, PATIENCE_SECONDS)
    while not stuck.running():
        threading.Event().wait(0.001)
    for _ in range(3):
        stuck.cancel()
    gate.set()
    assert stuck.result(PATIENCE_SECONDS) is True
    stuck.cancel()
    assert threads._count == 0


def test_what_has_not_begun_can_be_cancelled(threads, gate):
    stuck = [threads.submit(gate.wait, PATIENCE_SECONDS) for _ in range(2)]
    waits, next_one = threads.submit(int, 5), threads.submit(int, 6)
    assert waits.cancel()
    gate.set()
    assert next_one.result(PATIENCE_SECONDS) == 6
    assert all(future.result(PATIENCE_SECONDS) for future in stuck)
    with pytest.raises(CancelledError):
        waits.result()


def test_closing_cancels_what_has_not_begun_and_ends_the_threads(threads, gate):
    stuck = [threads.submit(gate.wait, PATIENCE_SECONDS) for _ in range(2)]
    waits = threads.submit(int, 5)
    for _ in range(2):
        threads.shutdown(cancel_futures=True)
    assert waits.cancelled()
    with pytest.raises(RuntimeError, match="closed"):
        threads.submit(int, 6)
    gate.set()
    assert all(future.result(PATIENCE_SECONDS) for future in stuck)
    for thread in threading.enumerate():
        if thread.name == "reev-flow test":
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def test_without_cancelling_what_waits_is_still_done(threads):
    futures = [threads.submit(int, number) for number in range(20)]
    threads.shutdown()
    assert [future.result(PATIENCE_SECONDS) for future in futures] == list(range(20))


def test_results_and_arguments_are_not_kept_by_idle_threads(threads):
    class Large:
        """Something one does not want to keep."""

    large = Large()
    forgotten = weakref.ref(large)
    assert threads.submit(lambda value: 5, large).result(PATIENCE_SECONDS) == 5
    del large
    for _ in range(1_000):
        if forgotten() is None:
            return
        threading.Event().wait(0.005)
    raise AssertionError("it is kept")


def test_a_coroutine_that_gives_up_frees_the_place(threads, gate):
    async def give_up_often() -> int:
        loop = asyncio.get_running_loop()
        for _ in range(4):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(loop.run_in_executor(threads, gate.wait, PATIENCE_SECONDS), 0.01)
        return await loop.run_in_executor(threads, int, 5)

    assert asyncio.run(give_up_often()) == 5


def test_a_function_that_never_returns_does_not_keep_the_program_alive():
    program = (
        "import threading\n"
        "from reev_flow.flows.threads import FlowThreads\n"
        "begun = threading.Event()\n"
        "threads = FlowThreads(1, 'step')\n"
        "threads.submit(lambda: (begun.set(), threading.Event().wait()))\n"
        "begun.wait()\n"
        "threads.shutdown(cancel_futures=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment(), timeout=60, check=False)
    assert done.returncode == 0
