"""Runs tests that are coroutines, each in an event loop of its own, and lets none of them leave anything behind."""

import asyncio
import gc
import inspect
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

MOST_SECONDS = 20
MOST_SECONDS_FOR_THREADS = 10
OWN_THREADS = "reev-flow"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """To be imported by the conftest.py of a folder with such tests."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    run_alone(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def run_alone(work: Coroutine[Any, Any, None]) -> None:
    """Fails when tasks or threads are left, and when something went wrong that nobody was told."""
    gc.freeze()  # what is there already need not be looked through below
    untold: list[str] = []
    before = set(threading.enumerate())
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(lambda _, context: untold.append(_shown(context)))
        left = runner.run(_within_bounds(work))
        gc.collect()  # what nobody retrieved is told when it is forgotten
    assert not left, f"tasks were left: {left}"
    assert not untold, f"nobody was told: {untold}"
    gc.unfreeze()
    assert threads_left(before) == []


async def _within_bounds(work: Coroutine[Any, Any, None]) -> list[str]:
    async with asyncio.timeout(MOST_SECONDS):
        await work
    for _ in range(3):  # what was cancelled last needs a moment to end
        await asyncio.sleep(0)
    return [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]


def threads_left(before: set[threading.Thread]) -> list[str]:
    ours = [thread for thread in threading.enumerate() if thread not in before and OWN_THREADS in thread.name]
    for thread in ours:
        thread.join(MOST_SECONDS_FOR_THREADS)
    return [thread.name for thread in ours if thread.is_alive()]


def _shown(context: dict[str, Any]) -> str:
    return f"{context.get('message')}: {context.get('exception')!r}"
