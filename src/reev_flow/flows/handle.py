"""A session in the hands of the code that runs in it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from reev_flow.errors import InvalidStep, SessionError
from reev_flow.flows.branches import Branch, caller_here, current_branch, entered
from reev_flow.flows.effects import OnInterrupt, declared
from reev_flow.flows.groups import GATHER, GROUP, StepTaskGroup, closing_refused, gather
from reev_flow.flows.questions import ask, deadline_ns, schema_of
from reev_flow.flows.retry import ONCE, Retry
from reev_flow.flows.step_call import StepCall, facts_of
from reev_flow.flows.step_run import perform
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.flows.versions import choose_version
from reev_flow.flows.work import SessionWork, running_step
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.records import Question
from reev_flow.sessions.state import SessionState

T = TypeVar("T")

NS = 1_000_000_000


class SessionHandle:
    """What a flow is given: its steps, branches and questions are kept, and read back when the flow runs again after a crash.

    Between steps a flow must do the same each time it runs with the same results: what differs (time, random numbers, what others
    say) belongs into steps. A step is known by where it is called, so it is safe to write `asyncio.gather(session.step(a),
    session.step(b))`; branches of several steps are made with `gather`, `task_group` or `branch`.
    """

    __slots__ = ("__weakref__", "_main", "_on_interrupt", "_work")

    def __init__(self, work: SessionWork, *, on_interrupt: OnInterrupt = "ask") -> None:
        """`on_interrupt` is for steps that do not say it themselves."""
        self._work = work
        self._on_interrupt = on_interrupt
        self._main = Branch(work.recorder.session_id, "", None)

    @property
    def session_id(self) -> str:
        return self._main.session_id

    @property
    def flow_id(self) -> str:
        """The name of the flow."""
        return self._work.session.flow

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits; the same over every restart."""
        return self._work.session.trace_id

    @property
    def start_time(self) -> datetime:
        """When the session was created, in UTC."""
        return datetime.fromtimestamp(self._work.session.created_ns / NS, UTC)

    @property
    def state(self) -> SessionState:
        return self._work.session.state

    @property
    def data(self) -> SessionData:
        """The session as this worker knows it."""
        return self._work.session

    @property
    def tracer(self) -> FlowTracer | None:
        """For spans of one's own inside steps; None when nothing is collected."""
        return self._work.tracer

    @property
    def idempotency_key(self) -> str:
        """Inside a step: a UUID that is the same for every attempt at it, to be given to the service it calls."""
        step = running_step.get()
        if step is None or step.session_id != self.session_id:
            raise InvalidStep("idempotency_key", "read outside of a step", "read it in the function that the step runs")
        return step.idempotency_key

    def step(  # noqa: PLR0913 - options that are all given by name
        self,
        function: Callable[..., Any],
        *args: Any,
        key: str | int | None = None,
        name: str | None = None,
        on_interrupt: OnInterrupt | None = None,
        retry: Retry | None = None,
        timeout: float | None = None,
        operation: str = "step",
        **kwargs: Any,
    ) -> Coroutine[Any, Any, Any]:
        """Runs `function(*args, **kwargs)` once and keeps its result; awaited again after a restart, it gives that result.

        The step is identified here and not when it is awaited: by its branch, its name (that of the function unless `name` is given)
        and `key`, else by the how-manieth of that name in its branch it is. `on_interrupt` says what to do when a crash caught it in
        the middle: `"ask"` a person (the default), `"rerun"` it, `"fail"`, or a function that is called with the same arguments and
        gives `Happened(result)` or `NotHappened()`. `timeout` is in seconds, `operation` what the step's span is (`tool`, `llm`, …).

        Awaiting it raises what the function raised, as `StepFailed` if that cannot be kept; `StepChanged` when the journal knows the
        step with other arguments; `UnstorableValue` when its result cannot be kept. Raises `InvalidStep` at once.
        """
        facts = facts_of(function)
        name = name or facts.name
        self._refuse_inside_step(name)
        call = StepCall(
            identity=self._call(name, key),
            name=name,
            function=function,
            facts=facts,
            args=args,
            kwargs=kwargs,
            on_interrupt=declared(name, on_interrupt or facts.on_interrupt or self._on_interrupt),
            retry=retry or ONCE,
            timeout=timeout,
            operation=operation,
        )
        return perform(self._work, call)

    def gather(self, *parts: Awaitable[Any]) -> Coroutine[Any, Any, list[Any]]:
        """Runs coroutines beside each other, each in a branch of its own, and gives their results in order.

        The first that fails ends the others; its error is raised when they have ended.
        """
        with closing_refused(*parts):
            branches = self.new_branches(GATHER, len(parts))
        return gather(self._work, branches, parts)

    def task_group(self) -> StepTaskGroup:
        """Like `asyncio.TaskGroup()`: each task is a branch of its own."""
        branch = self._branch()
        return StepTaskGroup(self._work, branch, branch.group(GROUP))

    @contextmanager
    def branch(self, name: str) -> Iterator[None]:
        """Steps inside belong to a branch of that name. Needed in tasks that the session did not start."""
        branch = Branch(self.session_id, self._branch().inner(name), None)
        try:
            with entered(branch):
                yield
        except asyncio.CancelledError:
            self._leave_out(branch)
            raise

    def ask(
        self,
        question: str,
        *,
        schema: Any = None,
        deadline: float | timedelta | datetime | None = None,
        key: str | int | None = None,
        name: str = "ask",
    ) -> Coroutine[Any, Any, Any]:
        """Puts a question to a person and waits, over any number of restarts; the answer is of the type `schema`.

        While nothing else is going on the session waits: that time counts towards no timeout, and another session has its turn. After
        the `deadline` (a moment, or seconds from when the question was put) `QuestionExpired` is raised. An answer that came late is used if
        nobody worked on the session when the deadline passed.
        """
        self._refuse_inside_step(name)
        step = self._call(name, key)
        put = Question(
            text=question, schema=schema_of(schema), deadline_ns=deadline_ns(deadline, self._work.recorder.now_ns())
        )
        return ask(self._work, step, put, schema)

    def version(self, name: str, newest: int = 2, *, oldest: int = 1) -> Coroutine[Any, Any, int]:
        """Which version of a piece of code this session runs: `if await session.version("fees") >= 2: …`.

        The first time that a session comes here it gets the `newest` version, and keeps it for good, wherever that name is asked for. One that
        had been further before this call was there gets version 1. Awaiting it raises `StepChanged` when the version that the session has is
        none from `oldest` to `newest`, because code was taken out that it needs or an earlier release runs.
        """
        self._refuse_inside_step(name)
        if not 1 <= oldest <= newest:
            raise InvalidStep(name, f"versions from {oldest} to {newest}", "count versions from 1, the oldest first")
        return choose_version(self._work, name, self._branch().identity, range(oldest, newest + 1))

    def new_branches(self, group: str, count: int) -> list[Branch]:
        """For whoever runs them beside each other."""
        outer = self._branch()
        ordinal = outer.group(group)
        return [Branch(self.session_id, outer.member(group, ordinal, str(number)), None) for number in range(count)]

    @property
    def stopped_by(self) -> SessionError | None:
        """Why nothing more may begin."""
        return self._work.stopped_by

    async def checkpoint(self) -> None:
        """Everything so far is durable when this returns; only needed without auto-save."""
        await self._work.checkpoint()

    async def fork(self, from_step: str, *, new_id: str | None = None) -> SessionData:
        """A new session that has what this one had done when that step was first heard of; see `SessionManager.fork`.

        In a flow it belongs into a step, like everything that others can see, and with a `new_id`, so that it is done once.
        """
        await self._work.checkpoint()
        return await self._work.keeper.fork(self.session_id, from_step, new_id)

    def begin_here(self) -> None:
        """The flow is this task or thread: others call its steps with keys, or in branches of their own."""
        self._main.owner = caller_here()

    def _call(self, name: str, key: object) -> str:
        """The identity of a step that is called now."""
        step = self._branch().step(name, _text(name, key))
        self._work.passage.call(step)
        return step

    def _leave_out(self, branch: Branch) -> None:
        """It was cancelled: how far it came is no matter of the flow's code."""
        self._work.passage.leave_out(branch.identity)

    def _branch(self) -> Branch:
        return current_branch(self._main.session_id) or self._main

    def _refuse_inside_step(self, name: str) -> None:
        step = running_step.get()
        if step is not None and step.session_id == self.session_id:
            raise InvalidStep(
                name, f"called inside the step {step.identity!r}", "call steps from the flow, not from steps"
            )


def _text(name: str, key: object) -> str | None:
    if key is None or isinstance(key, str):
        return key
    if isinstance(key, int):
        return str(key)
    raise InvalidStep(name, f"a key of type {type(key).__name__}", "use a text or a whole number as key")
