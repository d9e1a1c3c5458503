"""How work that only one thread at a time may do is queued and done."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from reev_flow.errors import StoreError
from reev_flow.stores.lane import Job, Lane


class Worker:
    """Does the jobs of a lane, and remembers in what batches."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.times_put_away = 0

    def work(self, jobs: Sequence[Job]) -> None:
        self.may_go_on.wait(10)
        self.batches.append([job.argument for job in jobs])
        for job in jobs:
            job.result = job.do(None, job.argument)

    def put_away(self) -> None:
        self.times_put_away += 1


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def lane(worker: Worker) -> Iterator[Lane]:
    opened = Lane("here", worker.work, worker.put_away, most_waiting=5, most_at_once=3)
    yield opened
    worker.may_go_on.set()
    opened.close()


def doubled(_: object, number: int) -> int:
    return number * 2


def test_a_job_is_done_and_answered(lane):
    assert lane.ask("", doubled, 4).result() == 8


def test_a_job_is_done_though_nobody_waits(lane, worker):
    done = threading.Event()
    lane.ask("", lambda *_: done.set(), 1)
    assert done.wait(10)


def test_what_waits_is_taken_together_up_to_a_limit(lane, worker):
    worker.may_go_on.clear()
    first = lane.ask("", doubled, 0)
    while not lane._under_way:
        pass
    jobs = [lane.ask("", doubled, number) for number in range(1, 6)]
    worker.may_go_on.set()
    assert [job.result(10) for job in (first, *jobs)] == [0, 2, 4, 6, 8, 10]
    assert worker.batches == [[0], [1, 2, 3], [4, 5]]


def test_a_full_queue_refuses_and_does_not_block(lane, worker):
    worker.may_go_on.clear()
    lane.ask("", doubled, 0)
    while not lane._under_way:
        pass
    jobs = [lane.ask("", doubled, number) for number in range(6)]
    assert isinstance(jobs[-1].exception(0), StoreError)
    assert "5 jobs are waiting already" in str(jobs[-1].exception())


def test_a_closed_lane_refuses(lane):
    lane.close()
    with pytest.raises(StoreError, match="closed"):
        lane.ask("", doubled, 1).result()


def test_what_was_asked_for_before_a_close_is_done(lane, worker):
    worker.may_go_on.clear()
    jobs = [lane.ask("", doubled, number) for number in range(4)]
    threading.Timer(0.05, worker.may_go_on.set).start()
    lane.close()
    assert [job.result(0) for job in jobs] == [0, 2, 4, 6]


def test_a_lane_may_be_closed_by_one_of_its_callbacks(lane, worker):
    closed = threading.Event()

    def close(_: object) -> None:
        lane.close()
        closed.set()

    lane.ask("", doubled, 1).add_done_callback(close)
    assert closed.wait(10)
    assert worker.times_put_away == 1


@pytest.mark.parametrize(("about", "expected"), [("a", 2), ("b", 1), ("c", None), ("", 2)])
def test_the_last_job_about_something_is_known(lane, worker, about, expected):
    worker.may_go_on.clear()
    jobs = [lane.ask(one, doubled, number) for number, one in enumerate("aba")]
    found = lane.last_about(about)
    assert found is (None if expected is None else jobs[expected])


def test_a_job_about_everything_is_about_each(lane, worker):
    worker.may_go_on.clear()
    job = lane.ask("", doubled, 1)
    assert lane.last_about("anything") is job


def test_work_that_is_interrupted_is_done_by_the_next(lane, worker):
    calls: list[int] = []

    def interrupted_once(_: object, number: int) -> int:
        calls.append(number)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return number

    hold_back(lane)
    job = lane.ask("", interrupted_once, 7)
    with pytest.raises(KeyboardInterrupt):
        job.result()
    resume(lane)
    assert (job.result(10), calls) == (7, [7, 7])


def hold_back(lane: Lane) -> None:
    """The lane takes its thread for started, and nobody but callers works."""
    lane._thread = threading.main_thread()


def resume(lane: Lane) -> None:
    lane._thread = None
    lane._wake_up()


def test_in_the_child_of_a_fork_what_was_waiting_is_told_and_what_comes_is_done(lane, worker):
    hold_back(lane)
    waiting = lane.ask("", doubled, 1)
    lane.hold()
    lane.start_over()
    assert "the parent process does it" in str(waiting.exception(0))
    assert lane.ask("", doubled, 4).result(10) == 8
