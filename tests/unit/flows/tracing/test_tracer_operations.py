"""What a program tells of its work, and what is understood of it."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable

import pytest
from opentelemetry import context as context_api
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import INVALID_SPAN, NoOpTracerProvider, get_current_span

from reev_flow.flows.tracing.tracer import FlowTracer, Kind
from reev_flow.trace.span import Operation, Status, TokenUsage
from support.otel import Exploding, Recorded, global_provider
from support.spans import model_of, tool_of


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
def tracer(recorded: Recorded) -> FlowTracer:
    return FlowTracer(provider=recorded.provider)


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_read_back(operation: Operation, tracer: FlowTracer, recorded: Recorded):
    with tracer.operation(operation.value, "thing"):
        pass
    assert [span.operation for span in recorded.spans] == [operation]


def test_an_operation_that_does_not_exist_is_refused(tracer: FlowTracer):
    with pytest.raises(ValueError, match="no operation 'dance'; there are flow, step, agent"):
        tracer.operation("dance", "tango")  # type: ignore[arg-type] # that is the point


def test_a_tool_call_is_read_back_as_one(tracer: FlowTracer, recorded: Recorded):
    with tracer.operation("tool", "search", arguments={"q": "oslo"}, call_id="call-1") as span:
        span.result([{"title": "Oslo"}])
    read = recorded.span("search")
    assert (tool_of(read).name, tool_of(read).call_id) == ("search", "call-1")
    assert (read.input, read.output) == ({"q": "oslo"}, [{"title": "Oslo"}])


def test_a_tool_call_is_written_in_the_words_of_the_conventions(tracer: FlowTracer, recorded: Recorded):
    with tracer.operation("tool", "search", arguments={"q": "oslo"}) as span:
        span.result("found")
    (readable,) = recorded.readable
    assert readable.name == "execute_tool search"
    assert dict(readable.attributes or {}) == {
        "reev.operation": "tool",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": '{"q":"oslo"}',
        "gen_ai.tool.call.result": "found",
    }


def test_a_model_call_is_read_back_with_its_answer_and_its_tokens(tracer: FlowTracer, recorded: Recorded):
    with tracer.operation("llm", "gpt", arguments="how cold is it?") as span:
        span.usage(input_tokens=12, output_tokens=3)
        span.result("very")
    read = recorded.span("gpt")
    assert (model_of(read).name, model_of(read).answer) == ("gpt", "very")
    assert read.usage == TokenUsage(input=12, output=3)


def test_what_is_inside_is_below(tracer: FlowTracer, recorded: Recorded):
    with (
        tracer.operation("agent", "planner"),
        recorded.tracer.start_as_current_span("GET"),
        tracer.operation("tool", "a"),
    ):
        pass
    trace = recorded.trace
    assert [(span.name, parent) for span, parent in zip(trace.spans, trace.parents, strict=True)] == [
        ("invoke_agent planner", -1),
        ("GET", 0),
        ("execute_tool a", 1),
    ]


def test_an_operation_knows_its_ids(tracer: FlowTracer, recorded: Recorded):
    with tracer.operation("step", "a") as span:
        pass
    assert (recorded.span("a").trace_id, recorded.span("a").span_id) == (span.trace_id, span.span_id)


def test_an_error_is_recorded_and_raised_on(tracer: FlowTracer, recorded: Recorded):
    with pytest.raises(FileNotFoundError), tracer.operation("tool", "read"):
        raise FileNotFoundError("no such file")
    read = recorded.span("read")
    assert (read.status, read.status_message) == (Status.ERROR, "FileNotFoundError: no such file")
    assert read.attributes["error.type"] == "FileNotFoundError"
    assert [event.name for event in read.events] == ["exception"]


def test_an_error_of_a_module_is_told_with_it(tracer: FlowTracer, recorded: Recorded):
    with pytest.raises(asyncio.QueueFull), tracer.operation("tool", "put"):
        raise asyncio.QueueFull
    assert recorded.span("put").attributes["error.type"] == "asyncio.queues.QueueFull"


def test_an_interrupted_program_leaves_its_spans_ended(tracer: FlowTracer, recorded: Recorded):
    with pytest.raises(KeyboardInterrupt), tracer.operation("step", "a"):
        raise KeyboardInterrupt
    assert recorded.span("a").status is Status.ERROR


async def test_a_flow_is_run_below_its_span(tracer: FlowTracer, recorded: Recorded):
    async def flow() -> dict[str, int]:
        with tracer.operation("step", "count"):
            return {"files": 3}

    assert await tracer.instrument_async(flow) == {"files": 3}
    trace = recorded.trace
    assert [span.label for span in trace.spans] == ["flow_execution", "count"]
    assert (trace.spans[0].operation, trace.spans[0].output) == (Operation.FLOW, '{"files":3}')


async def test_a_flow_that_fails_is_told_and_raised(tracer: FlowTracer, recorded: Recorded):
    async def flow() -> None:
        raise ValueError("no plan")

    with pytest.raises(ValueError, match="no plan"):
        await tracer.instrument_async(flow)
    assert recorded.span("flow_execution").status_message == "ValueError: no plan"


async def test_a_cancelled_flow_is_told_without_an_exception(tracer: FlowTracer, recorded: Recorded):
    task = asyncio.create_task(tracer.instrument_async(lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    read = recorded.span("flow_execution")
    assert (read.status, read.status_message, read.events) == (Status.ERROR, "CancelledError", ())


async def test_flows_beside_each_other_stay_apart(tracer: FlowTracer, recorded: Recorded):
    async def flow(name: str) -> None:
        with tracer.operation("agent", name):
            await asyncio.sleep(0)
            with tracer.operation("tool", f"{name}'s"):
                await asyncio.sleep(0)

    await asyncio.gather(flow("one"), flow("two"))
    parents = {span.label: span.parent_id for span in recorded.spans}
    ids = {span.label: span.span_id for span in recorded.spans}
    assert (parents["one's"], parents["two's"]) == (ids["one"], ids["two"])


@pytest.mark.parametrize("provider", [None, NoOpTracerProvider()], ids=["none", "no-op"])
async def test_without_a_provider_the_work_is_done_all_the_same(provider: NoOpTracerProvider | None):
    with global_provider(None):
        tracer = FlowTracer(provider=provider)

        async def flow() -> int:
            with tracer.operation("tool", "a", arguments=object()) as span:
                span.result(object())
                span.usage(input_tokens=1)
                return 3

        assert await tracer.instrument_async(flow) == 3


def test_the_global_provider_is_found_whenever_it_is_set(recorded: Recorded):
    tracer = FlowTracer()
    with global_provider(None):
        with tracer.operation("tool", "too early"):
            pass
        with global_provider(recorded.provider), tracer.operation("tool", "in time"):
            pass
    assert [span.label for span in recorded.spans] == ["in time"]


def test_a_span_processor_that_raises_does_not_reach_the_program(recorded: Recorded):
    recorded.provider.add_span_processor(Exploding())
    tracer = FlowTracer(provider=recorded.provider)
    with tracer.operation("tool", "a"):
        pass
    assert get_current_span() is INVALID_SPAN


def test_a_provider_that_raises_does_not_reach_the_program():
    class Broken(TracerProvider):
        def get_tracer(self, *_: object, **__: object) -> object:  # type: ignore[override] # broken
            raise RuntimeError("no tracer")

    with FlowTracer(provider=Broken(shutdown_on_exit=False)).operation("tool", "a") as span:
        span.result(3)
    assert get_current_span() is INVALID_SPAN


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_error_without_words_is_raised_on(tracer: FlowTracer, recorded: Recorded):
    with pytest.raises(Unprintable), tracer.operation("tool", "a"):
        raise Unprintable
    assert str(recorded.span("a").attributes["error.type"]).endswith("Unprintable")


CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
SWITCHES: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({}, ("in", "out")),
    ({CAPTURE: "false"}, ()),
    ({CAPTURE: "EVENT_ONLY"}, ()),
    ({CAPTURE: "SPAN_ONLY"}, ("in", "out")),
    ({"TRACELOOP_TRACE_CONTENT": "false"}, ()),
    ({"OPENINFERENCE_HIDE_INPUTS": "true"}, ("out",)),
    ({"OPENINFERENCE_HIDE_OUTPUTS": "1"}, ("in",)),
]


@pytest.mark.parametrize(("variables", "told"), SWITCHES, ids=str)
def test_the_environment_may_hide_content(
    variables: dict[str, str], told: tuple[str, ...], recorded: Recorded, monkeypatch: pytest.MonkeyPatch
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with FlowTracer(provider=recorded.provider).operation("tool", "a", arguments="in") as span:
        span.result("out")
    assert tuple(filter(None, (recorded.span("a").input, recorded.span("a").output))) == told


def test_a_tracer_may_hide_content_itself(recorded: Recorded):
    with FlowTracer(provider=recorded.provider, content=False).operation("tool", "a", arguments={"x": 1}) as span:
        span.result("y")
    assert (recorded.span("a").input, recorded.span("a").output) == (None, None)


async def numbers(tracer: FlowTracer, kind: Kind = "step") -> AsyncIterator[int]:
    with tracer.operation(kind, "numbers"):
        for number in range(3):
            yield number


async def read_one(tracer: FlowTracer) -> None:
    async for _ in numbers(tracer):
        break
    gc.collect()


async def close_at_once(tracer: FlowTracer) -> None:
    generator = numbers(tracer)
    await anext(generator)
    await generator.aclose()  # type: ignore[attr-defined] # generators have it


async def close_elsewhere(tracer: FlowTracer) -> None:
    generator = numbers(tracer)
    await anext(generator)
    await asyncio.create_task(generator.aclose())  # type: ignore[attr-defined] # generators have it


async def be_cancelled(tracer: FlowTracer) -> None:
    async def read() -> None:
        async for _ in numbers(tracer):
            await asyncio.sleep(60)

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


EARLY_EXITS: list[Callable[[FlowTracer], object]] = [read_one, close_at_once, close_elsewhere, be_cancelled]


@pytest.mark.parametrize("leave", EARLY_EXITS, ids=lambda leave: leave.__name__)
def test_a_generator_may_be_left_early(
    leave: Callable[[FlowTracer], object], tracer: FlowTracer, recorded: Recorded, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.DEBUG):
        asyncio.run(leave(tracer))  # type: ignore[arg-type] # a coroutine
        gc.collect()
    assert [span.label for span in recorded.spans] == ["numbers"]
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("leave", [close_at_once, close_elsewhere], ids=lambda leave: leave.__name__)
def test_leaving_a_generator_early_is_no_error(
    leave: Callable[[FlowTracer], object], tracer: FlowTracer, recorded: Recorded
):
    asyncio.run(leave(tracer))  # type: ignore[arg-type] # a coroutine
    assert recorded.span("numbers").status is Status.UNSET


async def test_a_generator_that_was_left_early_is_not_the_parent_of_what_follows(
    tracer: FlowTracer, recorded: Recorded
):
    with tracer.operation("flow", "whole"):
        await close_at_once(tracer)
        with tracer.operation("step", "after"):
            pass
    assert recorded.span("after").parent_id == recorded.span("whole").span_id


async def test_a_generator_may_end_inside_what_its_reader_began(tracer: FlowTracer, recorded: Recorded):
    with tracer.operation("flow", "whole"):
        generator = numbers(tracer)
        await anext(generator)
        with tracer.operation("step", "reading"):
            await generator.aclose()  # type: ignore[attr-defined] # generators have it
            with tracer.operation("step", "within"):
                pass
        with tracer.operation("step", "after"):
            pass
    assert recorded.span("within").parent_id == recorded.span("reading").span_id
    assert recorded.span("after").parent_id == recorded.span("whole").span_id


def test_nothing_stays_behind(tracer: FlowTracer):
    before = context_api.get_current()
    with tracer.operation("flow", "whole"), tracer.operation("step", "a"):
        pass
    assert get_current_span() is INVALID_SPAN
    assert context_api.get_current() == before


def test_what_was_attached_inside_and_forgotten_does_not_stay(tracer: FlowTracer):
    with tracer.operation("flow", "whole"):
        context_api.attach(context_api.set_value("baggage", "heavy"))
    assert context_api.get_value("baggage") is None
