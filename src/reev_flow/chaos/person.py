"""A careful person beside a run: answers what it asks, and of steps in doubt says what the books of the outside world say."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from reev_flow.chaos.ledger import Ledger
from reev_flow.clock import Clock
from reev_flow.errors import AlreadyAnswered, NoSuchQuestion, SessionCorruption, SessionNotFound
from reev_flow.runtime.inbox import Asked, open_questions, send_answer
from reev_flow.sessions.identity import idempotency_key, parse_identity
from reev_flow.sessions.store import SessionStore

LOOKS_EVERY_SECONDS = 0.004


class NeedsAnswer(Exception):
    """A question that nobody said how to answer."""

    def __init__(self, step: str, question: str) -> None:
        super().__init__(step, question)
        self.step = step
        self.question = question


def keep_quiet(_: str) -> None:
    """Nobody wants to hear it."""


class Person(msgspec.Struct, frozen=True):
    """`answers` are by the identity or the name of the step that asks; `tell` hears the subject of each question whose answer was kept."""

    store: SessionStore
    clock: Clock
    ledger: Ledger
    answers: Mapping[str, Any]
    tell: Callable[[str], None] = keep_quiet

    async def attend(self, session_id: str) -> None:
        """Until cancelled. Raises `NeedsAnswer`."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_SECONDS)
            for step, asked in (await self._questions(session_id)).items():
                answer = self._about_doubt(session_id, step) if asked.question.in_doubt else self._answer(step, asked)
                if await self._send(session_id, step, answer):
                    self.tell(asked.subject)

    async def _questions(self, session_id: str) -> dict[str, Asked]:
        try:
            return await open_questions(self.store, session_id)
        except (SessionNotFound, SessionCorruption):  # not yet, or told by whoever compares
            return {}

    async def _send(self, session_id: str, step: str, answer: Any) -> bool:
        """Whether it was kept."""
        try:
            await send_answer(self.store, self.clock, session_id, answer, step=step, sender="chaos")
        except (AlreadyAnswered, NoSuchQuestion):  # another worker's person was quicker
            return False
        return True

    def _about_doubt(self, session_id: str, step: str) -> Any:
        key = idempotency_key(session_id, step)
        happened = [one for one in self.ledger.read() if one.key == key]
        return {"happened": True, "result": happened[-1].result} if happened else False

    def _answer(self, step: str, asked: Asked) -> Any:
        for name in (step, parse_identity(step).name):
            if name in self.answers:
                return self.answers[name]
        schema = msgspec.json.decode(asked.question.schema or b"{}")
        if schema.get("type") == "boolean":
            return True
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return schema["enum"][0]
        raise NeedsAnswer(step, asked.question.text)
