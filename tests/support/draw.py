"""A trace drawn as text: one line a span, its depth by indentation, its time by where its bar stands."""

import re

import msgspec

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace import semantics
from reev_flow.trace.span import (
    Attributes,
    ModelUse,
    Operation,
    Span,
    SpanEvent,
    Status,
    TokenUsage,
    ToolRequest,
    ToolUse,
    Value,
)
from reev_flow.trace.trace import Trace

MS = 1_000_000
START_NS = 1_700_000_000 * 1_000 * MS

LINE = re.compile(r"^(?P<indent> *)(?P<words>\S.*?)  +(?P<gap> *)(?P<bar>#+|!+|\|)(?:  +(?P<facts>.*))?$")
WORDS = re.compile(r"^(?:(?P<operation>\w+):)?(?P<name>[^({>]+?)(?:\((?P<input>.*?)\))?(?: *-> *(?P<output>.*))?$")
FACT = re.compile(r"(\w+)=((?:\"[^\"]*\"|\S)+)")


def draw(picture: str, *, ms_per_column: int = 1, trace_id: str = "t" * 32) -> Trace:
    """The trace a picture shows. Bars share one time axis, so they must begin in the same column of the source.

        agent:planner              ##########
          llm:gpt                  ###          in=100 out=20 asks=search answer="let me see"
          tool:search(x=1) -> cold    !!!       error="429 too many requests"

    `#` is a span that went well, `!` one that failed, `|` one that took no time; a bar may not follow its words closer than two
    blanks. Facts: in, out, cached (tokens), asks (tools, by commas), answer, finish, call (the tool call's id), error (status message),
    event (the message of an exception), conversation. Of steps of sessions: step (its identity), attempt, effect, outcome, settled, state.
    """
    lines = [line for line in picture.splitlines() if line.strip()]
    outer = min(len(line) - len(line.lstrip()) for line in lines)
    first_bar = min(_bar_column(line) for line in lines)
    spans: list[Span] = []
    open_spans: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        depth = len(line) - len(line.lstrip()) - outer
        while open_spans and open_spans[-1][0] >= depth:
            open_spans.pop()
        span_id = f"{number:016x}"
        parent_id = open_spans[-1][1] if open_spans else None
        spans.append(_span(line, (trace_id, span_id, parent_id), first_bar, ms_per_column * MS))
        open_spans.append((depth, span_id))
    return assemble_one(spans)


def names(trace: Trace, positions: object) -> list[str]:
    """The labels of the spans at these positions."""
    return [trace.spans[position].label for position in positions]  # type: ignore[attr-defined]


def _bar_column(line: str) -> int:
    return _parts(line).start("bar")


def _parts(line: str) -> re.Match[str]:
    found = LINE.match(line)
    if found is None:
        raise ValueError(f"not a drawn span: {line!r}")
    return found


def _span(line: str, ids: tuple[str, str, str | None], first_bar: int, column_ns: int) -> Span:
    parts = _parts(line)
    words = WORDS.match(parts["words"])
    if words is None:
        raise ValueError(f"not a drawn span: {line!r}")
    facts = {name: value.strip('"') for name, value in FACT.findall(parts["facts"] or "")}
    start_ns = START_NS + (parts.start("bar") - first_bar) * column_ns
    length = 0 if parts["bar"] == "|" else len(parts["bar"])
    failed = parts["bar"].startswith("!")
    operation = Operation(words["operation"] or "step")
    name = words["name"].strip()
    return Span(
        trace_id=ids[0],
        span_id=ids[1],
        parent_id=ids[2],
        name=name,
        start_ns=start_ns,
        end_ns=start_ns + length * column_ns,
        status=Status.ERROR if failed else Status.UNSET,
        status_message=facts.get("error", ""),
        attributes=_told_by_a_session(facts),
        events=_exception(facts.get("event"), start_ns),
        operation=operation,
        conversation_id=facts.get("conversation"),
        agent=name if operation is Operation.AGENT else None,
        tool=ToolUse(name=name, call_id=facts.get("call")) if operation is Operation.TOOL else None,
        model=_model(name, facts) if operation is Operation.LLM else None,
        usage=_usage(facts),
        input=_value(words["input"]),
        output=_value(words["output"]),
    )


SESSION_FACTS = {
    "step": semantics.REEV_STEP_ID,
    "attempt": semantics.REEV_STEP_ATTEMPT,
    "effect": semantics.REEV_STEP_EFFECT,
    "outcome": semantics.REEV_OUTCOME,
    "settled": semantics.REEV_SETTLED,
    "state": semantics.REEV_SESSION_STATE,
}


def _told_by_a_session(facts: dict[str, str]) -> Attributes:
    told: Attributes = {name: facts[fact] for fact, name in SESSION_FACTS.items() if fact in facts}
    if "attempt" in facts:
        told[semantics.REEV_STEP_ATTEMPT] = int(facts["attempt"])
    return {semantics.REEV_SESSION_ID: "s-1", **told} if told else {}


def _exception(message: str | None, time_ns: int) -> tuple[SpanEvent, ...]:
    if message is None:
        return ()
    attributes: Attributes = {"exception.type": "Error", "exception.message": message}
    return (SpanEvent(time_ns=time_ns, name="exception", attributes=attributes),)


def _model(name: str, facts: dict[str, str]) -> ModelUse:
    asked = tuple(ToolRequest(name=tool) for tool in facts.get("asks", "").split(",") if tool)
    finish = tuple(reason for reason in facts.get("finish", "").split(",") if reason)
    return ModelUse(
        name=name, answer=facts.get("answer"), asked=asked, finish_reasons=finish, tells_cache="cached" in facts
    )


def _usage(facts: dict[str, str]) -> TokenUsage | None:
    if not {"in", "out", "cached"} & facts.keys():
        return None
    return TokenUsage(
        input=int(facts.get("in", 0)), output=int(facts.get("out", 0)), cache_read=int(facts.get("cached", 0))
    )


def _value(text: str | None) -> Value:
    """`a=1, b=2` is a record; anything else is itself, JSON read as JSON."""
    if text is None:
        return None
    pairs: dict[str, Value] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if equals:
            pairs[name] = value
    if pairs:
        return pairs
    try:
        decoded: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return decoded
