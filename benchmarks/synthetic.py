"""Agent runs of any size, made up: the same for the same seed, in the proportions of real ones.

One flow holds agents one after the other. An agent takes turns: a model call with its HTTP request, then the tools it asked for, side
by side, each with its own plumbing. Every 30th tool call or so fails, most of these are asked again; every 50th question is asked
twice. A span carries about 1.2 KB of attributes.
"""

import random
from collections.abc import Iterator

import msgspec

from reev_flow.trace.span import (
    Attributes,
    ModelUse,
    Operation,
    Source,
    Span,
    SpanKind,
    Status,
    TokenUsage,
    ToolRequest,
    ToolUse,
    Value,
)

START_NS = 1_750_000_000_000_000_000
MS = 1_000_000
ATTRIBUTE_BYTES = 1_200
FAILURE_RATE = 1 / 30
RETRY_RATE = 0.8  # of what failed
REPEAT_RATE = 1 / 50
TURNS_OF_AN_AGENT = (3, 9)
TOOLS = (
    "search_web", "fetch_page", "read_file", "list_files", "run_tests", "edit_file", "query_orders", "get_weather", "send_email", "get_status"
)  # fmt: skip
MODELS = ("gpt-4.1", "gpt-4.1-mini", "claude-sonnet-4-5")
WORDS = [
    "the",
    "order",
    "was",
    "shipped",
    "on",
    "monday",
    "and",
    "arrives",
    "by",
    "friday",
    "if",
    "customs",
    "clear",
    "it",
    "in",
    "time",
    "for",
    "delivery",
    "to",
    "the",
    "door",
]
SOURCE = Source(
    service="synthetic", scope="benchmarks.synthetic", scope_version="1", resource={"service.name": "synthetic"}
)


def agent_run(spans: int, *, seed: int = 1, trace_id: str | None = None) -> list[Span]:
    """Exactly so many spans of one trace, in the order they ended, as an exporter sends them."""
    run = _Run(seed, trace_id or f"{seed:032x}")
    made = run.flow(spans)
    return sorted(made, key=lambda span: (span.end_ns, -span.start_ns, span.span_id))


class _Run:
    """The dice, the clock and the ids of one run."""

    def __init__(self, seed: int, trace_id: str) -> None:
        self._dice = random.Random(seed)
        self._trace_id = trace_id
        self._now_ns = START_NS
        self._ids = 0

    def flow(self, spans: int) -> list[Span]:
        root = self._open(None, "flow plan_week", Operation.FLOW)
        made: list[Span] = []
        while len(agent := list(self._agent(root))) < spans - len(made):
            made.extend(agent)
        made.extend(self._plumbing(root, "GET", 60 * MS) for _ in range(spans - 1 - len(made)))
        return [*made, self._close(root, output=self._text(200))]

    def _agent(self, parent: Span) -> Iterator[Span]:
        name = self._dice.choice(("planner", "researcher", "writer"))
        agent = self._open(parent, f"invoke_agent {name}", Operation.AGENT, agent=name)
        requests: tuple[ToolRequest, ...] = ()
        for turn in range(self._dice.randint(*TURNS_OF_AN_AGENT)):
            if not requests or self._dice.random() > REPEAT_RATE:
                requests = self._requests(turn)
            yield from self._model_call(agent, requests)
            yield from self._tool_calls(agent, requests)
        yield from self._model_call(agent, ())
        yield self._close(agent, output=self._text(200))

    def _requests(self, turn: int) -> tuple[ToolRequest, ...]:
        return tuple(
            ToolRequest(
                name=self._dice.choice(TOOLS),
                call_id=f"call_{self._ids}_{number}",
                arguments={"query": self._text(40), "page": turn},
            )
            for number in range(self._dice.randint(1, 3))
        )

    def _model_call(self, parent: Span, asked: tuple[ToolRequest, ...]) -> Iterator[Span]:
        name = self._dice.choice(MODELS)
        call = self._open(parent, f"chat {name}", Operation.LLM, kind=SpanKind.CLIENT)
        yield self._plumbing(call, "POST", 400 * MS)
        usage = TokenUsage(input=self._dice.randint(200, 9_000), output=self._dice.randint(20, 900), cache_read=128)
        model = ModelUse(
            name=name,
            provider="openai",
            answer=None if asked else self._text(200),
            asked=asked,
            finish_reasons=("tool_calls" if asked else "stop",),
        )
        yield self._close(call, model=model, usage=usage)

    def _tool_calls(self, parent: Span, requests: tuple[ToolRequest, ...]) -> Iterator[Span]:
        began_ns = self._now_ns
        ends_ns = []
        for request in requests:
            self._now_ns = began_ns + self._dice.randint(0, 3) * MS
            yield from self._tool_call(parent, request, fails=self._dice.random() < FAILURE_RATE)
            ends_ns.append(self._now_ns)
        self._now_ns = max(ends_ns)

    def _tool_call(self, parent: Span, request: ToolRequest, *, fails: bool) -> Iterator[Span]:
        use = ToolUse(name=request.name, call_id=request.call_id)
        call = self._open(parent, f"execute_tool {request.name}", Operation.TOOL, tool=use, input=request.arguments)
        for verb in self._dice.choices(("GET", "SELECT", "SET"), k=self._dice.randint(0, 2)):
            yield self._plumbing(call, verb, 60 * MS)
        if not fails:
            yield self._close(call, output=_rows(request))
            return
        yield self._close(call, status=Status.ERROR, status_message="HTTP 503: service unavailable")
        if self._dice.random() < RETRY_RATE:
            yield from self._tool_call(parent, request, fails=False)

    def _plumbing(self, parent: Span, name: str, longest_ns: int) -> Span:
        span = self._open(parent, name, Operation.OTHER, kind=SpanKind.CLIENT)
        self._now_ns += self._dice.randint(longest_ns // 20, longest_ns)
        return self._close(span)

    def _open(self, parent: Span | None, name: str, operation: Operation, **fields: object) -> Span:
        self._ids += 1
        self._now_ns += self._dice.randint(10_000, MS)
        return Span(
            trace_id=self._trace_id,
            span_id=f"{self._ids:016x}",
            parent_id=parent.span_id if parent else None,
            name=name,
            start_ns=self._now_ns,
            end_ns=self._now_ns,
            source=SOURCE,
            operation=operation,
            **fields,  # type: ignore[arg-type] # fields of Span, passed on
        )

    def _close(self, span: Span, **fields: object) -> Span:
        self._now_ns += self._dice.randint(100_000, 5 * MS)
        attributes: Attributes = {
            "gen_ai.operation.name": span.operation.value,
            "server.address": "api.example.com",
            "server.port": 443,
            "gen_ai.conversation.id": self._trace_id,
        }
        attributes["gen_ai.input.messages"] = self._text(ATTRIBUTE_BYTES - 150)
        return msgspec.structs.replace(span, end_ns=self._now_ns, attributes=attributes, **fields)

    def _text(self, length: int) -> str:
        start = self._dice.randrange(len(_TEXT) - length)
        return _TEXT[start : start + length]


def _rows(request: ToolRequest) -> Value:
    """The same for the same question."""
    return {"rows": [request.arguments, request.name, _TEXT[:120]], "total": len(request.name)}


_TEXT = " ".join(random.Random(0).choices(WORDS, k=4_000))
