"""What asyncio does not show is not known, and then nothing is told of it."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any

import pytest
import uvloop

from reev_flow.flows.tracing import places
from reev_flow.flows.tracing.lines import MOST_IDS, Line
from reev_flow.flows.tracing.tracer import FlowTracer
from support.otel import Recorded
from support.virtual_time import run_in_virtual_time

Known = dict[str, set[str] | None]
Run = Callable[[Coroutine[Any, Any, None]], Any]
Factory = Callable[..., "asyncio.Task[Any]"]


class Program:
    """Makes spans within a flow, and tells what each is known to have waited for."""

    def __init__(self) -> None:
        self.recorded = Recorded()
        self.tracer = FlowTracer(provider=self.recorded.provider)

    async def work(self, name: str, seconds: float = 1) -> None:
        with self.tracer.operation("step", name):
            await asyncio.sleep(seconds)

    def known(
        self, main: Coroutine[Any, Any, None], *, factory: Factory | None = None, run: Run | None = None
    ) -> Known:
        async def flow() -> None:
            asyncio.get_running_loop().set_task_factory(factory)
            await flow_around(self, main)

        (run or run_in_virtual_time)(flow())
        names = {span.span_id: span.label for span in self.recorded.spans}
        told: dict[str, Any] = {span.label: span.attributes.get("reev.after") for span in self.recorded.spans}
        return {name: None if ids is None else {names[one] for one in ids} for name, ids in told.items()}


@pytest.fixture
def program() -> Program:
    return Program()


class Secretive(asyncio.Task[Any]):
    """A task of a library that keeps for itself what asyncio's own tasks show."""

    def __getattribute__(self, name: str) -> Any:
        if name in {"_fut_waiter", "_callbacks"}:
            raise AttributeError(name)
        return super().__getattribute__(name)


def secretive(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> Secretive:
    return Secretive(work, loop=loop, **options)


def eager(loop: Any, work: Coroutine[Any, Any, Any], **options: Any) -> "asyncio.Task[Any]":
    """As `asyncio.eager_task_factory` of later Pythons: the first part of a task runs within the call that makes it."""
    steps: list[Callable[[], object]] = []
    tasks: Any = asyncio.tasks
    maker = asyncio.current_task()
    context = options.pop("context", None) or copy_context()
    loop.call_soon = lambda step, **_: steps.append(step)
    try:
        task: asyncio.Task[Any] = tasks._PyTask(work, loop=loop, context=context, **options)
    finally:
        del loop.call_soon
    tasks._leave_task(loop, maker)
    try:
        context.run(steps[0])
    finally:
        tasks._enter_task(loop, maker)
    return task


async def flow_around(program: Program, work: Coroutine[Any, Any, None]) -> None:
    with program.tracer.operation("flow", "flow"):
        await work


def test_a_task_that_another_than_its_maker_awaits(program: Program):
    async def main() -> None:
        task = asyncio.create_task(program.work("handed over", 2))

        async def other() -> None:
            await program.work("other")
            await task
            await program.work("after both")

        await asyncio.gather(other(), program.work("long", 9))

    assert program.known(main())["after both"] is None


def test_a_task_that_another_awaits_once_it_is_over(program: Program):
    async def main() -> None:
        tasks = [asyncio.create_task(program.work("handed over", 1))]

        async def other() -> None:
            await program.work("other", 2)
            await tasks.pop()
            await program.work("after both")

        await asyncio.gather(other(), program.work("long", 9))

    assert program.known(main())["after both"] is None


def test_tasks_made_by_one_that_began_no_span(program: Program):
    async def silent() -> None:
        await asyncio.create_task(program.work("first"))
        await asyncio.create_task(program.work("second"))

    async def main() -> None:
        await asyncio.create_task(silent())
        await program.work("last")

    known = program.known(main())
    assert (known["second"], known["last"]) == (None, None)


def test_tasks_that_keep_to_themselves_what_they_wait_for(program: Program):
    async def main() -> None:
        await program.work("first")
        await asyncio.create_task(program.work("second"))
        await program.work("third")

    assert program.known(main(), factory=secretive) == {"flow": None, "first": set(), "second": None, "third": None}


def test_tasks_of_ours_are_known_whoever_makes_the_others(program: Program):
    async def main() -> None:
        await program.work("first")
        await program.tracer.create_task(program.work("second"))
        await program.work("third")

    assert program.known(main(), factory=secretive)["third"] == {"second"}


@pytest.mark.parametrize("seconds", [0, 1])
def test_an_eager_task_is_waited_for_or_nothing_is_told(program: Program, seconds: int):
    async def main() -> None:
        await asyncio.gather(program.work("first", seconds), program.work("second", seconds))
        await program.work("third")

    assert program.known(main(), factory=eager)["third"] in (None, {"first", "second"})


def test_an_eager_task_that_never_had_to_wait(program: Program):
    async def at_once(name: str) -> None:
        with program.tracer.operation("step", name):
            pass

    async def main() -> None:
        task = asyncio.create_task(at_once("first"))
        await task
        await at_once("second")

    assert program.known(main(), factory=eager) == {"flow": None, "first": set(), "second": None}


def test_tasks_that_make_the_next_one_without_end_are_not_all_kept(program: Program):
    lines = weakref.WeakSet[Line]()

    async def next_one(left: int) -> None:
        await program.work("step")
        place: Any = places._PLACE.get()
        lines.add(place[2])
        if left:
            asyncio.create_task(next_one(left - 1))  # noqa: RUF006 - the loop holds it while it sleeps
        else:
            gc.collect()
            counts.append(len(lines))

    async def main() -> None:
        await next_one(500)
        await asyncio.sleep(1_000)

    counts: list[int] = []
    run_in_virtual_time(flow_around(program, main()))
    assert counts[0] <= places.DEEPEST * 2 + 1


@pytest.mark.parametrize("is_told", [False, True])
def test_of_tasks_that_nobody_waits_for_only_so_many_are_kept(program: Program, *, is_told: bool):
    lines = weakref.WeakSet[Line]()

    async def one() -> None:
        await program.work("step")
        place: Any = places._PLACE.get()
        lines.add(place[2])

    async def main() -> None:
        for _ in range(1_000):
            task = program.tracer.create_task(one()) if is_told else asyncio.create_task(one())
            await asyncio.sleep(2)
            del task
        gc.collect()
        counts.append(len(lines))

    counts: list[int] = []
    run_in_virtual_time(flow_around(program, main()))
    assert counts[0] <= MOST_IDS + 2


def test_one_of_so_many_tasks_that_it_was_forgotten_may_still_be_waited_for(program: Program):
    async def main() -> None:
        held = [asyncio.create_task(program.work("held")) for _ in range(MOST_IDS + 1)]
        await asyncio.sleep(2)
        for _ in range(MOST_IDS):  # so that no held one is remembered
            program.tracer.create_task(program.work("other"))
            await asyncio.sleep(2)
        await program.work("between")
        await held[0]
        await program.work("last")

    known = program.known(main())
    assert (known["between"], known["last"]) == (None, None)


def test_so_many_gathered_tasks_leave_what_is_known_around_them(program: Program):
    async def main() -> None:
        with program.tracer.operation("step", "many"):
            await asyncio.gather(*[program.work("one", second % 7) for second in range(MOST_IDS * 2)])
        await program.work("last")

    assert program.known(main())["last"] == {"many"}


def test_the_loop_of_uvloop_shows_as_much():
    def known_with(run: Run) -> Known:
        program = Program()

        async def main() -> None:
            await asyncio.gather(program.work("first", 0.001), program.work("second", 0))
            await program.work("third", 0)
            async with asyncio.TaskGroup() as group:
                group.create_task(program.work("fourth", 0.001))
                group.create_task(program.work("fifth", 0))
            await program.work("sixth", 0)
            await asyncio.create_task(program.work("seventh", 0))
            await program.work("last", 0)

        return program.known(main(), run=run)

    known = known_with(uvloop.run)
    assert None not in [ids for name, ids in known.items() if name != "flow"]
    assert known == known_with(asyncio.run)
