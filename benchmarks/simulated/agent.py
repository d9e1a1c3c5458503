"""An agent at work in a simulated world: it asks a model, runs tools, hands work to others, and every bit of it is a span of FlowTracer."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from random import Random
from typing import Any, NoReturn

from reev_flow.flows.tracing.operation import OperationSpan
from reev_flow.flows.tracing.tracer import FlowTracer, Kind
from simulated.clock import Stage
from simulated.deeds import Diary, ModelDeed, ToolDeed
from simulated.labels import Claim
from simulated.tools import Asked, Failure, Outcome, Toolbox
from simulated.vocabulary import Words

TOKENS_PER_CHARACTER = 0.25
MODELS = (
    "gpt-4.1-mini",
    "gpt-4.1",
    "claude-sonnet-4-5",
    "claude-haiku-4-5",
    "gemini-2.5-flash",
    "mistral-medium-3",
    "qwen3-32b",
)
Call = tuple[Asked, Outcome]


class Agent:
    """Holds the dice, the clock and the truth of one run.

    `fixed_tokens` is what descriptions of tools cost each time. What only the whole run can decide is noted on the way: calls that were
    made to take most of the time (`owners`) or tokens (`spenders`), gaps, calls that are slow beside their siblings (`slow`) or meant to
    wait (`patient`). `below` are the requests that were sent for a call.
    """

    def __init__(self, dice: Random, stage: Stage) -> None:
        self.dice = dice
        self.words = Words(dice)
        self.toolbox = Toolbox(dice)
        self.tracer = FlowTracer(provider=stage.provider, content=True)
        self.now_ns = stage.now_ns
        self.model_name = dice.choice(MODELS)
        self.pace = dice.uniform(0.008, 0.02)  # seconds for each token that the model writes
        self.fixed_tokens = dice.randint(150, 700)
        self.caches = self.tells_cache = False
        self.thinks_aloud = dice.random() < 0.5
        self.shows_requests = dice.random() < 0.4
        self.below: dict[str, list[str]] = {}
        self.name = self.words.made_up()
        self.diary = Diary(question=self.words.text(dice.randint(8, 30)))
        self.history: list[dict[str, Any]] = [
            message("system", self.words.text(20)),
            message("user", self.diary.question),
        ]
        self.expected: list[Claim] = []
        self.debatable: list[Claim] = []
        self.open_failures: list[ToolDeed] = []
        self.owners: list[str] = []
        self.gaps: list[tuple[int, int]] = []
        self.slow: list[str] = []
        self.patient: list[str] = []
        self.admits = dice.random() < 0.6
        self.spenders: list[tuple[str, ...]] = []
        self.branches: list[str] = []
        self.report_words = 0
        self.answer_limit = 0
        self.sent_tokens = 0

    # what is true

    def expect(self, code: str, *spans: str, because: str = "") -> None:
        self.expected.append(Claim(code=code, spans=spans, because=because))

    def may(self, code: str, *spans: str, because: str = "") -> None:
        self.debatable.append(Claim(code=code, spans=spans, because=because))

    # time

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def breathe(self) -> None:
        """What the program itself takes between two pieces of work."""
        await self.pause(self.dice.uniform(0.0005, 0.006))

    # models

    async def ask(
        self,
        *asked: Asked,
        answer: str = "",
        finish: str | None = None,
        written_tokens: int | None = None,
        seconds: float | None = None,
        failure: Failure | None = None,
        says_so: bool = False,
    ) -> ModelDeed:
        """One call of the model, which sends everything said so far. Saying nothing can be said, as a text without a word."""
        await self.breathe()
        if asked and not answer and self.thinks_aloud and self.dice.random() < 0.7:
            answer = self.words.text(self.dice.randint(5, 18))
        calls = [(f"call_{self.dice.getrandbits(40):010x}", one) for one in asked]
        said = message("assistant", "") if says_so else reply(answer, calls)
        written = written_tokens or max(8, round(len(json.dumps(said)) * TOKENS_PER_CHARACTER))
        finish = finish or ("tool_calls" if calls else "stop")
        sent = self.fixed_tokens + round(sum(len(json.dumps(one)) for one in self.history) * TOKENS_PER_CHARACTER)
        with self.tracer.operation("llm", self.model_name, arguments=list(self.history)) as span:
            deed = ModelDeed(
                span_id=span.span_id, start_ns=self.now_ns(), answer=answer, finish=finish, asked=calls, agent=self.name
            )
            self.diary.models.append(deed)
            usual = 0.25 + written * self.pace * self.dice.uniform(0.85, 1.15)
            await self._request(deed.span_id, seconds or (failure.seconds if failure else 0) or usual, is_model=True)
            if failure is not None:
                deed.end_ns = self.now_ns()
                fail_with(failure)
            cached = min(self.sent_tokens, sent) // 128 * 128 if self.caches and self.sent_tokens >= 1_024 else 0
            deed.input_tokens, deed.output_tokens, deed.cached_tokens = sent, written, cached
            self._tell_usage(span, deed)
            span.result([{**said, "finish_reason": finish}])
            deed.end_ns = self.now_ns()
        self.sent_tokens = sent + written
        self.history.append(said)
        return deed

    def _tell_usage(self, span: OperationSpan, deed: ModelDeed) -> None:
        span.usage(input_tokens=deed.input_tokens, output_tokens=deed.output_tokens)
        span.span.set_attribute("gen_ai.response.finish_reasons", [deed.finish])
        if self.caches or self.tells_cache:
            span.span.set_attribute("gen_ai.usage.cache_read.input_tokens", deed.cached_tokens)

    # tools

    async def run(
        self, asked: Asked, outcome: Outcome, *, call_id: str | None = None, asker: ModelDeed | None = None
    ) -> ToolDeed:
        """One execution. A failure is kept in the deed and not raised: agents hand it to their model."""
        await self.breathe()
        call_id = call_id or f"call_{self.dice.getrandbits(40):010x}"
        span = self.tracer.operation("tool", asked.tool.name, arguments=asked.arguments, call_id=call_id)
        try:
            with span:
                deed = ToolDeed(
                    span_id=span.span_id, asked=asked, call_id=call_id, outcome=outcome, start_ns=self.now_ns()
                )
                self.diary.tools.append(deed)
                if asker is not None:
                    asker.tools.append(deed)
                else:
                    self.diary.is_plain = False
                usual = asked.tool.seconds * self.dice.lognormvariate(0, 0.35)
                limit = outcome.failure.seconds if outcome.failure else 0
                await self._request(deed.span_id, outcome.seconds or limit or usual)
                deed.end_ns = self.now_ns()
                if outcome.failure is not None:
                    fail_with(outcome.failure)
                span.result(outcome.result)
        except Exception as error:
            if outcome.failure is None:
                raise
            self.hear_error(call_id, error)
        else:
            self._hears(call_id, outcome.result)
        return deed

    def _hears(self, call_id: str, result: Any) -> None:
        self.history.append(
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": call_id, "response": result}]}
        )

    async def _request(self, span_id: str, seconds: float, *, is_model: bool = False) -> None:
        """At times as spans of its own; a request that fails below and is sent again is nobody's concern."""
        verb = "POST" if is_model else self.dice.choice(("GET", "POST", "SELECT", "HTTP"))
        fails, shows = self.dice.random() < 0.05, self.shows_requests and self.dice.random() < 0.6
        if not shows:
            await self.pause(seconds)
            return
        below = self.below.setdefault(span_id, [])
        await self.pause(0.01 * seconds)
        if fails:
            with suppress(ConnectionResetError), self.tracer.operation("other", verb) as span:
                below.append(span.span_id)
                await self.pause(0.2 * seconds)
                raise ConnectionResetError(104, "Connection reset by peer")
        with self.tracer.operation("other", verb) as span:
            below.append(span.span_id)
            await self.pause((0.79 if fails else 0.99) * seconds)

    def hear_from(self, text: str) -> None:
        """What others found out for it, so that its model is told."""
        self.history.append(message("user", text))

    def hear_error(self, call_id: str, error: Exception) -> None:
        self._hears(call_id, f"Error: {type(error).__name__}: {error}")

    async def turn(self, *calls: Call, side_by_side: bool = True) -> list[ToolDeed]:
        """The model asks for these calls, and they are run."""
        asker = await self.ask(*(asked for asked, _ in calls))
        works = [
            self.run(asked, outcome, call_id=call_id, asker=asker)
            for (call_id, _), (asked, outcome) in zip(asker.asked, calls, strict=True)
        ]
        if side_by_side and len(works) > 1:
            return list(await asyncio.gather(*works))
        return [await work for work in works]

    # other work

    def inside(self, kind: Kind, name: str, arguments: object = None) -> AbstractContextManager[OperationSpan]:
        """A flow, a step, an agent or anything else around what is done in it."""
        self.diary.is_plain = False
        return self.tracer.operation(kind, name, arguments=arguments)

    def fork(self, name: str, task: str) -> "Agent":
        """Another agent of the same run, which knows nothing but its task."""
        other = copy(self)
        other.name, other.sent_tokens = name, 0
        other.history = [message("system", self.words.text(12)), message("user", task)]
        return other


def message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def reply(answer: str, calls: Sequence[tuple[str, Asked]]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"type": "text", "content": answer}] if answer else []
    parts += [
        {"type": "tool_call", "id": call_id, "name": one.tool.name, "arguments": one.arguments}
        for call_id, one in calls
    ]
    return {"role": "assistant", "parts": parts}


def fail_with(failure: Failure) -> NoReturn:
    """By an exception of a class of that name, as some library has it."""
    kind = type(failure.kind, (Exception,), {"__module__": failure.module})
    raise kind(failure.text)
