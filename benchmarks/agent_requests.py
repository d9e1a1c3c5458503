"""Requests as the exporters of agents send them: 512 spans of some 1.2 KB each, children before parents, a few dozen runs a request.

A third are model calls with two thousand characters of messages, half are tool calls, the rest agents and flows. Words are drawn from a
small vocabulary with numbers between them, so that text shrinks about as much as what people and models write to one another.
"""

import json
import random
from collections.abc import Iterator, Mapping

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SPANS_OF_A_REQUEST = 512
START_NS = 1_790_000_000_000_000_000
MS = 1_000_000
ROUND_BYTES = 8
MARK = b"\xfe\xed\xfa\xce\xfe\xed\xfa\xce"  # the first half of every trace id, replaced so that a request may be sent again as another one
TOOLS = ("web_search", "read_file", "write_file", "run_tests", "sql_query", "http_get", "grep_repo", "send_email")
MODELS = ("gpt-5-mini", "claude-sonnet-4-5", "gemini-2.5-pro")
VOCABULARY = (
    "the agent read file and found error in module while testing plan step result value query database user order return function index "
    "table search model answer tool call retry latency cache update commit branch merge request response payload schema parse invalid "
    "missing field number list report summary document section we should look at why this was late before we try it again"
)
WORDS = VOCABULARY.split()


def requests(count: int, *, seed: int = 1) -> list[bytes]:
    """So many bodies for OTLP over HTTP, the same for the same seed."""
    spans = _spans(random.Random(seed))
    return [_body([next(spans) for _ in range(SPANS_OF_A_REQUEST)]) for _ in range(count)]


def as_round(body: bytes, number: int) -> bytes:
    """The same request about other runs."""
    return body.replace(MARK, number.to_bytes(ROUND_BYTES, "big"))


def large_run(spans: int) -> bytes:
    """One run in one request."""
    dice = random.Random(7)
    trace, root = _trace(dice), dice.randbytes(8)
    found: list[Span] = []
    while len(found) < spans - 1:
        found += _step(dice, trace, root, START_NS + len(found) * MS)
    for span in found[: spans - 1]:
        span.parent_span_id = span.parent_span_id if span.name.startswith("execute_tool") else root
    return _body(
        [*found[: spans - 1], _span(trace, root, b"", "flow", START_NS, 10_000, {"gen_ai.agent.name": "planner"})]
    )


def _spans(dice: random.Random) -> Iterator[Span]:
    now_ns = START_NS
    while True:
        now_ns += 3_000 * MS
        trace, root = _trace(dice), dice.randbytes(8)
        for _ in range(dice.randint(4, 8)):
            yield from _step(dice, trace, root, now_ns)
        about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
        yield _span(trace, root, b"", "invoke_agent planner", now_ns, 9_000, {**about, "session.id": trace.hex()[16:]})


def _step(dice: random.Random, trace: bytes, root: bytes, now_ns: int) -> Iterator[Span]:
    step = dice.randbytes(8)
    for _ in range(dice.randint(1, 3)):
        yield _model_call(dice, trace, step, now_ns)
    for _ in range(dice.randint(1, 4)):
        yield _tool_call(dice, trace, step, now_ns)
    about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": f"agent_{dice.randrange(3)}"}
    yield _span(trace, step, root, "invoke_agent", now_ns, 3_000, about)


def _model_call(dice: random.Random, trace: bytes, parent: bytes, now_ns: int) -> Span:
    model = dice.choice(MODELS)
    asked = [{"role": "user", "parts": [{"type": "text", "content": _text(dice, 1_300)}]}]
    answered = [
        {"role": "assistant", "parts": [{"type": "text", "content": _text(dice, 600)}], "finish_reason": "stop"}
    ]
    about = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": dice.randint(200, 6_000),
        "gen_ai.usage.output_tokens": dice.randint(20, 900),
        "gen_ai.conversation.id": trace.hex()[16:],
        "gen_ai.input.messages": json.dumps(asked),
        "gen_ai.output.messages": json.dumps(answered),
    }
    return _span(trace, dice.randbytes(8), parent, f"chat {model}", now_ns, dice.randint(300, 4_000), about)


def _tool_call(dice: random.Random, trace: bytes, parent: bytes, now_ns: int) -> Span:
    tool = dice.choice(TOOLS)
    about = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool,
        "gen_ai.tool.call.id": f"call_{dice.getrandbits(96):024x}",
        "gen_ai.conversation.id": trace.hex()[16:],
        "gen_ai.tool.call.arguments": json.dumps({"query": _text(dice, 80)}),
        "gen_ai.tool.call.result": _text(dice, 240),
    }
    return _span(trace, dice.randbytes(8), parent, f"execute_tool {tool}", now_ns, dice.randint(20, 900), about)


def _span(  # noqa: PLR0913, PLR0917 - what a span is made of
    trace: bytes, span: bytes, parent: bytes, name: str, start_ns: int, took_ms: int, about: Mapping[str, object]
) -> Span:
    return Span(
        trace_id=trace,
        span_id=span,
        parent_span_id=parent,
        name=name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + took_ms * MS,
        attributes=[_pair(key, value) for key, value in about.items()],
    )


def _pair(key: str, value: object) -> KeyValue:
    content = AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=str(value))
    return KeyValue(key=key, value=content)


def _trace(dice: random.Random) -> bytes:
    return MARK + dice.randbytes(8)


def _text(dice: random.Random, length: int) -> str:
    words: list[str] = []
    while length > 0:
        word = dice.choice(WORDS) if dice.random() < 0.85 else f"{dice.getrandbits(20):x}"
        words.append(word)
        length -= len(word) + 1
    return " ".join(words)


def _body(spans: list[Span]) -> bytes:
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    about = {"service.name": "bench-agent", "telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry"}
    resource_spans.resource.attributes.extend(_pair(key, value) for key, value in about.items())
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = "bench.agent"
    scope_spans.spans.extend(spans)
    return request.SerializeToString()
