"""The tool calls of a run: those that were executed and those that a model asked for."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.meaning.equivalence import question
from reev_flow.analysis.meaning.failure import failure_text
from reev_flow.trace.span import Operation, Span, Status, ToolRequest, Value
from reev_flow.trace.trace import NO_PARENT, Trace


class ToolCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


class AskedCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
        spans = trace.spans
        outermost, inner = _accounts(trace)
        calls = [
            _call(
                position, spans[position], [spans[account] for account in inner[position]] if position in inner else ()
            )
            for position in outermost
        ]
        return sorted(calls, key=lambda call: (call.start_ns, call.position))


def match_asked(asked_in: Iterable[ModelCall], executed: Sequence[ToolCall]) -> tuple[AskedCall, ...]:
    """What models asked for, in order, each with its execution: the call of the same id, else the next unclaimed one of that tool, of
    several the first with equivalent arguments. A call that began before the model was asked cannot be its answer.
    """
    asked = [(model_call, request) for model_call in asked_in for request in model_call.asked]
    by_id = {call.call_id: call for call in executed if call.call_id}
    matches = [by_id.get(request.call_id) if request.call_id else None for _, request in asked]
    open_names = {request.name for (_, request), match in zip(asked, matches, strict=True) if match is None}
    unclaimed = Unclaimed(
        (call for call in executed if call.name in open_names),
        {match.position for match in matches if match is not None},
    )
    return tuple(
        _asked_call(model_call, request, match or unclaimed.claim(request, model_call.start_ns))
        for (model_call, request), match in zip(asked, matches, strict=True)
    )


class Unclaimed:
    """Executed calls that nobody has been shown to have asked for, by start."""

    def __init__(self, executed: Iterable[ToolCall], claimed: set[int]) -> None:
        self._claimed = claimed
        self._queues: dict[tuple[str, bool, bytes | None], deque[ToolCall]] = {}
        for call in executed:
            if call.position not in claimed:
                for asked in (question(call.arguments), None):
                    key = (call.name, call.call_id is not None, asked)
                    self._queues.setdefault(key, deque()).append(call)

    def claim(self, request: ToolRequest, from_ns: int) -> ToolCall | None:
        """Moments must not go back from one request to the next: what began earlier is given up. A call with an id is not the answer
        to a request with another.
        """
        may_have_id = (False,) if request.call_id is not None else (False, True)
        for asked in (question(request.arguments), None):
            heads = [self._head((request.name, has_id, asked), from_ns) for has_id in may_have_id]
            found = min(filter(None, heads), key=lambda call: (call.start_ns, call.position), default=None)
            if found is not None:
                self._claimed.add(found.position)
                return found
        return None

    def _head(self, key: tuple[str, bool, bytes | None], from_ns: int) -> ToolCall | None:
        queue = self._queues.get(key, deque())
        while queue and (queue[0].position in self._claimed or queue[0].start_ns < from_ns):
            queue.popleft()
        return queue[0] if queue else None


def _asked_call(model_call: ModelCall, request: ToolRequest, executed: ToolCall | None) -> AskedCall:
    return AskedCall(
        name=request.name,
        call_id=request.call_id,
        arguments=request.arguments,
        asked_by=model_call.span_id,
        asked_ns=model_call.end_ns,
        executed_by=executed.span_id if executed else None,
    )


def _accounts(trace: Trace) -> tuple[list[int], dict[int, list[int]]]:
    """The outermost span of each call, and for those with further accounts the spans of these."""
    outermost: list[int] = []
    inner: dict[int, list[int]] = {}
    enclosing: list[int] = []  # for each span, the outermost span of the tool call it is in, or NO_PARENT
    for position, (span, parent) in enumerate(zip(trace.spans, trace.parents, strict=True)):
        outer = NO_PARENT if parent == NO_PARENT else enclosing[parent]
        if span.operation is Operation.TOOL:
            if outer != NO_PARENT and _same_call(trace.spans[outer], span):
                inner.setdefault(outer, []).append(position)
            else:
                outer = position
                outermost.append(position)
        enclosing.append(outer)
    return outermost, inner


def _same_call(outer: Span, inner: Span) -> bool:
    if outer.tool is None or inner.tool is None or outer.tool.name != inner.tool.name:
        return False
    ids = {outer.tool.call_id, inner.tool.call_id} - {None}
    return len(ids) < 2


def _call(position: int, outermost: Span, inner: Sequence[Span]) -> ToolCall:
    tool = outermost.tool
    call_id = tool.call_id if tool else None
    arguments, result = outermost.input, outermost.output
    for span in inner:
        call_id = call_id or (span.tool.call_id if span.tool else None)
        arguments = span.input if arguments is None else arguments
        result = span.output if result is None else result
    failed = _failed(outermost, inner)
    return ToolCall(
        name=tool.name if tool else outermost.name,
        call_id=call_id,
        span_id=outermost.span_id,
        position=position,
        start_ns=outermost.start_ns,
        end_ns=outermost.end_ns,
        arguments=arguments,
        result=result,
        failed=failed,
        error=_error(outermost, inner) if failed else None,
    )


def _error(outermost: Span, inner: Sequence[Span]) -> str | None:
    """In the words of the innermost account that has any."""
    return next((text for span in (*reversed(inner), outermost) if (text := failure_text(span))), None)


def _failed(outermost: Span, inner: Sequence[Span]) -> bool:
    """The outermost span decides; where it says nothing, the one of the others that ended last."""
    if outermost.status is not Status.UNSET or not inner:
        return outermost.failed
    return max(inner, key=lambda span: (span.end_ns, span.start_ns)).failed
