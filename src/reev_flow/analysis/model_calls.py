"""The model calls of a run, each counted once however many spans tell of it.

A call is an innermost LLM span. LLM spans around it that contain no other call are further accounts of the same call: what the
innermost does not tell (tokens, the answer, the tools asked for) is taken from them.
"""

import msgspec

from reev_flow.analysis.usage import UsageTotals
from reev_flow.trace.span import ModelUse, Operation, Span, TokenUsage, ToolRequest
from reev_flow.trace.trace import Trace

NO_MODEL = ModelUse()


class ModelCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a model. `positions` are its spans in `Trace.spans`, innermost first."""

    positions: tuple[int, ...]
    span_id: str
    model: str
    provider: str
    start_ns: int
    end_ns: int
    failed: bool
    usage: TokenUsage | None
    answer: str | None
    asked: tuple[ToolRequest, ...]
    finish_reasons: tuple[str, ...]

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def model_calls(trace: Trace, totals: UsageTotals) -> tuple[ModelCall, ...]:
    """Every call, by start."""
    accounts = _accounts(trace)
    calls = [_call(trace, positions, totals) for positions in accounts]
    return tuple(sorted(calls, key=lambda call: (call.start_ns, call.positions[0])))


def _accounts(trace: Trace) -> list[tuple[int, ...]]:
    """For each innermost LLM span, itself and the LLM spans around it that hold no other."""
    calls_below = [0] * len(trace)
    for position in range(len(trace) - 1, -1, -1):
        if trace.spans[position].operation is Operation.LLM and calls_below[position] == 0:
            calls_below[position] = 1
        parent = trace.parents[position]
        if parent >= 0:
            calls_below[parent] += calls_below[position]
    return [
        _account(trace, position, calls_below)
        for position, span in enumerate(trace.spans)
        if span.operation is Operation.LLM and _is_innermost(trace, position, calls_below)
    ]


def _is_innermost(trace: Trace, position: int, calls_below: list[int]) -> bool:
    return not any(calls_below[child] for child in trace.children(position))


def _account(trace: Trace, position: int, calls_below: list[int]) -> tuple[int, ...]:
    positions = [position]
    for ancestor in trace.ancestors(position):
        if calls_below[ancestor] > 1:
            break
        if trace.spans[ancestor].operation is Operation.LLM:
            positions.append(ancestor)
    return tuple(positions)


def _call(trace: Trace, positions: tuple[int, ...], totals: UsageTotals) -> ModelCall:
    spans = [trace.spans[position] for position in positions]
    uses = [span.model or NO_MODEL for span in spans]
    innermost = spans[0]
    return ModelCall(
        positions=positions,
        span_id=innermost.span_id,
        model=next((use.name for use in uses if use.name), ""),
        provider=next((use.provider for use in uses if use.provider), ""),
        start_ns=innermost.start_ns,
        end_ns=innermost.end_ns,
        failed=innermost.failed,
        usage=_usage(spans, positions, totals),
        answer=next((use.answer for use in uses if use.answer), None if all(use.answer is None for use in uses) else ""),
        asked=next((use.asked for use in uses if use.asked), ()),
        finish_reasons=next((use.finish_reasons for use in uses if use.finish_reasons), ()),
    )


def _usage(spans: list[Span], positions: tuple[int, ...], totals: UsageTotals) -> TokenUsage | None:
    if all(span.usage is None for span in spans) and totals.of(positions[-1]).total == 0:
        return None
    return totals.of(positions[-1])
