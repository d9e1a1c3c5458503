"""What the page on sessions says about identity, changes of code and durability is so."""

import asyncio
import importlib.util
import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reev_flow import SessionManager, SessionWaiting, StepChanged, flow
from support.pages import run, write_files_of

PAGE = "docs/explanation/sessions.md"
IDENTITY = re.compile(r"# (\S+#\d.*|\S+\[.*)$", re.MULTILINE)


def in_manager(work: Callable[[SessionManager], Awaitable[Any]]) -> Any:
    async def with_manager() -> Any:
        async with SessionManager("memory:") as manager:
            return await work(manager)

    return asyncio.run(with_manager())


def module_of(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_steps_of_the_page_are_known_as_its_comments_say(tmp_path: Path):
    write_files_of(PAGE, tmp_path)
    file = tmp_path / "identity.py"
    said = [identity for line in IDENTITY.findall(file.read_text(encoding="utf-8")) for identity in line.split()]

    async def identities(manager: SessionManager) -> set[str]:
        await manager.run(module_of(file).journey, ["Rome", "Oslo"], session_id="s")
        return {entry.step for entry in await asyncio.wrap_future(manager.store.read_journal("s")) if entry.step}

    assert in_manager(identities) == set(said)
    assert len(said) == len(set(said)) == 9


async def say(words: str) -> str:
    return words


@flow(name="talk")
async def before(session: Any) -> list[Any]:
    first = await session.step(say, "hello")
    return [first, await session.ask("and then?")]


@flow(name="talk")
async def with_a_step_at_the_end(session: Any) -> list[Any]:
    first = await session.step(say, "hello")
    return [first, await session.ask("and then?"), await session.step(say, "goodbye")]


@flow(name="talk")
async def with_a_step_before_the_others(session: Any) -> list[Any]:
    await session.step(say, "wait")
    return [await session.step(say, "hello"), await session.ask("and then?")]


@flow(name="talk")
async def with_a_key(session: Any) -> list[Any]:
    await session.step(say, "wait", key="new")
    return [await session.step(say, "hello"), await session.ask("and then?")]


def resumed_with(changed: Any) -> Any:
    """What comes of a flow that was changed while it waited for an answer."""

    async def change(manager: SessionManager) -> Any:
        with pytest.raises(SessionWaiting):
            await manager.run(before, session_id="s", wait=False)
        await manager.answer("s", "that is all")
        return await manager.resume("s", changed)

    return in_manager(change)


def test_a_step_may_be_added_at_the_end():
    assert resumed_with(with_a_step_at_the_end) == ["hello", "that is all", "goodbye"]


def test_a_step_may_be_added_anywhere_with_a_key():
    assert resumed_with(with_a_key) == ["hello", "that is all"]


def test_a_step_that_shifts_the_number_of_another_is_refused():
    with pytest.raises(StepChanged, match="say#1"):
        resumed_with(with_a_step_before_the_others)


WITHOUT_AUTO_SAVE = """\
import os, signal, sys
from reev_flow import SessionConfig, SessionManager, flow

def pay(euros: int) -> int:
    with open("paid", "a") as paid:
        paid.write(f"{euros}\\n")
    return euros

@flow
def order(session) -> int:
    session.step(pay, 1)
    session.checkpoint()
    session.step(pay, 2)
    if "die" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    return 3

with SessionManager.sync("sessions", config=SessionConfig(auto_save=False)) as manager:
    print(manager.run(order, session_id="s", wait=False))
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_without_auto_save_what_followed_the_last_checkpoint_runs_again_unasked(tmp_path: Path):
    (tmp_path / "order.py").write_text(WITHOUT_AUTO_SAVE, encoding="utf-8")
    assert run(["python", "order.py", "die"], tmp_path).returncode == -signal.SIGKILL
    assert run(["python", "order.py"], tmp_path).stdout == "3\n"
    assert (tmp_path / "paid").read_text(encoding="utf-8").split() == ["1", "2", "2"]
