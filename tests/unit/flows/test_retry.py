"""When a step that failed is tried again."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import InvalidStep, StepTimeout
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.retry import NS, ONCE, Retry
from reev_flow.sessions.journal import Effect, EntryKind
from reev_flow.sessions.records import Failure, read_record
from reev_flow.values.refusal import UnreadableValue, UnstorableValue
from support.crashes import World
from support.workers import journal, told, until, worker

SHORT = Retry(wait_seconds=0.001)


class Flaky:
    """Fails so many times, then works."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    async def fetch(self) -> int:
        self.calls += 1
        if self.calls <= self.failures:
            raise ConnectionError(f"call {self.calls}")
        return self.calls


def fetching(service: Flaky, retry: Retry, **options: Any):
    @flow(name="fetching")
    async def fetching(session: SessionHandle) -> Any:
        return await session.step(service.fetch, retry=retry, **options)

    return fetching


@given(st.integers(1, 10**9), st.floats(0, 1e6), st.floats(1, 100), st.floats(0, 1e6))
def test_waits_grow_up_to_the_longest(attempt, wait, factor, most):
    retry = Retry(wait_seconds=wait, factor=factor, most_seconds=most)
    waits = [retry.wait_ns(number) for number in (attempt, attempt + 1)]
    assert 0 <= waits[0] <= waits[1] <= int(most * NS)
    assert retry.wait_ns(1) == int(min(wait, most) * NS)


@pytest.mark.parametrize(
    "wrong",
    [{"attempts": 0}, {"wait_seconds": -1}, {"factor": 0.5}, {"most_seconds": -1}, {"wait_seconds": float("nan")}],
)
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidStep, match="retry"):
        Retry(**wrong)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_so_many_tries_are_made(attempt):
    assert Retry(attempts=3).follows(ValueError(), attempt) == (attempt < 3)


def test_nothing_is_tried_twice_unless_told_so():
    assert not ONCE.follows(ValueError(), 1)


@pytest.mark.parametrize(("error", "follows"), [(ConnectionError(), True), (OSError(), True), (ValueError(), False)])
def test_only_errors_of_the_classes_named_are_tried_again(error, follows):
    assert Retry(on=(OSError,)).follows(error, 1) == follows


@pytest.mark.parametrize("error", [UnstorableValue("result", "object", "no", "no"), UnreadableValue("result", "", "")])
def test_a_result_that_cannot_be_kept_would_not_be_kept_next_time_either(error):
    assert not Retry().follows(error, 1)


@pytest.mark.parametrize("effect", [Effect.ASK, Effect.FAIL, Effect.PROBE])
def test_what_may_have_happened_is_not_tried_again(effect):
    assert not Retry().follows(StepTimeout("s-1", "pay#1", 1), 1, effect)


def test_what_may_be_rerun_is_tried_again_when_it_took_too_long():
    assert Retry().follows(StepTimeout("s-1", "pay#1", 1), 1, Effect.RERUN)


@pytest.mark.parametrize("on", [(TimeoutError,), (StepTimeout,), (ValueError, TimeoutError)])
def test_whoever_names_timeouts_means_it(on):
    assert Retry(on=on).follows(StepTimeout("s-1", "pay#1", 1), 1, Effect.ASK)


async def test_a_step_is_tried_until_it_works():
    world, service = World(), Flaky(2)
    assert await world.go_on(fetching(service, SHORT)) == 3
    assert told(world.store) == [
        line
        for number in range(3)
        for line in ("started fetch#1", "finished fetch#1" if number == 2 else "failed fetch#1")
    ]


async def test_the_last_failure_is_raised():
    world, service = World(), Flaky(9)
    for _ in range(2):
        with pytest.raises(ConnectionError, match="call 3"):
            await world.go_on(fetching(service, SHORT))
    assert service.calls == 3


async def test_each_failure_says_when_the_next_attempt_is_due():
    world = World()
    await world.go_on(fetching(Flaky(2), Retry(wait_seconds=0.001, factor=2)))
    failures = [entry for entry in journal(world.store) if entry.kind is EntryKind.FAILED]
    waits = [
        record.retry_ns - entry.time_ns
        for entry in failures
        if isinstance(record := read_record(entry), Failure) and record.retry_ns
    ]
    assert waits == [1_000_000, 2_000_000]


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
async def test_attempts_are_counted_over_crashes(writes):
    """Cut off anywhere: also between a failure and the next attempt."""
    world, service = World(), Flaky(99)
    assert await world.cut_off(fetching(service, SHORT, on_interrupt="rerun"), after_writes=writes)
    with pytest.raises(ConnectionError):
        await world.go_on(fetching(service, SHORT, on_interrupt="rerun"))
    attempts = [entry.attempt for entry in journal(world.store) if entry.kind is EntryKind.STARTED]
    assert attempts == list(range(1, len(attempts) + 1))
    assert len(attempts) <= 3


async def test_a_worker_that_is_stopped_in_the_middle_of_a_wait_leaves_the_rest_of_it_to_the_next():
    world, service = World(), Flaky(1)
    long_wait = fetching(service, Retry(wait_seconds=60))
    async with worker(world.store, clock=world.clock) as manager:
        running = asyncio.create_task(manager.run(long_wait, session_id="s-1"))
        await until(lambda: service.calls == 1)
        await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])
    assert told(world.store) == ["started fetch#1", "failed fetch#1"]
    async with worker(world.store, clock=world.clock) as manager:
        running = asyncio.create_task(manager.run(long_wait, session_id="s-1"))
        await asyncio.sleep(0.02)
        assert service.calls == 1, "the wait is not over"
        running.cancel()
        await asyncio.wait([running])
    assert await world.go_on(long_wait) == 2


async def test_a_wait_is_not_longer_because_somebody_set_the_clock_back():
    world, service = World(), Flaky(1)
    patient = fetching(service, Retry(wait_seconds=0.01))
    async with worker(world.store, clock=world.clock) as manager:
        running = asyncio.create_task(manager.run(patient, session_id="s-1"))
        await until(lambda: service.calls == 1)
        running.cancel()
        await asyncio.wait([running])
    world.clock.seconds -= 10_000
    async with worker(world.store, clock=world.clock) as manager:
        assert await manager.run(patient, session_id="s-1") == 2
