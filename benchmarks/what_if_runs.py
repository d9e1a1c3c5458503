"""Random flows run for real: with a real tracer, on an event loop whose time is virtual, or on one whose time is not."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from random import Random
from typing import Any
from unittest import mock

import msgspec
import opentelemetry.sdk.trace as sdk
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator

from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.normalize import normalize
from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.trace import semantics
from reev_flow.trace.trace import Trace
from what_if_flows import Await, Later, OwnWork, Part, Step, Together, Work

SLOWNESS = 3  # of what really runs, so that a millisecond of lateness counts for less
EPOCH_NS = 1_790_000_000_000_000_000
EDGES = {semantics.REEV_AFTER, semantics.REEV_JOINED}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it is made to the flow itself: durations times `times`, divided by `by`, and more by `added_ns`."""

    name: str
    text: str
    times: int = 1
    by: int = 1
    added_ns: int = 0

    def changed(self, duration_ns: int) -> int:
        whole, rest = divmod(duration_ns * self.times, self.by)
        if rest:
            raise ValueError(f"{duration_ns} ns cannot be divided by {self.by}")
        return max(whole + self.added_ns, 0)


NO_CHANGE = Wanted(name="", text="")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Waiting takes no time: when nothing else is to be done, the clock jumps to whatever is next. Its unit is the nanosecond, whole."""

    def __init__(self) -> None:
        self.now_ns = 0
        super().__init__(_JumpingSelector(self))
        self._clock_resolution = 1  # whatever is due by now is due, and nothing later

    def time(self) -> float:
        return self.now_ns

    def wall_ns(self) -> int:
        return EPOCH_NS + self.now_ns

    def jump(self) -> None:
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        if not scheduled:
            raise RuntimeError("everything waits for something that will never happen")
        self.now_ns = max(self.now_ns, scheduled[0].when())  # type: ignore[assignment]


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._loop.jump()
        return []


class Ids(IdGenerator):
    """The same for the same seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def generate_span_id(self) -> int:
        return self._random.getrandbits(63) + 1

    def generate_trace_id(self) -> int:
        return self._random.getrandbits(127) + 1


class Recorder:
    """A tracer of ours, and the spans it made."""

    def __init__(self, random: Random) -> None:
        self._exporter = InMemorySpanExporter()
        self._provider = sdk.TracerProvider(shutdown_on_exit=False, id_generator=Ids(random))
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = FlowTracer(provider=self._provider, content=False)

    def trace(self) -> Trace:
        chunks, _ = chunks_of(tuple(self._exporter.get_finished_spans()))
        return assemble_one([normalize(span) for chunk in chunks for span in spans_of_message(chunk.data, Losses())])


class Run:
    """Carries out a flow. `sleep` waits so many nanoseconds."""

    def __init__(self, tracer: FlowTracer, wanted: Wanted, sleep: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        self._tracer = tracer
        self._wanted = wanted
        self._sleep = sleep
        self._tasks: dict[int, Any] = {}

    async def flow(self, flow: Step) -> None:
        with self._tracer.operation("flow", flow.name):
            await self._line(flow.parts, is_changed=False)

    async def _line(self, parts: Iterable[Part], *, is_changed: bool) -> None:
        for part in parts:
            await self._part(part, is_changed=is_changed)

    async def _part(self, part: Part, *, is_changed: bool) -> None:
        if isinstance(part, OwnWork):
            await self._sleep(self._wanted.changed(part.duration_ns) if is_changed else part.duration_ns)
        elif isinstance(part, Work):
            with suppress(ConnectionError):
                await self._work(part, is_changed=is_changed)
        elif isinstance(part, Step):
            with self._tracer.operation("step", part.name):
                await self._line(part.parts, is_changed=is_changed or part.name == self._wanted.name)
        elif isinstance(part, Together):
            await self._together(part, is_changed=is_changed)
        elif isinstance(part, Later):
            self._tasks[part.number] = self._tracer.create_task(self._line(part.line, is_changed=is_changed))
        elif isinstance(part, Await):
            await self._tasks.pop(part.number)

    async def _work(self, part: Work, *, is_changed: bool) -> None:
        with self._tracer.operation("tool", part.name):
            is_meant = is_changed or part.name == self._wanted.name
            await self._sleep(self._wanted.changed(part.duration_ns) if is_meant else part.duration_ns)
            if part.fails:
                raise ConnectionError("connection refused")

    async def _together(self, part: Together, *, is_changed: bool) -> None:
        lines = [self._line(line, is_changed=is_changed) for line in part.lines]
        if not part.as_group:
            await self._tracer.gather(*lines)
            return
        async with self._tracer.task_group() as group:
            for line in lines:
                group.create_task(line)


def run_virtually(flows: Sequence[tuple[Step, Wanted, Random]]) -> list[Trace]:
    """Each on a loop of its own."""
    return [_run_virtually(*flow) for flow in flows]


def _run_virtually(flow: Step, wanted: Wanted, random: Random) -> Trace:
    loop = VirtualTimeLoop()
    recorder = Recorder(random)
    run = Run(recorder.tracer, wanted, asyncio.sleep)
    with mock.patch.object(sdk, "time_ns", loop.wall_ns):
        try:
            loop.run_until_complete(run.flow(flow))
        finally:
            loop.close()
    return recorder.trace()


def run_really(flows: Sequence[tuple[Step, Wanted, Random]]) -> list[Trace]:
    """Beside each other, and each wait lasts a little longer than it should, as waits do."""
    recorders = [Recorder(random) for _, _, random in flows]

    async def run_all() -> None:
        await asyncio.gather(
            *(
                Run(recorder.tracer, wanted, _sleep_really).flow(flow)
                for recorder, (flow, wanted, _) in zip(recorders, flows, strict=True)
            )
        )

    asyncio.run(run_all())
    return [recorder.trace() for recorder in recorders]


async def _sleep_really(duration_ns: int) -> None:
    await asyncio.sleep(duration_ns * SLOWNESS / 1_000_000_000)


def without_edges(trace: Trace) -> Trace:
    """As if others had made the spans."""
    return assemble_one(
        [
            msgspec.structs.replace(
                span, attributes={name: value for name, value in span.attributes.items() if name not in EDGES}
            )
            for span in trace.spans
        ]
    )
