"""Who does the jobs that are asked for from inside an event loop: the loop itself, while that holds nobody up."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from typing import Any

import pytest

from reev_flow.stores.lane import LOOK_SECONDS, QUIET_LOOKS, Job, Lane


def do_nothing() -> None:
    pass


class Worker:
    """Does the jobs of a lane, and remembers where and which together."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.threads: list[threading.Thread] = []
        self.may_begin_in_loop = True
        self.on_work: Callable[[], object] = do_nothing

    def work(self, jobs: Sequence[Job]) -> None:
        self.threads.append(threading.current_thread())
        self.on_work()
        self.batches.append([job.argument for job in jobs])
        for job in jobs:
            job.result = job.do(None, job.argument)

    def may_begin(self, jobs: Sequence[Job]) -> bool:
        return self.may_begin_in_loop

    def put_away(self) -> None:
        pass

    @property
    def did_it_in_the_loop(self) -> bool:
        return set(self.threads) == {threading.current_thread()}


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def lane(worker: Worker) -> Iterator[Lane]:
    opened = Lane("here", worker.work, worker.put_away, most_waiting=500, most_at_once=100, may_begin=worker.may_begin)
    yield opened
    opened.close()


def same(_: object, number: int) -> int:
    return number


async def ask(lane: Lane, number: int) -> object:
    return await lane.ask("a", same, number)


def test_the_loop_does_what_its_coroutines_wait_for(lane, worker):
    assert asyncio.run(ask(lane, 7)) == 7
    assert worker.did_it_in_the_loop


def test_what_is_asked_for_in_one_round_is_done_together(lane, worker):
    async def main() -> list[object]:
        return await asyncio.gather(*(ask(lane, number) for number in range(50)))

    assert asyncio.run(main()) == list(range(50))
    assert worker.batches == [list(range(50))]


def test_each_round_is_done_at_its_end(lane, worker):
    async def main() -> None:
        for number in range(3):
            await ask(lane, number)

    asyncio.run(main())
    assert worker.batches == [[0], [1], [2]]
    assert worker.did_it_in_the_loop


def test_the_thread_does_what_would_hold_up_the_loop(lane, worker):
    worker.may_begin_in_loop = False
    assert asyncio.run(ask(lane, 7)) == 7
    assert not worker.did_it_in_the_loop


def test_the_thread_does_what_is_more_than_one_batch(lane, worker):
    async def main() -> list[object]:
        return await asyncio.gather(*(ask(lane, number) for number in range(150)))

    assert asyncio.run(main()) == list(range(150))
    assert not worker.did_it_in_the_loop


def test_the_thread_does_what_a_loop_that_is_held_up_does_not_come_round_to(lane, worker):
    done = threading.Event()

    async def main() -> bool:
        lane.ask("a", lambda *_: done.set(), 1)
        return done.wait(10)

    assert asyncio.run(main())


def leave_behind(lane: Lane) -> bool:
    """Whether it was done all the same."""
    done = threading.Event()
    loop = asyncio.new_event_loop()

    def ask_and_stop() -> None:
        lane.ask("a", lambda *_: done.set(), 1)
        loop.stop()

    loop.call_soon(ask_and_stop)
    loop.run_forever()
    loop.close()
    return done.wait(10)


def test_the_thread_does_what_a_loop_left_behind(lane):
    assert leave_behind(lane)


@pytest.mark.parametrize("looks", [0, 1, QUIET_LOOKS // 2, QUIET_LOOKS, 3 * QUIET_LOOKS])
def test_the_thread_does_what_a_loop_left_behind_however_long_it_did_its_own_jobs_before(lane, looks):
    """The thread still watches, is about to fall asleep, or sleeps again."""
    assert asyncio.run(ask(lane, 7)) == 7
    time.sleep(looks * LOOK_SECONDS)
    assert leave_behind(lane)


def test_another_loop_is_not_kept_waiting_by_one_that_stopped(lane, worker):
    leave_behind(lane)
    worker.threads.clear()
    assert asyncio.run(ask(lane, 7)) == 7
    assert worker.did_it_in_the_loop


def test_what_a_thread_asks_for_does_not_wait_for_the_loop(lane):
    async def main() -> object:
        lane.ask("a", same, 1)
        answers: list[object] = []
        thread = threading.Thread(target=lambda: answers.append(lane.ask("a", same, 2).result(10)))
        thread.start()
        thread.join()
        return answers

    assert asyncio.run(main()) == [2]


def test_a_coroutine_may_wait_for_a_thread_that_waits_for_the_lane(lane):
    """As blocking code does that runs in a thread."""

    async def main() -> object:
        return await asyncio.to_thread(lambda: lane.ask("a", same, 3).result())

    assert asyncio.run(main()) == 3


def test_what_is_interrupted_in_the_loop_is_done_by_the_thread(lane, worker):
    def interrupt() -> None:
        worker.on_work = do_nothing
        raise KeyboardInterrupt

    worker.on_work = interrupt
    asked = []

    async def main() -> None:
        asked.append(lane.ask("a", same, 5))
        await asyncio.sleep(10)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert asked[0].result(10) == 5


def test_a_callback_may_ask_for_more(lane, worker):
    async def main() -> object:
        more: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        def go_on(_: object) -> None:
            lane.ask("a", same, 2).add_done_callback(lambda done: more.set_result(done.result()))

        lane.ask("a", same, 1).add_done_callback(go_on)
        return await more

    assert asyncio.run(main()) == 2


class LitteredLoop(asyncio.SelectorEventLoop):
    """Whatever it is asked to call soon, it first does what Python may do at any moment: throw something away that has something left to ask."""

    def __init__(self, throw_away: Callable[[], object]) -> None:
        self._throw_away = throw_away
        super().__init__()

    def call_soon(  # type: ignore[override]  # one that says what it calls takes what it is called with
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        throw_away, self._throw_away = self._throw_away, do_nothing
        throw_away()
        return super().call_soon(callback, *args, context=context)


def test_what_is_thrown_away_while_something_is_asked_for_may_ask_too(lane, worker):
    async def ask_one() -> object:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, LitteredLoop)
        loop._throw_away = lambda: lane.ask("thrown away", same, 1)
        return await ask(lane, 2)

    def run_it() -> None:
        with asyncio.Runner(loop_factory=lambda: LitteredLoop(do_nothing)) as runner:
            runner.run(ask_one())

    running = threading.Thread(target=run_it, daemon=True)
    running.start()
    running.join(10)
    assert sorted(number for batch in worker.batches for number in batch) == [1, 2]


THROWN_AWAY_IN_THE_MIDDLE = """
import gc
from reev_flow.stores.lane import Lane

lane = Lane("here", lambda jobs: None, lambda: None, most_waiting=100, most_at_once=100)
lane._thread = lane  # it takes its thread for started, and nobody but callers works

def throw_away(phase, _):
    if phase == "start":
        lane.lend_hand()

gc.set_threshold(1)
gc.callbacks.append(throw_away)
for _ in range(20):
    gc.disable()
    for number in range(50):
        lane.ask(str(number), lambda *_: None, None)
    gc.enable()  # whatever needs room next makes Python look for garbage
    lane.last_about("7")
    lane.lend_hand()
"""


def test_what_is_waiting_may_be_taken_while_it_is_looked_at():
    """In a process of its own, because it is Python itself that crashed: always, where it notices that memory is used after it was freed."""
    environment = os.environ | {"PYTHONMALLOC": "debug"}
    done = subprocess.run([sys.executable, "-c", THROWN_AWAY_IN_THE_MIDDLE], check=False, timeout=60, env=environment)
    assert done.returncode == 0
