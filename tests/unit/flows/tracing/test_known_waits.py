"""What the spans of a program are known to have waited for."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from reev_flow.flows.tracing.tracer import FlowTracer
from support.otel import Recorded
from support.virtual_time import run_in_virtual_time

Known = dict[str, set[str] | None]
Work = Callable[..., Coroutine[Any, Any, None]]
Program = Callable[[FlowTracer, Work], Awaitable[None]]


def known(program: Program) -> Known:
    """By the names of the spans, what each of them waited for; what the end of the flow waited for is under `end`."""
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)

    async def work(name: str, seconds: float = 1) -> None:
        with tracer.operation("step", name):
            await asyncio.sleep(seconds)

    async def main() -> None:
        with tracer.operation("flow", "end"):
            await program(tracer, work)

    run_in_virtual_time(main())
    return told(recorded)


def told(recorded: Recorded) -> Known:
    names = {span.span_id: span.label for span in recorded.spans}

    def named(ids: Any) -> set[str] | None:
        return None if ids is None else {names[span_id] for span_id in ids}

    found = {span.label: named(span.attributes.get("reev.after")) for span in recorded.spans}
    (end,) = [span for span in recorded.spans if span.label == "end"]
    return found | {"end": named(end.attributes.get("reev.joined"))}


def test_work_one_after_the_other():
    async def program(_: FlowTracer, work: Work) -> None:
        await work("a")
        await work("b")

    assert known(program) == {"a": set(), "b": {"a"}, "end": {"b"}}


def test_a_gather():
    async def program(_: FlowTracer, work: Work) -> None:
        await work("a")
        await asyncio.gather(work("b", 1), work("c", 3), work("d", 2))
        await work("e")

    assert known(program) == {
        "a": set(),
        "b": {"a"},
        "c": {"a"},
        "d": {"a"},
        "e": {"b", "c", "d"},
        "end": {"e"},
    }


def test_what_merely_outlived_its_neighbour_is_no_cause():
    async def program(tracer: FlowTracer, work: Work) -> None:
        async def chain() -> None:
            await work("a", 1)
            await work("b", 3)

        await tracer.gather(chain(), work("c", 1.5))

    assert known(program) == {"a": set(), "b": {"a"}, "c": set(), "end": {"b", "c"}}


def test_a_gather_that_fails_waited_for_what_failed():
    async def program(tracer: FlowTracer, work: Work) -> None:
        async def fail() -> None:
            with tracer.operation("step", "bad"):
                await asyncio.sleep(2)
                raise ValueError

        late = asyncio.ensure_future(work("late", 5))
        with suppress(ValueError):
            await tracer.gather(work("a", 1), fail(), late)
        await work("b")
        await late

    assert known(program)["b"] == {"bad"}


def test_a_gather_that_keeps_errors_waits_for_all():
    async def program(tracer: FlowTracer, work: Work) -> None:
        async def fail() -> None:
            with tracer.operation("step", "bad"):
                raise ValueError

        await tracer.gather(work("a", 1), fail(), return_exceptions=True)
        await work("b")

    assert known(program)["b"] == {"a", "bad"}


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_task_group_beside_the_work_of_its_body(*, is_ours: bool):
    async def program(tracer: FlowTracer, work: Work) -> None:
        async with tracer.task_group() if is_ours else asyncio.TaskGroup() as group:
            group.create_task(work("a", 3))
            group.create_task(work("b", 1))
            await work("x", 2)
        await work("c")

    assert known(program) == {"a": set(), "b": set(), "x": set(), "c": {"a", "b", "x"}, "end": {"c"}}


def test_a_task_that_is_awaited():
    async def program(_: FlowTracer, work: Work) -> None:
        task = asyncio.create_task(work("a", 3))
        await work("b")
        await task
        await work("c")

    assert known(program)["c"] == {"a", "b"}


def test_a_task_of_ours_that_was_over_when_it_was_awaited():
    async def program(tracer: FlowTracer, work: Work) -> None:
        task = tracer.create_task(work("a", 1))
        await work("b", 3)
        await task
        await work("c")

    assert known(program) == {"a": set(), "b": set(), "c": {"a", "b"}, "end": {"c"}}


def test_a_task_that_may_have_been_awaited_when_it_was_over_leaves_what_follows_unknown():
    async def program(_: FlowTracer, work: Work) -> None:
        task = asyncio.create_task(work("a", 1))
        await work("b", 3)
        await task
        await work("c")

    assert known(program)["c"] is None


def test_work_in_the_background_counts_for_nobody():
    async def program(tracer: FlowTracer, work: Work) -> None:
        task = tracer.create_task(work("a", 1))
        await work("b", 3)
        await work("c")
        assert task.done()

    assert known(program) == {"a": set(), "b": set(), "c": {"b"}, "end": {"c"}}


@pytest.mark.parametrize("is_told", [True, False])
def test_only_the_first_of_a_race_is_waited_for_though_nobody_asks_for_its_result(*, is_told: bool):
    async def program(tracer: FlowTracer, work: Work) -> None:
        begin = tracer.create_task if is_told else asyncio.create_task
        _done, losers = await asyncio.wait(
            {begin(work("a", 1)), begin(work("b", 5))}, return_when=asyncio.FIRST_COMPLETED
        )
        for loser in losers:
            loser.cancel()
        await asyncio.wait(losers)
        await work("c")

    assert known(program)["c"] == {"a"}


def test_told_tasks_are_waited_for_together():
    async def program(tracer: FlowTracer, work: Work) -> None:
        await asyncio.wait({tracer.create_task(work("a", 1)), tracer.create_task(work("b", 5))})
        await work("c")

    assert known(program)["c"] == {"a", "b"}


def test_a_told_task_that_was_over_before_it_was_waited_for_counts():
    async def program(tracer: FlowTracer, work: Work) -> None:
        early = tracer.create_task(work("a", 1))
        await work("b", 3)
        await asyncio.wait({early, tracer.create_task(work("c", 1))})
        await work("d")

    assert known(program)["d"] == {"a", "c"}


def test_work_that_is_taken_as_it_completes():
    async def program(_: FlowTracer, work: Work) -> None:
        for number, done in enumerate(asyncio.as_completed([work("a", 1), work("b", 5)])):
            await done
            await work(f"after {number}")

    found = known(program)
    assert (found["after 0"], found["after 1"]) == ({"a"}, {"b", "after 0"})


def test_work_within_a_time():
    async def program(_: FlowTracer, work: Work) -> None:
        await asyncio.wait_for(work("a"), 5)
        await work("b")

    assert known(program)["b"] == {"a"}


def test_a_time_that_passes_at_the_same_moment_is_no_wait():
    async def program(_: FlowTracer, work: Work) -> None:
        task = asyncio.create_task(work("a", 2))
        await asyncio.sleep(2)
        await work("b")
        await task

    assert known(program)["b"] in (None, set())


def test_a_thread_leaves_what_follows_unknown():
    async def program(tracer: FlowTracer, work: Work) -> None:
        def thread() -> None:
            for name in ("t", "u"):
                with tracer.operation("tool", name):
                    pass

        await work("a")
        await asyncio.to_thread(thread)
        await work("b")
        await work("c")

    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)

    async def work(name: str) -> None:
        with tracer.operation("step", name):
            await asyncio.sleep(0)

    async def main() -> None:
        with tracer.operation("flow", "end"):
            await program(tracer, work)

    asyncio.run(main())
    assert told(recorded) == {"a": set(), "t": {"a"}, "u": {"t"}, "b": None, "c": {"b"}, "end": {"c"}}


def test_an_event_loop_that_ran_to_its_end_was_waited_for():
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)

    async def main() -> None:
        with tracer.operation("step", "a"):
            pass

    with tracer.operation("flow", "end"):
        asyncio.run(main())
        with tracer.operation("step", "b"):
            pass
    assert told(recorded) == {"a": set(), "b": {"a"}, "end": {"b"}}


def test_a_span_of_somebody_else_in_between_is_seen_by_time_only():
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)
    with tracer.operation("flow", "end"):
        with recorded.tracer.start_as_current_span("theirs"), tracer.operation("tool", "inner"):
            pass
        with tracer.operation("tool", "next"):
            pass
    assert told(recorded) == {"theirs": None, "inner": None, "next": None, "end": {"next"}}


def test_runs_one_after_the_other_know_nothing_of_each_other():
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)
    for _ in range(2):
        with tracer.operation("flow", "end"):
            pass
    assert all("reev.after" not in span.attributes for span in recorded.spans)


def test_a_generator_that_is_left_early_leaves_the_order_intact():
    async def program(tracer: FlowTracer, work: Work) -> None:
        async def pieces() -> AsyncIterator[int]:
            with tracer.operation("tool", "stream"):
                yield 1
                yield 2

        stream = pieces()
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
        await work("a")

    assert known(program)["a"] == {"stream"}


def test_tasks_die_when_nobody_holds_them():
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)
    seen: list[weakref.ref[asyncio.Task[None]]] = []

    async def work() -> None:
        with tracer.operation("step", "a"):
            await asyncio.sleep(0)

    async def main() -> None:
        with tracer.operation("flow", "end"):
            async with tracer.task_group() as group:
                seen.append(weakref.ref(group.create_task(work())))
            seen.extend([weakref.ref(tracer.create_task(work())), weakref.ref(asyncio.create_task(work()))])
            await asyncio.sleep(0.01)
            await asyncio.gather(work(), work())
            gc.disable()
        assert [task() for task in seen] == [None, None, None]

    try:
        asyncio.run(main())
    finally:
        gc.enable()


def test_without_a_provider_the_helpers_are_those_of_asyncio():
    tracer = FlowTracer()

    async def give(value: int) -> int:
        with tracer.operation("step", "give"):
            return value

    async def main() -> list[int]:
        async with tracer.task_group() as group:
            third = group.create_task(give(3))
        return [*(await tracer.gather(give(1), give(2))), await third, await tracer.create_task(give(4))]

    assert run_in_virtual_time(main()) == [1, 2, 3, 4]
