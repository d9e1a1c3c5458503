"""The life of one worker, in a process of its own: it begins the session or goes on with it, until it ends or dies."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from reev_flow.chaos.cast import Cast, NeedsStub
from reev_flow.chaos.disk import WatchedDisk
from reev_flow.chaos.person import LOOKS_EVERY_SECONDS, NeedsAnswer, Person
from reev_flow.chaos.points import Fault, Point
from reev_flow.chaos.rehearsed import SESSION_ID, Rehearsed
from reev_flow.chaos.shifted_clock import ShiftedClock
from reev_flow.chaos.sights import Seen
from reev_flow.chaos.trap import Trap, die
from reev_flow.chaos.watched_marks import watched_marks
from reev_flow.chaos.watched_session import watched_flow
from reev_flow.chaos.watched_store import WatchedStore
from reev_flow.chaos.watched_traces import WatchedTraces
from reev_flow.errors import LeaseHeld, LeaseLost, SessionInterrupted, SessionNotFound
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.store import SessionStore
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.store import TraceStore

STORE = "sessions"
TRIES_AGAIN_AFTER_SECONDS = 0.005
SOMEBODY_ELSES = (LeaseHeld, LeaseLost, SessionInterrupted)
HOUR_NS = 3_600 * 1_000_000_000
STOP_SECONDS = 0.2
LEASE_SECONDS = 30.0
SHORT_LEASE_SECONDS = 0.15  # shorter than a slow disk takes


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """A step that cannot be done without being told more: how to answer its question, else who stands in for it."""

    step: str
    question: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker that was not killed leaves behind."""

    passed: list[Point] = []
    has_sprung: bool = False
    error: str = ""
    needs: Needs | None = None


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """Where the worker lives, and at which point which fault is its fate, or after how many places it dies. `resumes` says that it only
    knows the session's id. With `is_shaken` its steps are held up for a moment now and then.
    """

    folder: Path
    point: Point | None = None
    fault: Fault = Fault.KILL
    dies_after_jump: bool = False
    dies_at_passing: int = 0
    resumes: bool = False
    is_shaken: bool = False
    seed: int = 0

    @property
    def is_peaceful(self) -> bool:
        """Nothing goes wrong in it."""
        return self.point is None and not self.dies_at_passing


ENDS = (
    Exception,
    SystemExit,
    KeyboardInterrupt,
    NeedsStub,
    BaseExceptionGroup,
)  # what a flow may raise: told to whoever compares

OpenStore = Callable[[Path, ShiftedClock], SessionStore]


def open_store(folder: Path, clock: ShiftedClock) -> SessionStore:
    return open_session_store(folder / STORE, clock=clock)


def live(rehearsed: Rehearsed, role: Role, *, open_store: OpenStore = open_store) -> Told:
    """Returns when the session has ended, or cannot go on."""
    random.seed(role.seed)
    life = _Life(rehearsed, role, open_store)
    disk = WatchedDisk(life.trap)
    if role.fault is Fault.POWER_CUT:
        life.trap.when_sprung = lambda: disk.cut_power(role.seed)
    needs: Needs | None = None
    error = ""
    try:
        with watched_marks(life.trap, disk.unsynced):
            asyncio.run(life.perform())
        if role.is_peaceful:
            life.cast.sights.note(Seen.LEFT)
    except NeedsAnswer as missing:
        needs = Needs(step=missing.step, question=missing.question)
    except ENDS as failure:
        error = f"{type(failure).__name__}: {failure}"
    finally:
        disk.unregister()
        life.cast.sights.close()
    if life.cast.missing is not None:
        needs = Needs(step=life.cast.missing.step)
    passed = life.trap.passed if role.point is None else []
    return Told(passed=passed, has_sprung=life.trap.has_sprung, error=error, needs=needs)


class _Life:
    """What one worker has: its clock, its cast, and the trap that is set for it."""

    def __init__(self, rehearsed: Rehearsed, role: Role, open_store: OpenStore) -> None:
        self.trap = Trap(role.point, role.fault, dies_at_passing=role.dies_at_passing)
        self.clock = ShiftedClock()
        if role.fault is Fault.CLOCK_BACK and role.point is not None:
            self.clock.shift_ns = HOUR_NS
            self.trap.when_sprung = die if role.dies_after_jump else self.clock.jump_back
        shaken_by = role.seed if role.is_shaken else None
        self.cast = Cast(rehearsed.casting, role.folder, self.trap, shaken_by=shaken_by)
        self._rehearsed = rehearsed
        self._role = role
        self._open_store = open_store

    async def perform(self) -> None:
        """Until the session has ended. Raises what keeps it from that."""
        opened = await asyncio.to_thread(self._open_store, self._role.folder, self.clock)
        try:
            opened_traces = await asyncio.to_thread(open_trace_store, self._role.folder / STORE, clock=self.clock)
            try:
                await self._work(opened, opened_traces)
            finally:
                opened_traces.close()
        finally:
            opened.close()

    async def _work(self, opened: SessionStore, opened_traces: TraceStore) -> None:
        sights = self.cast.sights
        store: SessionStore = WatchedStore(opened, self.trap, sights)
        traces: TraceStore = WatchedTraces(opened_traces, sights)
        async with SessionManager(store, traces=traces, config=self._config(), clock=self.clock) as manager:
            tell = partial(sights.note, Seen.ANSWERED)
            person = Person(store, self.clock, self.cast.ledger, self._rehearsed.answers, tell)
            await _first_ended(self._until_ended(manager), person.attend(SESSION_ID))

    async def _until_ended(self, manager: SessionManager) -> None:
        while not await _has_ended(manager):
            try:
                await self._go_on(manager)
            except SOMEBODY_ELSES:
                await asyncio.sleep(TRIES_AGAIN_AFTER_SECONDS)
            except Exception:
                if not await _has_ended(manager):
                    raise

    async def _go_on(self, manager: SessionManager) -> None:
        flow = watched_flow(self._rehearsed.flow, self.cast)
        if self._role.resumes:
            with suppress(SessionNotFound):  # killed before anybody was told that it had begun
                await manager.resume(SESSION_ID, flow)
                return
        await manager.run(flow, *self._rehearsed.args, session_id=SESSION_ID, **self._rehearsed.kwargs)

    def _config(self) -> SessionConfig:
        lease_seconds = SHORT_LEASE_SECONDS if self._role.fault is Fault.SLOW_DISK else LEASE_SECONDS
        return replace(
            session_config(current_settings()),
            trace_sample_rate=1.0,  # chance would say which runs have spans
            trace_forward_to="",
            backup_enabled=False,
            lease_seconds=lease_seconds,
            poll_seconds=LOOKS_EVERY_SECONDS,
            stop_seconds=STOP_SECONDS,
        )


async def _has_ended(manager: SessionManager) -> bool:
    try:
        return (await manager.load(SESSION_ID)).state.is_end
    except SessionNotFound:
        return False


async def _first_ended(*parts: Coroutine[Any, Any, None]) -> None:
    """Raises what the first one raised; the others are cancelled."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    done = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
