"""What is foretold of a run with recorded edges is what comes when the flow is run again with the change."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from unittest import mock

import opentelemetry.sdk.trace as sdk
import pytest

from reev_flow.analysis.replay.what_if import what_if
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.trace.trace import Trace
from what_if import wanted_change
from what_if_flows import FlowShape, random_flow
from what_if_runs import NO_CHANGE, Recorder, VirtualTimeLoop, run_virtually, without_edges

MS = 1_000_000


@pytest.mark.parametrize("seed", range(40))
def test_a_random_flow_takes_exactly_as_long_as_foretold(seed: int):
    random = Random(seed)
    flow = random_flow(random, FlowShape())
    change = wanted_change(random, flow)
    before, after = run_virtually([(flow, NO_CHANGE, random), (flow, change, random)])
    assert what_if(before, [change.text]).duration_ns == after.duration_ns


def test_edges_that_are_taken_away_are_guessed():
    random = Random(1)
    (trace,) = run_virtually([(random_flow(random, FlowShape()), NO_CHANGE, random)])
    assert what_if(without_edges(trace), []).guessed == len(trace)


def test_a_winner_that_gets_faster_cancels_its_loser_sooner():
    assert what_if(raced(fast_ms=40), ["fast=-20ms"]).duration_ns == raced(fast_ms=20).duration_ns


def test_a_loser_that_gets_faster_is_warned_of_as_it_might_win():
    assert "it might win" in what_if(raced(fast_ms=40), ["slow=4x"]).warnings[0]


def test_a_timeout_lasts_as_long_whatever_came_before_it():
    assert what_if(timed_out(before_ms=30), ["plan=-20ms"]).duration_ns == timed_out(before_ms=10).duration_ns


def raced(fast_ms: int) -> Trace:
    async def flow(tracer: FlowTracer) -> None:
        async def work(name: str, duration_ms: int) -> None:
            with tracer.operation("tool", name):
                await asyncio.sleep(duration_ms * MS)

        with tracer.operation("flow", "race"):
            tasks = [tracer.create_task(work("fast", fast_ms)), tracer.create_task(work("slow", 100))]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.wait(pending)
            for task in done:
                task.result()
            await work("answer", 30)

    return recorded(flow)


def timed_out(before_ms: int) -> Trace:
    async def flow(tracer: FlowTracer) -> None:
        with tracer.operation("flow", "hasty"):
            with tracer.operation("step", "plan"):
                await asyncio.sleep(before_ms * MS)
            with suppress(TimeoutError), tracer.operation("step", "try"):
                async with asyncio.timeout(50 * MS):
                    with tracer.operation("tool", "slow"):
                        await asyncio.sleep(100 * MS)

    return recorded(flow)


def recorded(flow: Callable[[FlowTracer], Awaitable[None]]) -> Trace:
    loop = VirtualTimeLoop()
    recorder = Recorder(Random(1))

    async def run() -> None:
        await flow(recorder.tracer)

    with mock.patch.object(sdk, "time_ns", loop.wall_ns):
        try:
            loop.run_until_complete(run())
        finally:
            loop.close()
    return recorder.trace()
