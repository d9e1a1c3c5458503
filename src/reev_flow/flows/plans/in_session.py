"""Steps of a plan carried out as durable steps of a session."""

from contextlib import AbstractContextManager
from functools import partial

import msgspec
from msgspec.structs import replace

from reev_flow.clock import Clock
from reev_flow.errors import (
    InvalidStep,
    QuestionExpired,
    SessionCorruption,
    SessionError,
    StepFailed,
    StepInDoubt,
    StepTimeout,
)
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.changes import refuse_changed
from reev_flow.flows.plans.context import (
    Decision,
    Inquiry,
    RunStep,
    StepContext,
    StepOrder,
    StepRun,
    Tools,
    Watch,
    error_of,
    runner_of,
)
from reev_flow.flows.plans.plan import DynamicFlowPlan, all_steps, decode_plan
from reev_flow.flows.work import SessionWork, running_step
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.sessions.identity import idempotency_key, parse_identity, step_identity

NS = 1_000_000_000
STEP_ERRORS = (StepFailed, StepTimeout, StepInDoubt)


class SessionCarrier:
    """Each run of a step is one step of the session, with its name as key; what runs instead of a step runs in a branch."""

    def __init__(self, session: SessionHandle, run_step: RunStep, tools: Tools, clock: Clock) -> None:
        self._session = session
        self._runner = runner_of(run_step)
        self._tools = tools
        self._clock = clock

    @property
    def is_new(self) -> bool:
        """Whether no worker left anything to be read."""
        return not _work(self._session).recorder.history

    async def run(self, order: StepOrder) -> StepRun:
        history = self._history(order.step.step_id, order.number)
        standing = None if history is None else history.standing
        watch = Watch(tell=partial(self._told, order), attempt=0 if history is None else history.attempts)
        attempts_before, started_ns = watch.attempt, self._clock.monotonic_ns()
        value, error = None, None
        try:
            value = await self._session.step(
                partial(self._runner, watch, order.step),
                prompt=order.prompt,
                name=order.step.step_id,
                key=_key(order.step.step_id, order.number),
                on_interrupt=order.effect,
                retry=order.retry,
                timeout=order.step.timeout_seconds,
            )
        except Exception as raised:
            has_run = watch.attempt > attempts_before
            if standing is not Standing.FAILED and not _is_of_step(raised, watch, has_run=has_run):
                raise
            error = error_of(raised)
        passed_ns = self._clock.monotonic_ns() - started_ns
        return StepRun(
            value=value,
            error=error,
            attempts=watch.attempt,
            duration_seconds=passed_ns / NS if watch.attempt > attempts_before else None,
        )

    async def ask(self, inquiry: Inquiry) -> Decision | None:
        try:
            decision: Decision = await self._session.ask(
                inquiry.text,
                schema=Decision,
                deadline=inquiry.deadline_seconds,
                name=_question(inquiry.step_id),
                key=str(inquiry.number),
            )
        except QuestionExpired:
            return None
        return decision

    def standing(self, step_id: str, number: int, *, is_question: bool = False) -> Standing | None:
        history = self._history(step_id, number, is_question=is_question)
        return None if history is None else history.standing

    def instead_of(self, step_id: str) -> AbstractContextManager[None]:
        return self._session.branch(_instead(step_id))

    def _history(self, step_id: str, number: int, *, is_question: bool = False) -> StepHistory | None:
        name, key = (_question(step_id), str(number)) if is_question else (step_id, _key(step_id, number))
        identity = step_identity(_branch(self._session), name, key=key)
        return _work(self._session).recorder.history.get(identity)

    def _told(self, order: StepOrder, prompt: str, watch: Watch) -> StepContext:
        running = running_step.get()
        assert running is not None  # noqa: S101 - a session calls functions inside of steps
        # Another run of the step is another step of the session, and yet the same payment.
        branch, step_id = running.identity.rpartition("/")[0], order.step.step_id
        key = idempotency_key(running.session_id, step_identity(branch, step_id, key=_key(step_id, 1)))
        watch.attempt = running.attempt
        return StepContext(
            flow_id=order.flow_id,
            prompt=prompt,
            results=order.results,
            values=order.values,
            tools=self._tools,
            attempt=running.attempt,
            idempotency_key=key,
            session_id=running.session_id,
            tracer=self._session.tracer,
        )


def stored_plan(session: SessionHandle) -> DynamicFlowPlan | None:
    """The plan that the session was started or last resumed with; None when it was started without."""
    return read_plan(session.data) if session.data.definition else None


def read_plan(session: SessionData) -> DynamicFlowPlan:
    """The plan of a session that has one. Raises `SessionCorruption` for what no release wrote there."""
    try:
        return decode_plan(session.definition)
    except msgspec.DecodeError as error:
        raise SessionCorruption(session.session_id, f"its plan cannot be read ({error})") from error


def adopt_plan(session: SessionHandle, plan: DynamicFlowPlan) -> None:
    """From now on the plan is the session's. Raises `PlanChanged` when it differs in what the session has begun."""
    _leave_out(session, plan)
    digest = plan.digest()
    if session.data.digest == digest:
        return
    history, branch = _work(session).recorder.history, _branch(session)
    stored = stored_plan(session)
    if stored is not None:
        refuse_changed(stored, plan, lambda step_id: step_identity(branch, step_id, key=step_id) in history)
    recorder = _work(session).recorder
    recorder.session = replace(recorder.session, digest=digest, definition=plan.encoded())  # kept with the next commit


def _leave_out(session: SessionHandle, plan: DynamicFlowPlan) -> None:
    """A plan says itself what must stay as it was, and what becomes of a step may depend on which other one failed first."""
    names = {step.step_id for step in all_steps(plan)}
    of_plan = names | {_question(name) for name in names} | {_instead(name) for name in names}
    _work(session).passage.leave_out(
        _branch(session), lambda behind: parse_identity(behind.partition("/")[0]).name in of_plan
    )


def _is_of_step(error: Exception, watch: Watch, *, has_run: bool) -> bool:
    """Whether it says how the step went, and not that the session cannot go on."""
    if error is watch.error or isinstance(error, STEP_ERRORS):
        return True
    return has_run and not isinstance(error, SessionError | InvalidStep)


def _key(step_id: str, number: int) -> str:
    return step_id if number == 1 else f"{step_id} {number}"


def _question(step_id: str) -> str:
    """The name of the questions about a step; no step has a number as key."""
    return f"ask-{step_id}"


def _instead(step_id: str) -> str:
    """The branch of what runs in place of a step."""
    return f"instead of {step_id}"


def _work(session: SessionHandle) -> SessionWork:
    return session._work  # noqa: SLF001 - the handle shows flows less than this room may know


def _branch(session: SessionHandle) -> str:
    return session._branch().identity  # noqa: SLF001 - as above
