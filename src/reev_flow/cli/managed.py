"""Work in a session manager that Ctrl-C and SIGTERM end in good order."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import redirect_stdout
from typing import Any, TypeVar

from msgspec.structs import replace

from reev_flow.cli.output import tell
from reev_flow.cli.stop_signals import STOP_SECONDS, StopSignals, leave
from reev_flow.errors import SessionError
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.store import SessionStore
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config
from reev_flow.stores.urls import open_session_store, open_trace_store

T = TypeVar("T")

SECONDS_FOR_THE_REST = 0.5
SECONDS_UNTIL_TOLD = 0.5

Start = Callable[[SessionManager], Coroutine[Any, Any, T]]
Conclude = Callable[[asyncio.Task[T], SessionStore, StopSignals], Coroutine[Any, Any, int]]


def run_managed(
    place: str, start: Start[T], conclude: Conclude[T], *, on_no_end: str, is_json: bool, concurrent: int = 0
) -> int:
    """The exit code that `conclude` gives, once what `start` began is over or was stopped. It may not be over even then.

    `on_no_end` is told when the process has to end although a step did not. What the user's code prints goes to standard error
    when standard output is for JSON. As many sessions as `concurrent` run at once, 0 for what the settings say.
    """
    with StopSignals(on_no_end) as signals:
        try:
            config = _config(place, concurrent)
            code = asyncio.run(_run(config, start, conclude, signals, is_json=is_json))
        except (SystemExit, KeyboardInterrupt) as ended:  # raised by the user's code: Ctrl-C is heard by `signals`
            how = f"exit code {ended.code}" if isinstance(ended, SystemExit) else "KeyboardInterrupt"
            raise SessionError(f"a step ended the program ({how}); {on_no_end}") from ended
        return leave(code)


def _config(place: str, concurrent: int) -> SessionConfig:
    said = session_config(current_settings())
    at_once = concurrent or said.max_concurrent
    return replace(said, store_path=place, stop_seconds=STOP_SECONDS, max_concurrent=at_once)


async def _run(
    config: SessionConfig, start: Start[T], conclude: Conclude[T], signals: StopSignals, *, is_json: bool
) -> int:
    store = await asyncio.to_thread(open_session_store, config.store_path)
    try:
        with redirect_stdout(sys.stderr if is_json else sys.stdout):
            running = await _run_until_signalled(config, start, signals, store)
        code = await conclude(running, store, signals)
    finally:
        store.close()
    signals.farewell = ""
    if not running.done():  # it takes no notice of being cancelled, and nobody waits for it any longer
        sys.stdout.flush()
        os._exit(code)
    return code


async def _run_until_signalled(
    config: SessionConfig, start: Start[T], signals: StopSignals, store: SessionStore
) -> asyncio.Task[T]:
    """Leaving the manager's block stops what runs, within a bound."""
    traces = await asyncio.to_thread(open_trace_store, config.store_path) if config.otel_enabled else None
    try:
        return await _run_in(SessionManager(store, traces=traces, config=config), start, signals)
    finally:
        if traces is not None:
            traces.close()


async def _run_in(manager: SessionManager, start: Start[T], signals: StopSignals) -> asyncio.Task[T]:
    async with manager:
        running = asyncio.create_task(start(manager))
        signalled = asyncio.create_task(signals.wait())
        await asyncio.wait([running, signalled], return_when=asyncio.FIRST_COMPLETED)
        signalled.cancel()
        patience = asyncio.create_task(_ask_for_patience(signals))
    await asyncio.wait([running], timeout=SECONDS_FOR_THE_REST)
    patience.cancel()
    running.cancel()
    return running


async def _ask_for_patience(signals: StopSignals) -> None:
    """For people who wait and do not know why."""
    if signals.received is not None:
        await asyncio.sleep(SECONDS_UNTIL_TOLD)
        tell(
            f"stopping: steps that run have {STOP_SECONDS:g} s to end, then they are cancelled; a second signal ends at once"
        )
