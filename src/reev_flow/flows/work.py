"""One session while a worker moves it on: what its steps and questions share."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import msgspec

from reev_flow.errors import InvalidState, InvalidStep, SessionError, SessionInterrupted
from reev_flow.flows.catching_up import CatchingUp
from reev_flow.flows.passage import Passage
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.flows.unsaved import Unsaved
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import Message, SessionData
from reev_flow.sessions.identity import idempotency_key
from reev_flow.sessions.recorder import Recorder
from reev_flow.sessions.state import SessionState

A_MOMENT_SECONDS = 0.02


class Keeper(Protocol):
    """Who gives a worker's sessions their turn, their lease and their answers."""

    threads: Executor  # where steps that are not coroutines run
    unsaved: Unsaved

    async def rest(self, work: "SessionWork") -> None:
        """The session waits for answers alone: others may have its turn, and its lease."""

    async def fork(self, session_id: str, from_step: str, chosen_id: str | None) -> SessionData:
        """A new session that begins with what is stored of that one before the step."""

    async def go_on(self, work: "SessionWork") -> None:
        """The session has something to do again. Returns when it has a turn and a lease."""

    async def look_for_answers(self, work: "SessionWork") -> None:
        """Reads what was sent to the session so far, gives it to `work.deliver`, and goes on looking as long as questions are open."""


class OpenQuestion(msgspec.Struct, frozen=True):
    """A question that is put, and its answer once it comes."""

    step: str
    text: str
    deadline_ns: int | None
    answer: "asyncio.Future[Message]"


class RunningStep(msgspec.Struct, frozen=True, gc=False):
    """The step that the code that asks runs inside of."""

    session_id: str
    identity: str
    attempt: int

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt at the step, and for no other step: to be given to the service that the step calls."""
        return idempotency_key(self.session_id, self.identity)


running_step: ContextVar[RunningStep | None] = ContextVar("reev_flow_step", default=None)


def current_step() -> RunningStep:
    """The step that the code runs inside of. Raises `InvalidStep` outside of steps."""
    step = running_step.get()
    if step is None:
        raise InvalidStep("current_step", "read outside of a step", "read it in the function that the step runs")
    return step


class SessionWork:
    """Shared by the handle of a session and whoever keeps it. Used in the thread of one event loop."""

    __slots__ = (
        *("auto_save", "catching_up", "keeper", "on_rest", "passage", "recorder", "root", "stopped_by", "tracer"),
        *("_questions", "_resting", "_step_tasks", "_was_cancelled", "_will_rest", "_wound_down"),
    )

    def __init__(
        self, recorder: Recorder, keeper: Keeper, *, tracer: FlowTracer | None = None, auto_save: bool = True
    ) -> None:
        self.recorder = recorder
        self.passage = Passage(recorder.session_id, recorder.history)
        self.catching_up = CatchingUp(self.passage)
        self.keeper = keeper
        self.tracer = tracer
        self.auto_save = auto_save
        self.root: asyncio.Task[Any] | None = None
        self.stopped_by: SessionError | None = None
        self.on_rest: Callable[[], None] | None = None  # called when the session begins to wait
        self._step_tasks: set[asyncio.Task[Any]] = set()
        self._questions: dict[str, OpenQuestion] = {}
        self._will_rest = False
        self._was_cancelled = False
        self._wound_down: asyncio.Event | None = None  # there while it winds down, and set when that is over
        self._resting: asyncio.Task[None] | None = None  # kept: the loop only remembers tasks weakly

    @property
    def session(self) -> SessionData:
        return self.recorder.session

    @property
    def open_questions(self) -> tuple[tuple[str, str], ...]:
        """By step, with their texts."""
        return tuple((question.step, question.text) for question in self._questions.values())

    @property
    def deadline_ns(self) -> int | None:
        """When the first of the open questions is waited for no longer."""
        deadlines = [question.deadline_ns for question in self._questions.values()]
        return min((moment for moment in deadlines if moment is not None), default=None)

    @property
    def tasks(self) -> "set[asyncio.Task[Any]]":
        """The flow's own, and those of steps that run."""
        return self._step_tasks | (set() if self.root is None else {self.root})

    def save(self) -> Awaitable[None]:
        """Everything noted so far is durable when it was awaited; without auto-save that is left to a checkpoint."""
        return self.checkpoint() if self.auto_save else _nothing()

    def checkpoint(self) -> Awaitable[None]:
        return self.acknowledged(self.recorder.commit())

    async def acknowledged(self, commit: Future[None]) -> None:
        """Raises what went wrong first."""
        try:
            await awaited(commit)
        except SessionError as error:
            raise self.recorder.cause(error) from error.__cause__

    def save_soon(self) -> None:
        """For what need not be waited for: it rides with the next commit, or has one of its own when there is none for a while."""
        if self.auto_save:
            self.keeper.unsaved.add(self.recorder)

    @property
    def is_stepping(self) -> bool:
        """Whether a step may begin at once."""
        return self.stopped_by is None and self._wound_down is None and self.recorder.state is SessionState.RUNNING

    async def enter_step(self) -> None:
        """Raises what the session was stopped by. A session that waits gets its turn back first."""
        await self.may_begin()
        if self.session.state is SessionState.WAITING:
            await self.keeper.go_on(self)

    async def may_begin(self) -> None:
        """Raises what the session was stopped by; while it winds down not before the steps that run have ended, because an error in one
        branch would cancel them in the others.
        """
        if self._wound_down is not None:
            await self._wound_down.wait()
        self.refuse_stopped()

    def refuse_stopped(self) -> None:
        """Raises that the session ended, or what it was stopped by."""
        if self.session.state.is_end:
            raise InvalidState(self.session.session_id, self.session.state, self.session.state)
        if self.stopped_by is not None:
            raise self.stopped_by

    async def refuse_another(self, step: str) -> None:
        """Raises `StepChanged` when a flow calls a step for the first time that stands where the journal has another one. Who calls steps by
        hand calls those that are left.
        """
        if self.root is not None and self.passage.has_another(step):
            await self.catching_up.wait_quietly()  # a branch that is about to be ended got further than before
            self.passage.refuse_another(step)

    def hold(self, task: "asyncio.Task[Any] | None") -> None:
        """A step is being worked on in this task."""
        if task is not None:
            self._step_tasks.add(task)

    def let_go(self, task: "asyncio.Task[Any] | None") -> None:
        if task is not None:
            self._step_tasks.discard(task)
        if self._wound_down is not None:
            self._end_if_idle()
        if self._questions:
            self.rest_later()

    def rest_later(self) -> None:
        """Gives the flow a moment to begin something else."""
        if self._questions and not self._will_rest:
            self._will_rest = True
            asyncio.get_running_loop().call_later(A_MOMENT_SECONDS, self._rest_soon)

    def _rest_soon(self) -> None:
        self._will_rest = False
        if self._questions and not self._step_tasks and self.stopped_by is None:
            self._resting = asyncio.get_running_loop().create_task(self.rest_if_idle())
            self._resting.add_done_callback(_see_error)

    @contextmanager
    def released(self) -> Iterator[None]:
        """The step of this task, if it is in one, waits for a person and not for work."""
        task = asyncio.current_task()
        was_held = task in self._step_tasks
        if task is not None:
            self._step_tasks.discard(task)
        try:
            yield
        finally:
            if was_held:
                self.hold(task)

    async def rest_if_idle(self) -> None:
        """A session waits when it asks something and no step is being worked on."""
        if self._questions and not self._step_tasks and self.session.state is SessionState.RUNNING:
            await self.keeper.rest(self)
            if self.on_rest is not None:
                self.on_rest()

    def expect(self, subject: str, step: str, text: str, deadline_ns: int | None = None) -> "asyncio.Future[Message]":
        """The answer to the question of that step, once it was sent."""
        question = self._questions.get(subject)
        if question is None:
            answer = asyncio.get_running_loop().create_future()
            question = self._questions[subject] = OpenQuestion(step, text, deadline_ns, answer)
        if self._was_cancelled:  # meanwhile: nobody else would tell who is about to wait
            question.answer.cancel()
        return question.answer

    def forget_question(self, subject: str) -> None:
        self._questions.pop(subject, None)

    def deliver(self, messages: tuple[Message, ...]) -> None:
        """Answers find their questions; what answers nothing stays where it is."""
        for message in messages:
            question = self._questions.get(message.subject)
            if question is not None and not question.answer.done():
                question.answer.set_result(message)

    def stop(self, error: SessionError) -> None:
        """What runs is cancelled, and nothing more may begin. The first reason counts."""
        if self.stopped_by is None:
            self.stopped_by = error
            self.cancel()

    def wind_down(self, error: SessionError) -> None:
        """Nothing more may begin. What runs is cancelled when the steps that run have ended."""
        if self.stopped_by is None:
            self.stopped_by = error
            self._wound_down = asyncio.Event()
            self._end_if_idle()

    def cancel(self) -> None:
        self._was_cancelled = True
        if self._wound_down is not None:
            self._wound_down.set()
        for task in self.tasks:
            task.cancel()
        for question in self._questions.values():
            question.answer.cancel()  # who waits for it looks why

    def _end_if_idle(self) -> None:
        if self._wound_down is not None and not self._wound_down.is_set() and not self._step_tasks:
            self.cancel()

    def close(self) -> None:
        """Nobody works on the session here any longer: what its flow left running is stopped."""
        self.stop(SessionInterrupted(self.session.session_id))


async def _nothing() -> None:
    pass


def _see_error(task: "asyncio.Task[None]") -> None:
    """A store that failed is told by the next write."""
    if not task.cancelled():
        task.exception()
