"""Steps of a plan carried out without a session: nothing is kept, everything else is the same."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeAlias, get_args

import msgspec

from reev_flow.clock import Clock, random_bytes
from reev_flow.errors import InvalidAnswer, StepTimeout
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
from reev_flow.flows.step_call import result_of
from reev_flow.flows.threads import step_threads
from reev_flow.sessions.history import Standing
from reev_flow.sessions.identity import idempotency_key
from reev_flow.sessions.journal import Effect

Ask: TypeAlias = Callable[[str], Any]
"""Puts a question to a person and gives the answer; a coroutine function, or a plain one, which is run in a thread."""

NS = 1_000_000_000


class MemoryCarrier:
    """Runs steps in memory. Without `ask` there is nobody to ask, and a step that would ask stays failed."""

    def __init__(self, run_step: RunStep, tools: Tools, clock: Clock, ask: Ask | None = None) -> None:
        self._runner = runner_of(run_step)
        self._tools = tools
        self._clock = clock
        self._ask = ask
        self._run_id = random_bytes(8).hex()
        self._threads = step_threads()

    async def run(self, order: StepOrder) -> StepRun:
        watch = Watch(tell=partial(self._told, order))
        started_ns = self._clock.monotonic_ns()
        value, error = await self._attempts(order, watch)
        return StepRun(
            value=value,
            error=None if error is None else error_of(error),
            attempts=watch.attempt,
            duration_seconds=(self._clock.monotonic_ns() - started_ns) / NS,
        )

    async def ask(self, inquiry: Inquiry) -> Decision | None:
        if self._ask is None:
            return None
        try:
            async with asyncio.timeout(inquiry.deadline_seconds) as limit:
                answer = await result_of(self._threads, self._ask, (inquiry.text,), {})
        except TimeoutError:
            if not limit.expired():
                raise
            return None
        try:
            decision: Decision = msgspec.convert(answer, Decision)
        except msgspec.ValidationError as error:
            wanted = f"{answer!r}, wanted is one of {', '.join(get_args(Decision))}"
            raise InvalidAnswer("", inquiry.step_id, wanted) from error
        return decision

    def close(self) -> None:
        """Of a function that runs nobody waits any longer."""
        self._threads.shutdown(cancel_futures=True)

    def standing(self, step_id: str, number: int, *, is_question: bool = False) -> Standing | None:  # noqa: ARG002 - the promise names them
        return None

    def instead_of(self, step_id: str) -> AbstractContextManager[None]:  # noqa: ARG002 - the promise names it
        return nullcontext()

    async def _attempts(self, order: StepOrder, watch: Watch) -> tuple[Any, Exception | None]:
        while True:
            watch.attempt += 1
            try:
                return await self._attempt(order, watch), None
            except Exception as error:  # noqa: BLE001 - whatever a step raises is its outcome
                if not order.retry.follows(error, watch.attempt, Effect(order.effect)):
                    return None, error
            await asyncio.sleep(order.retry.wait_ns(watch.attempt) / NS)

    async def _attempt(self, order: StepOrder, watch: Watch) -> Any:
        seconds = order.step.timeout_seconds
        try:
            async with asyncio.timeout(seconds) as limit:
                return await result_of(self._threads, self._runner, (watch, order.step, order.prompt), {})
        except TimeoutError as error:
            if seconds is None or not limit.expired():
                raise
            raise StepTimeout("", order.step.step_id, seconds) from error

    def _told(self, order: StepOrder, prompt: str, watch: Watch) -> StepContext:
        return StepContext(
            flow_id=order.flow_id,
            prompt=prompt,
            results=order.results,
            values=order.values,
            tools=self._tools,
            attempt=watch.attempt,
            idempotency_key=idempotency_key(self._run_id, "/".join((*order.path, order.step.step_id))),
        )
