"""Every variable about sessions changes what happens."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reev_flow import SessionHandle, SessionManager, SessionTimeout, flow
from reev_flow.errors import PartSwitchedOff
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.store import StoredTrace
from support.workers import until

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch):
    return monkeypatch.setenv


@flow
async def look_up(session: SessionHandle, calls: int = 1) -> int:
    async def look(number: int) -> int:
        assert session.tracer is not None
        with session.tracer.operation("tool", "lookup", arguments=number):
            return number

    for number in range(calls):
        await session.step(look, number)
    return calls


async def stored_spans(calls: int = 1) -> StoredTrace:
    """Of tools, of one run."""
    async with SessionManager() as manager:
        await manager.run(look_up, calls, session_id="s-1")
        trace_id = (await manager.load("s-1")).trace_id
    traces = open_trace_store("logs/sessions")
    try:
        return traces.read(trace_id).result()
    finally:
        traces.close()


@flow
async def ask_a_model(session: SessionHandle) -> None:
    async def ask() -> None:
        assert session.tracer is not None
        with session.tracer.operation("llm", "m") as call:
            call.usage(input_tokens=2_000_000, output_tokens=1_000_000)

    await session.step(ask)


async def nothing() -> None:
    """A step without work."""


@flow
async def one_step(session: SessionHandle) -> None:
    await session.step(nothing)


async def test_the_path_is_where_sessions_are_kept(setting):
    setting("REEV_SESSION_STORE_PATH", "elsewhere")
    async with SessionManager() as manager:
        await manager.run(one_step)
    assert Path("elsewhere/sessions.db").exists()
    assert not Path("logs").exists()


def copies() -> list[str]:
    return [path.name for path in Path("logs/sessions/sessions.backups").glob("sessions-*.db")]


async def test_the_sessions_are_copied_beside_the_store():
    async with SessionManager() as manager:
        await manager.run(one_step)
    assert len(copies()) == 1


async def test_without_backups_nothing_is_copied(setting):
    setting("REEV_SESSION_BACKUP_ENABLED", "false")
    async with SessionManager() as manager:
        await manager.run(one_step)
    assert not Path("logs/sessions/sessions.backups").exists()


async def test_the_interval_says_how_often_they_are_copied(setting):
    for _ in range(2):
        async with SessionManager() as manager:
            await manager.run(one_step)
    assert len(copies()) == 1
    setting("REEV_SESSION_BACKUP_INTERVAL", "1")
    async with SessionManager() as manager:
        await manager.run(one_step)
        await until(lambda: len(copies()) == 2)


async def test_sessions_that_ended_before_the_retention_are_forgotten(setting):
    async with SessionManager() as manager:
        await manager.run(one_step, session_id="old")
    setting("REEV_SESSION_RETENTION_DAYS", "0")
    async with SessionManager() as manager:
        assert await manager.prune() == ("old",)


async def test_sessions_within_the_retention_stay(setting):
    async with SessionManager() as manager:
        await manager.run(one_step, session_id="young")
        assert await manager.prune() == ()


@pytest.mark.parametrize(("most", "at_once"), [("1", 1), ("3", 3)])
async def test_no_more_sessions_run_at_once_than_may(setting, most, at_once):
    setting("REEV_SESSION_MAX_CONCURRENT", most)
    running: list[int] = []
    seen: list[int] = []
    together = asyncio.Barrier(at_once)

    @flow
    async def counted(session: SessionHandle, number: int) -> None:
        running.append(number)
        seen.append(len(running))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await together.wait()
        await asyncio.sleep(0.01)
        running.remove(number)

    async with SessionManager() as manager:
        await asyncio.gather(*(manager.run(counted, number) for number in range(6)))
    assert max(seen) == at_once


async def test_a_session_takes_no_longer_than_it_may(setting):
    setting("REEV_SESSION_TIMEOUT_SECONDS", "0.05")

    @flow
    async def endless(session: SessionHandle) -> None:
        await asyncio.Event().wait()

    async with SessionManager() as manager:
        with pytest.raises(SessionTimeout):
            await manager.run(endless)


@pytest.mark.parametrize(("auto_save", "kept"), [("true", 3), ("false", 1)])
async def test_without_auto_save_only_checkpoints_are_kept(setting, auto_save, kept):
    setting("REEV_SESSION_AUTO_SAVE", auto_save)
    async with SessionManager() as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await session.step(nothing)
        assert (await manager.load("s-1")).entries == kept
        await session.checkpoint()
        assert (await manager.load("s-1")).entries == 3
        await manager.end_flow(session)


@pytest.mark.parametrize("variable", ["REEV_OTEL_ENABLED", "REEV_OTEOL_ENABLED"])
async def test_collection_can_be_switched_off(setting, variable):
    setting(variable, "false")
    async with SessionManager() as manager:
        session = await manager.start_flow("by hand")
        assert session.tracer is None
        await manager.end_flow(session)
    assert not Path("logs/sessions/traces.db").exists()


async def test_spans_of_tools_are_collected_unless_said_otherwise():
    assert len((await stored_spans()).chunks) == 1


async def test_a_run_that_is_not_sampled_keeps_its_steps_and_no_spans_of_tools(setting):
    setting("REEV_TRACE_SAMPLE_RATE", "0")
    async with SessionManager() as manager:
        await manager.run(look_up, session_id="s-1")
        spans: Any = manager.insights("s-1").trace.spans
    assert [span.name for span in spans] == ["invoke_workflow look_up", "look"]


async def test_spans_are_written_in_batches_of_the_size_that_is_set(setting):
    setting("REEV_TRACE_BATCH_SIZE", "1")
    assert len((await stored_spans(calls=3)).chunks) == 3


async def test_a_part_of_the_insights_that_is_switched_off_is_not_worked_out(setting):
    setting("REEV_METRICS_COLLECTION", "false")
    async with SessionManager() as manager:
        await manager.run(one_step, session_id="s-1")
        with pytest.raises(PartSwitchedOff):
            await asyncio.to_thread(lambda: manager.insights("s-1").metrics)


async def test_insights_know_the_prices_of_the_settings(tmp_path: Path):
    (tmp_path / "reev-flow.toml").write_text('[prices."m"]\ninput = 1\noutput = 1\n')
    async with SessionManager() as manager:
        await manager.run(ask_a_model, session_id="s-1")
        cost = await asyncio.to_thread(lambda: manager.insights("s-1").metrics.cost)
    assert cost == 3
