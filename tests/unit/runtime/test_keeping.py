"""How a manager has its sessions copied."""

import logging
from pathlib import Path

import pytest

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime import keeping
from reev_flow.runtime.keeping import BackupRounds
from reev_flow.sessions.config import SessionConfig
from support.backed_up import in_copy, made, names_in, open_store
from support.sessions import Run
from support.workers import until, worker


@flow
async def one_step(session: SessionHandle) -> None:
    await session.step(lambda: 1, name="look", on_interrupt="rerun")


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "sessions.backups").glob("*.db"))


async def test_what_ran_shorter_than_the_interval_is_copied_at_the_end(tmp_path):
    async with worker(tmp_path) as manager:
        await manager.run(one_step, session_id="s-1")
    (copy,) = copies(tmp_path)
    assert in_copy(tmp_path / "sessions.backups" / copy)[0].state == "completed"


async def test_what_ran_right_after_another_is_copied_too(tmp_path, monkeypatch):
    """Nobody knows when the next one runs."""
    monkeypatch.setattr(keeping, "BYTES_WORTH_A_SECOND", 2**40)
    for name in ("s-1", "s-2"):
        async with worker(tmp_path) as manager:
            await manager.run(one_step, session_id=name)
    newest = tmp_path / "sessions.backups" / copies(tmp_path)[-1]
    assert in_copy(newest, "s-2")[0].state == "completed"


async def test_a_large_store_is_not_copied_at_every_end(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "BYTES_WORTH_A_SECOND", 1)
    for name in ("s-1", "s-2"):
        async with worker(tmp_path) as manager:
            await manager.run(one_step, session_id=name)
    assert len(copies(tmp_path)) == 1


async def test_what_runs_longer_is_copied_again_and_again(tmp_path):
    async with worker(tmp_path, backup_interval_seconds=0.01) as manager:
        for number in range(3):
            before = copies(tmp_path) if number else []
            await manager.run(one_step)
            await until(lambda: copies(tmp_path) != before)  # noqa: B023 - waited for within the round


async def test_nothing_is_copied_when_nothing_is_written(tmp_path):
    async with worker(tmp_path):
        pass
    assert names_in(tmp_path) == ["sessions.db", "sessions.high-water"] or "sessions.backups" not in names_in(tmp_path)


async def test_nothing_is_copied_when_it_is_not_wanted(tmp_path):
    async with worker(tmp_path, backup_enabled=False) as manager:
        await manager.run(one_step)
    assert not (tmp_path / "sessions.backups").exists()


async def test_a_store_without_files_is_used_all_the_same():
    async with worker("memory:") as manager:
        await manager.run(one_step)


async def test_why_there_is_no_copy_is_said_once(tmp_path, caplog: pytest.LogCaptureFixture):
    store = open_store(tmp_path)
    Run(store)
    (tmp_path / "sessions.backups").write_text("in the way")
    rounds = BackupRounds(store, SessionConfig())
    with caplog.at_level(logging.WARNING, "reev_flow.sessions"):
        for _ in range(2):
            rounds.begin()
            await rounds.end()
        (tmp_path / "sessions.backups").unlink()
        rounds.begin()
        await rounds.end()
    assert [record.getMessage()[:26] for record in caplog.records] == ["no backup of the sessions:"]
    assert made(store.backups().result()[0]).exists()
    store.close()
