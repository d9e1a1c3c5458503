"""The tool calls of a run: those that were executed and those that a model asked for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from reev_flow.analysis.failure import failure_text
from reev_flow.analysis.model_calls import ModelCall
from reev_flow.trace.span import Operation, Span, ToolRequest, Value
from reev_flow.trace.trace import NO_PARENT, Trace


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """One executed tool call. `position` is its outermost span in `Trace.spans`; `error` is in the words of the sender."""

    name: str
    call_id: str | None
    span_id: str
    position: int
    start_ns: int
    end_ns: int
    arguments: Value
    result: Value
    failed: bool
    error: str | None

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


class AskedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call that a model asked for. `executed_by` is the span that executed it, None when the trace shows none."""

    name: str
    call_id: str | None
    arguments: Value
    asked_by: str
    asked_ns: int
    executed_by: str | None


class CallAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """Executed calls as numbers."""

    total_calls: int
    unique_tools: int
    failed_calls: int
    average_duration_ns: int

    @classmethod
    def of(cls, calls: Sequence[ToolCall]) -> "CallAnalysis":
        total_ns = sum(call.duration_ns for call in calls)
        return cls(
            total_calls=len(calls),
            unique_tools=len({call.name for call in calls}),
            failed_calls=sum(call.failed for call in calls),
            average_duration_ns=total_ns // len(calls) if calls else 0,
        )

    @property
    def average_duration(self) -> timedelta:
        """Cut to microseconds."""
        return timedelta(microseconds=self.average_duration_ns // 1_000)


class ToolCallExtractor:
    """Reads the tool calls of a trace."""

    def extract_from_trace(self, trace: Trace) -> list[ToolCall]:
        """Executed calls by start. A tool span inside a span of the same call is a second account of it, not a second call."""
        accounts = _accounts(trace)
        calls = [_call(trace, positions) for positions in accounts.values()]
        return sorted(calls, key=lambda call: (call.start_ns, call.position))


def match_asked(asked_in: Iterable[ModelCall], executed: Sequence[ToolCall]) -> tuple[AskedCall, ...]:
    """What models asked for, in order, each with its execution: the call of the same id, else the next unclaimed one of that tool."""
    by_id = {call.call_id: call for call in executed if call.call_id}
    claimed: set[int] = set()
    asked = [(model_call, request) for model_call in asked_in for request in model_call.asked]
    matches: list[ToolCall | None] = [by_id.get(request.call_id) if request.call_id else None for _, request in asked]
    claimed.update(match.position for match in matches if match is not None)
    unclaimed = _unclaimed_by_name(executed, claimed)
    result = []
    for (model_call, request), match in zip(asked, matches, strict=True):
        found = match or _next_unclaimed(unclaimed.get(request.name, []), request, model_call.start_ns)
        result.append(
            AskedCall(
                name=request.name,
                call_id=request.call_id,
                arguments=request.arguments,
                asked_by=model_call.span_id,
                asked_ns=model_call.end_ns,
                executed_by=found.span_id if found else None,
            )
        )
    return tuple(result)


def calls_by_tool(calls: Iterable[ToolCall]) -> Counter[str]:
    """How often each tool was called, most first, ties by first call."""
    return Counter(call.name for call in calls)


def _accounts(trace: Trace) -> dict[int, list[int]]:
    """The outermost span of each call, with all spans that tell of the same call."""
    accounts: dict[int, list[int]] = {}
    enclosing: list[int] = []  # for each span, the outermost span of the tool call it is in, or NO_PARENT
    for position, span in enumerate(trace.spans):
        parent = trace.parents[position]
        outer = NO_PARENT if parent == NO_PARENT else enclosing[parent]
        if span.operation is Operation.TOOL:
            if outer != NO_PARENT and _same_call(trace.spans[outer], span):
                accounts[outer].append(position)
            else:
                outer = position
                accounts[outer] = [position]
        enclosing.append(outer)
    return accounts


def _same_call(outer: Span, inner: Span) -> bool:
    if outer.tool is None or inner.tool is None or outer.tool.name != inner.tool.name:
        return False
    ids = {outer.tool.call_id, inner.tool.call_id} - {None}
    return len(ids) < 2


def _call(trace: Trace, positions: Sequence[int]) -> ToolCall:
    spans = [trace.spans[position] for position in positions]
    outermost = spans[0]
    failed = outermost.failed or any(span.failed for span in spans)
    return ToolCall(
        name=outermost.label,
        call_id=next((span.tool.call_id for span in spans if span.tool and span.tool.call_id), None),
        span_id=outermost.span_id,
        position=positions[0],
        start_ns=outermost.start_ns,
        end_ns=outermost.end_ns,
        arguments=next((span.input for span in spans if span.input is not None), None),
        result=next((span.output for span in spans if span.output is not None), None),
        failed=failed,
        error=next((text for span in reversed(spans) if (text := failure_text(span))), None) if failed else None,
    )


def _unclaimed_by_name(executed: Sequence[ToolCall], claimed: set[int]) -> dict[str, list[ToolCall]]:
    by_name: dict[str, list[ToolCall]] = {}
    for call in executed:
        if call.position not in claimed:
            by_name.setdefault(call.name, []).append(call)
    return by_name


def _next_unclaimed(candidates: list[ToolCall], request: ToolRequest, after_ns: int) -> ToolCall | None:
    """Equal arguments decide among several; a call that began before the model was asked cannot be its answer."""
    possible = [call for call in candidates if call.start_ns >= after_ns and not _other_id(call, request)]
    if not possible:
        return None
    chosen = next((call for call in possible if call.arguments == request.arguments), possible[0])
    candidates.remove(chosen)
    return chosen


def _other_id(call: ToolCall, request: ToolRequest) -> bool:
    return call.call_id is not None and request.call_id is not None
