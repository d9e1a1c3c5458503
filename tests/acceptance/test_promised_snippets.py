"""What the product is said to be used like, used like that."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reev_flow import (
    AlreadyCompleted,
    DynamicFlowPlan,
    DynamicStep,
    FlowExecutor,
    FlowTracer,
    OtelProcessor,
    Recovered,
    SessionConfig,
    SessionHandle,
    SessionInterrupted,
    SessionManager,
    SessionRecovery,
    SessionState,
    TraceCollector,
    execute_dynamic_flow,
    flow,
)

PLAN = DynamicFlowPlan(
    flow_id="swap_then_lend",
    steps=(
        DynamicStep(step_id="quote", prompt_template="find a price"),
        DynamicStep(step_id="swap", prompt_template="swap at {quote}", depends_on=("quote",)),
    ),
)


async def run_step(step: DynamicStep, context: Any) -> str:
    return f"{step.step_id}: {context.prompt}"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


async def test_a_plan_runs_in_a_session_and_explains_itself():
    async with SessionManager() as manager:
        session = await manager.start_flow(PLAN)
        assert (session.flow_id, bool(session.session_id), session.start_time.year > 2000) == (
            "swap_then_lend",
            True,
            True,
        )
        result = await execute_dynamic_flow(PLAN, run_step, session=session)
        insights = await manager.end_flow(session, result)
        assert insights.metrics.total_duration_ms > 0
        assert "quote" in insights.diagram


async def test_a_plan_that_was_interrupted_is_recovered_by_its_executor():
    has_begun = asyncio.Event()

    async def never_end(step: DynamicStep, context: Any) -> None:
        has_begun.set()
        await asyncio.Event().wait()

    async with SessionManager(config=SessionConfig(stop_seconds=0.05)) as manager:
        running = asyncio.create_task(manager.run(PLAN, run_step=never_end, session_id="plan-1"))
        await has_begun.wait()
    with pytest.raises(SessionInterrupted):
        await running
    async with SessionManager() as manager:
        execution = await SessionRecovery(manager.store, FlowExecutor(run_step)).recover_flow("plan-1")
        assert isinstance(execution, Recovered)
        going_on = asyncio.create_task(execution.continuation())
        while "quote" not in "".join(await manager.questions("plan-1")):
            await asyncio.sleep(0.01)
        await manager.answer("plan-1", value=False)  # the step that was caught in the middle did nothing
        assert (await going_on).is_completed


async def test_steps_can_be_called_by_hand():
    async with SessionManager() as manager:
        session = await manager.start_flow("flow-id")
        total = await session.step(sum, [1, 2])
        await manager.end_flow(session, total)
        assert (await manager.load(session.session_id)).state is SessionState.COMPLETED


@flow
async def swap_then_lend(session: SessionHandle, amount: float) -> str:
    quote = await session.step(get_quote, amount, on_interrupt="rerun")
    tx = await session.step(submit_swap, quote)
    return str(await session.step(deposit, tx, key=tx))


async def get_quote(amount: float) -> float:
    return amount * 2


async def submit_swap(quote: float) -> str:
    return f"tx-{quote}"


async def deposit(tx: str) -> str:
    return f"deposited {tx}"


async def test_ordinary_code_is_made_durable():
    async with SessionManager() as manager:
        assert await manager.run(swap_then_lend, 3.0, session_id="order-1") == "deposited tx-6.0"
        assert await manager.run(swap_then_lend, 3.0, session_id="order-1") == "deposited tx-6.0"
        assert len(await manager.list()) == 1


async def test_a_session_that_completed_is_recovered_as_its_result():
    async with SessionManager() as manager:
        await manager.run(swap_then_lend, 3.0, session_id="order-1")
        recovered = await SessionRecovery(manager.store, swap_then_lend).recover_flow("order-1")
        assert recovered == AlreadyCompleted("deposited tx-6.0")


async def test_a_session_that_was_interrupted_is_recovered_as_its_continuation():
    async with SessionManager() as manager:
        await manager.start_flow(swap_then_lend, session_id="order-1")
    async with SessionManager() as manager:
        recovered = await SessionRecovery(manager.store, swap_then_lend).recover_flow("order-1")
        assert isinstance(recovered, Recovered)


async def test_a_stored_run_is_processed_by_the_name_of_its_flow():
    async with SessionManager() as manager:
        await manager.run(swap_then_lend, 3.0)
        store = manager.store
        insights = await OtelProcessor(store).process_execution_trace("swap_then_lend")
        assert insights.metrics.total_duration_ms > 0
        assert "submit_swap" in await OtelProcessor(store).generate_mermaid("swap_then_lend")


async def test_a_tracer_runs_flows_below_a_span():
    TraceCollector(service_name="my-flows", sample_rate=1.0, store="memory:").create_provider()
    result = await FlowTracer("flow_execution").instrument_async(lambda: execute_dynamic_flow(PLAN, run_step))
    assert result.is_completed
