"""Sessions in the spans of the program: as part of the trace that they begin in, and heard by a provider however late it is set."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace as api

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.processor import OtelProcessor
from reev_flow.trace.store import TraceQuery
from support.otel import Recorded, global_provider


def get_quote() -> int:
    return 400


@flow(on_interrupt="rerun")
async def order(session: SessionHandle) -> int:
    result: int = await session.step(get_quote)
    return result


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    made = Recorded()
    with global_provider(made.provider):
        yield made


async def test_a_session_inside_of_a_span_is_one_trace_with_it(recorded: Recorded, tmp_path):
    async with SessionManager(tmp_path) as manager:
        await FlowTracer("whole").instrument_async(lambda: manager.run(order, session_id="s-1"))
    assert recorded.span("invoke_workflow order").parent_id == recorded.span("invoke_workflow whole").span_id
    assert len({span.trace_id for span in recorded.spans}) == 1


async def test_it_is_read_back_as_one(recorded: Recorded, tmp_path):
    async with SessionManager(tmp_path) as manager:
        await FlowTracer("whole").instrument_async(lambda: manager.run(order, session_id="s-1"))
        assert manager._tracing.collector is not None
        manager._tracing.collector.flush()
        traces = manager._tracing.collector.store.find(TraceQuery()).result()
        trace = (
            await OtelProcessor(manager.store, manager._tracing.collector.store).process_execution_trace("s-1")
        ).trace
    assert len(traces) == 1
    assert [(span.name, trace.parents[at]) for at, span in enumerate(trace.spans)] == [
        ("invoke_workflow whole", -1),
        ("invoke_workflow order", 0),
        ("get_quote", 1),
    ]


async def test_a_session_inside_of_a_step_keeps_a_trace_of_its_own(recorded: Recorded, tmp_path):
    async with SessionManager(tmp_path) as manager:

        @flow(on_interrupt="rerun")
        async def outer(session: SessionHandle) -> int:
            async def inner() -> int:
                result: int = await manager.run(order, session_id="s-2")
                return result

            result: int = await session.step(inner)
            return result

        await manager.run(outer, session_id="s-1")
        first, second = (manager.store.load(name).result() for name in ("s-1", "s-2"))
    assert first.trace_id != second.trace_id


async def test_a_provider_that_is_set_in_mid_session_hears_of_it_from_then_on(tmp_path):
    later = Recorded()

    @flow(on_interrupt="rerun")
    async def long(session: SessionHandle) -> None:
        await session.step(get_quote)
        api.set_tracer_provider(later.provider)
        await session.step(get_quote, name="late")

    with global_provider(None):
        async with SessionManager(tmp_path) as manager:
            await manager.run(long)
    assert [span.name for span in later.spans] == ["late", "invoke_workflow long"]
