"""Starts sessions, runs flows in them, and finds them again."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reev_flow.analysis.insights import FlowInsights
from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import InvalidState, LeaseHeld, SessionError, SessionInterrupted
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.executor import FlowResult
from reev_flow.flows.plans.plan import DynamicFlowPlan
from reev_flow.runtime.begin import Origin, begin_or_take_over, take_over
from reev_flow.runtime.carry import carry
from reev_flow.runtime.drive import end_stopped, end_with_result, fail, interrupt, outcome_of
from reev_flow.runtime.inbox import cancel, open_questions, send_answer
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.keeping import BackupRounds
from reev_flow.runtime.origins import Startable, annotation_of, of_call, of_session, remark_on
from reev_flow.runtime.processing import processor_of
from reev_flow.runtime.recovering import MOST_AT_ONCE, STALLED, keep_recovering, recoverable
from reev_flow.runtime.repertoire import Repertoire
from reev_flow.runtime.run_reading import read_run
from reev_flow.runtime.started import Background, StartedFlow
from reev_flow.runtime.submitting import submit
from reev_flow.runtime.sync import BlockingSessionManager
from reev_flow.runtime.tracing import OFF, start_tracing
from reev_flow.runtime.worker import Pace, Worker
from reev_flow.runtime.worker_news import WorkerNews, keep_quiet
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.records import Question
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config
from reev_flow.stores.urls import open_session_store
from reev_flow.trace.store import TraceStore
from reev_flow.trace.trace import Trace


class SessionManager:
    """The sessions of one worker: `async with SessionManager() as manager: await manager.run(the_flow, …)`.

    `store` is a folder, a URL or an open store; without it, and without `config`, the settings say. Leaving the block stops what still
    runs, and it goes on when somebody resumes it: steps may end first, for up to `stop_seconds`, unless the block is left by an error. Used from one event loop of asyncio; other code uses `SessionManager.sync()`.
    """

    def __init__(
        self,
        store: SessionStore | str | Path | None = None,
        *,
        traces: TraceStore | None = None,
        config: SessionConfig | None = None,
        clock: Clock | None = None,
        recover_every_seconds: float | None = None,
    ) -> None:
        """`traces` keeps the spans of tools and models; without it they are kept beside the sessions, if `store` is a place. With
        `recover_every_seconds` sessions that nobody works on are looked for that often, and gone on with in the background.
        """
        settings = current_settings()
        self.config = config or session_config(settings)
        self._processor = processor_of(settings)
        self._place = store
        self._traces = traces
        self._tracing = OFF
        self._recover_every_seconds = recover_every_seconds
        self._recovering: asyncio.Task[None] | None = None
        self._background = Background()
        self._clock = clock or SystemClock()
        self._is_own_store = store is None or isinstance(store, str | Path)
        self._opened: tuple[SessionStore, SessionKeeper] | None = None

    @classmethod
    def sync(
        cls,
        store: SessionStore | str | Path | None = None,
        *,
        config: SessionConfig | None = None,
        recover_every_seconds: float | None = None,
    ) -> BlockingSessionManager:
        """The same for code that is not async: `with SessionManager.sync() as manager: manager.run(the_flow, …)`."""
        return BlockingSessionManager(cls(store, config=config, recover_every_seconds=recover_every_seconds))

    async def __aenter__(self) -> Self:
        """Raises `StoreError` when the store cannot be used."""
        refuse_other_loops()
        place = self._place if self._place is not None else self.config.store_path
        store = await asyncio.to_thread(open_session_store, place) if isinstance(place, str | Path) else place
        traces = place if self._traces is None and isinstance(place, str | Path) else self._traces
        try:
            self._tracing = await asyncio.to_thread(start_tracing, self.config, traces)
        except BaseException:
            if self._is_own_store:
                store.close()
            raise
        keeper = SessionKeeper(store, self.config, self._clock, self._tracing)
        self._opened = store, keeper
        self._backups = BackupRounds(store, self.config)
        self._backups.begin()
        if self._recover_every_seconds is not None:
            looking = keep_recovering(keeper, self.resume, self._background, self._recover_every_seconds)
            self._recovering = asyncio.create_task(looking)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        keeper = self._keeper
        try:
            if self._recovering is not None:
                self._recovering.cancel()
            await stop_all(keeper, lets_steps_end=kind is None)
            await self._background.ended(self.config.stop_seconds)
            await self._backups.end()
        finally:
            keeper.close()
            if self._tracing.collector is not None:
                await asyncio.to_thread(self._tracing.collector.shutdown)
            if self._is_own_store:
                await asyncio.to_thread(self.store.close)
            self._opened = None

    @property
    def store(self) -> SessionStore:
        if self._opened is None:
            raise SessionError("the session manager is not open; use it as `async with SessionManager() as manager:`")
        return self._opened[0]

    @property
    def _keeper(self) -> SessionKeeper:
        self.store  # noqa: B018 - says what is wrong when nothing is open
        assert self._opened is not None  # noqa: S101 - the line above
        return self._opened[1]

    async def run(
        self,
        flow: Startable,
        *args: Any,
        session_id: str | None = None,
        run_step: Any = None,
        tools: Mapping[str, Any] | None = None,
        wait: bool = True,
        **kwargs: Any,
    ) -> Any:
        """The result of the flow, `FlowResult` for a plan; raises what the flow raised. `run_step` and `tools` are for plans.

        With a `session_id` the flow is run once however often this is called: a session that ended gives its result again, one that was
        interrupted goes on, one that this manager runs is waited for. One that was forgotten, after `retention_days`, is not run again:
        `SessionForgotten` is raised. Without `wait`, `SessionWaiting` is raised when the flow waits for an answer. Raises
        `TooManySessions`, `LeaseHeld` while another worker has the session, `SessionTimeout`, `SessionCancelled`.
        """
        runnable = of_call(flow, args, kwargs, run_step=run_step, tools=tools)
        await self._keeper.joined(session_id)
        remark = partial(remark_on, code=runnable.code)
        begun = await begin_or_take_over(self._keeper, runnable.origin, session_id, remark_on=remark)
        return await carry(self._keeper, begun, runnable, wait=wait)

    async def start(
        self,
        flow: Startable,
        *args: Any,
        session_id: str | None = None,
        run_step: Any = None,
        tools: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> StartedFlow:
        """Like `run`, but returns as soon as the session is durable and has its turn; the flow goes on in the background.

        That is the moment to answer a request with its id. Leaving the manager stops it like any other.
        """
        if session_id is not None and session_id in self._keeper.held:
            whole = self.run(flow, *args, session_id=session_id, run_step=run_step, tools=tools, **kwargs)
            return StartedFlow(session_id, self._background.add(asyncio.create_task(whole)))
        runnable = of_call(flow, args, kwargs, run_step=run_step, tools=tools)
        remark = partial(remark_on, code=runnable.code)
        begun = await begin_or_take_over(self._keeper, runnable.origin, session_id, remark_on=remark)
        session = begun if isinstance(begun, SessionData) else begun.session
        task = asyncio.create_task(carry(self._keeper, begun, runnable, wait=True))
        return StartedFlow(session.session_id, self._background.add(task))

    async def submit(
        self,
        flow: Startable,
        *args: Any,
        session_id: str | None = None,
        run_step: Any = None,
        tools: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> SessionData:
        """Leaves the run to a worker of any process that has the code: returns the session as soon as it is durable.

        With a `session_id` it is submitted once, however often this is called: one that was submitted or run before is returned as it stands.
        Raises `SessionExists` when the id is that of something else, `SessionForgotten`.
        """
        origin = of_call(flow, args, kwargs, run_step=run_step, tools=tools).origin
        return await submit(self.store, self._clock, origin, session_id)

    async def resume(
        self, session_id: str, flow: Any = None, *, tools: Mapping[str, Any] | None = None, wait: bool = True
    ) -> Any:
        """Goes on with a session where it was interrupted, and gives its result; that of one that ended is given again.

        `flow` is its `@flow`, or what runs the steps of its plan; without it the session's own memory of `module:name` is used.
        """
        await self._keeper.joined(session_id)
        session = await self.load(session_id)
        if session.state.is_end:
            return outcome_of(session, annotation_of(session, flow))
        runnable = of_session(session, flow, tools)
        taken = await take_over(self._keeper, session_id, remark=remark_on(session, runnable.code))
        return await carry(self._keeper, taken, runnable, wait=wait)

    async def start_flow(self, flow: Startable | str, *, session_id: str | None = None) -> SessionHandle:
        """A session whose steps are called by hand, or by `execute_dynamic_flow`, until `end_flow`.

        One that was interrupted is taken up again by its `session_id`: steps that it finished give their results.
        """
        begun = await begin_or_take_over(self._keeper, _origin_of(flow), session_id)
        if isinstance(begun, SessionData):
            outcome_of(begun)
            raise SessionError(f"session {begun.session_id!r} is {begun.state}; start another one")
        return SessionHandle(begun)

    async def end_flow(
        self, session: SessionHandle, result: Any = None, *, error: Exception | None = None
    ) -> FlowInsights:
        """Keeps the result, or what went wrong. A result of a plan that failed ends the session as failed.

        A session that was stopped meanwhile ends as that says, and there is no result: what stopped it is raised. The insights are read
        from the stores when they are first looked at, which takes an open manager.
        """
        held = self._keeper.held.get(session.session_id)
        if held is None:
            raise InvalidState(session.session_id, session.state, SessionState.COMPLETED)
        work = held.work
        if work.stopped_by is not None:
            await end_stopped(self._keeper, work)
            if error is None:
                raise work.stopped_by
        elif error is not None:
            await fail(self._keeper, work, error)
        else:
            await end_with_result(self._keeper, work, result, annotation=FlowResult)
        return self.insights(session.session_id)

    def insights(self, session_id: str) -> FlowInsights:
        """What the settings want to be known about a run, read and computed when first looked at. It waits for the stores, so coroutines
        that must not be held up look at it in a thread.
        """
        return self._processor.process_trace(lambda: self._read_run(session_id))

    def _read_run(self, session_id: str) -> Trace:
        collector = self._tracing.collector
        if collector is not None:
            collector.flush()
        return read_run(self.store, None if collector is None else collector.store, session_id)

    async def load(self, session_id: str) -> SessionData:
        """Raises `SessionNotFound`, `SessionCorruption`."""
        return await awaited(self.store.load(session_id))

    async def list(
        self, *, states: frozenset[SessionState] = frozenset(), flow: str = "", id_prefix: str = "", limit: int = 100
    ) -> tuple[SessionData, ...]:
        """Newest first."""
        query = SessionQuery(states=states, flow=flow, id_prefix=id_prefix, limit=limit)
        return await awaited(self.store.find(query))

    async def questions(self, session_id: str) -> dict[str, Question]:
        """The open questions of a session, by step."""
        return {step: asked.question for step, asked in (await open_questions(self.store, session_id)).items()}

    async def answer(self, session_id: str, value: Any, *, question: str = "", sender: str = "") -> None:
        """Answers the open question, or that of the step `question`, whether or not a worker lives.

        Raises `NoSuchQuestion`, `InvalidAnswer`, and `AlreadyAnswered`: the first answer counts.
        """
        await send_answer(self.store, self._clock, session_id, value, step=question, sender=sender)
        held = self._keeper.held.get(session_id)
        if held is not None:
            await self._keeper.look_for_answers(held.work)

    async def cancel(self, session_id: str, reason: str = "") -> bool:
        """Ends a session: at once when nobody works on it, else as soon as its worker hears of it. Whether it has ended."""
        return await cancel(self._keeper, session_id, reason)

    async def fork(self, session_id: str, from_step: str, *, new_id: str | None = None) -> SessionData:
        """A new session that has what this one had done when that step was first heard of, and does the rest anew when it is resumed: with
        the code that is there then, and with new idempotency keys. The other one stays as it is.

        `from_step` is what the journal calls it (`pay#1`), or the name of a step that was called once. What was going on beside it is done
        anew, too. With a `new_id` it is forked once, however often this is called. Raises `NoSuchStep`, `SessionExists`.
        """
        return await self._keeper.fork(session_id, from_step, new_id)

    async def recover_all(self) -> dict[str, Any]:
        """Goes on with every session that nobody works on: interrupted ones, those whose worker is gone, and those that were answered
        meanwhile. By session what came of it: a result, or an error as a value.

        Left alone are sessions whose steps are called by hand, that another worker has, and that still wait for an answer.
        """
        ids = await recoverable(self._keeper)
        results = await asyncio.gather(*(self.resume(name, wait=False) for name in ids), return_exceptions=True)
        outcomes = zip(ids, results, strict=True)
        return {name: result for name, result in outcomes if not isinstance(result, LeaseHeld)}

    def worker(
        self,
        *code: Any,
        tools: Mapping[str, Any] | None = None,
        concurrent: int = 0,
        poll_seconds: float = 1.0,
        tell: Callable[[WorkerNews], None] = keep_quiet,
    ) -> Worker:
        """Takes up the sessions of this code that nobody works on, at most `concurrent` at once (0: `max_concurrent`), until the manager is
        left: `await manager.worker(the_flow).work()`. `code` are flows, and what runs the steps of plans; `tell` hears of each session.
        """
        pace = Pace(concurrent=concurrent or self.config.max_concurrent, poll_seconds=poll_seconds)
        return Worker(self._keeper, Repertoire(code, tools), pace, tell)

    async def prune(self) -> tuple[str, ...]:
        """Forgets sessions that ended longer ago than the retention, a part at a time: it is done when nothing is forgotten. The ids of
        those it forgot.
        """
        return await awaited(self._keeper.prune())

    async def expire(self) -> tuple[str, ...]:
        """Ends sessions that nobody has worked on for longer than a session may take; the ids of those it ended. One that waits for an
        answer is not among them.
        """
        too_old_ns = self._clock.now_ns() - int(self.config.timeout_seconds * 1_000_000_000)
        expired = []
        for session in await self.list(states=STALLED, limit=MOST_AT_ONCE):
            is_old = session.updated_ns < too_old_ns and session.session_id not in self._keeper.held
            if is_old and await cancel(self._keeper, session.session_id, "", state=SessionState.TIMED_OUT):
                expired.append(session.session_id)
        return tuple(expired)


def refuse_other_loops() -> None:
    """Before anything is opened."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise SessionError(
            "sessions run on asyncio, and no event loop of it is running; with trio or without a loop use SessionManager.sync()"
        ) from None


async def stop_all(keeper: SessionKeeper, *, lets_steps_end: bool) -> None:
    """Within a bound: what does not stop is taken over when its lease runs out."""
    keeper.begin_closing()
    works = [held.work for held in keeper.held.values()]
    for work in works:
        work.wind_down(SessionInterrupted(work.session.session_id))
    for _ in range(2):
        tasks = [task for work in works for task in work.tasks]
        if tasks and lets_steps_end:
            await asyncio.wait(tasks, timeout=keeper.config.stop_seconds)
        lets_steps_end = True  # the second time it waits for what was cancelled
        for work in works:
            work.cancel()
    for work in works:
        if work.session.session_id in keeper.held:
            with suppress(SessionError):  # then its next worker finds that this one is gone
                await interrupt(keeper, work)


def _origin_of(flow: Startable | str) -> Origin:
    if isinstance(flow, str):
        return Origin(flow=flow)
    if isinstance(flow, DynamicFlowPlan):
        return Origin(flow=flow.flow_id, digest=flow.digest(), definition=flow.encoded())
    return Origin(flow=flow.name, digest=flow.digest)
