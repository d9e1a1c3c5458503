"""The model calls of a run, each counted once however many spans tell of it.

A call is an innermost LLM span. LLM spans around it that contain no other call are further accounts of the same call: what the
innermost does not tell (tokens, the answer, the tools asked for) is taken from them.
"""

import msgspec

from reev_flow.analysis.calls.usage import UsageTotals
from reev_flow.trace.span import ModelUse, Operation, Span, TokenUsage, ToolRequest
from reev_flow.trace.trace import NO_PARENT, Trace

NO_MODEL = ModelUse()


class ModelCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    tells_cache: bool

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
    innermost: list[int] = []
    for position in range(len(trace) - 1, -1, -1):
        if calls_below[position] == 0:
            if trace.spans[position].operation is not Operation.LLM:
                continue
            innermost.append(position)
            calls_below[position] = 1
        parent = trace.parents[position]
        if parent != NO_PARENT:
            calls_below[parent] += calls_below[position]
    return [_account(trace, position, calls_below) for position in reversed(innermost)]


def _account(trace: Trace, position: int, calls_below: list[int]) -> tuple[int, ...]:
    positions = [position]
    for ancestor in trace.ancestors(position):
        if calls_below[ancestor] > 1:
            break
        if trace.spans[ancestor].operation is Operation.LLM:
            positions.append(ancestor)
    return tuple(positions)


def _call(trace: Trace, positions: tuple[int, ...], totals: UsageTotals) -> ModelCall:
    innermost, *around = (trace.spans[position] for position in positions)
    use = innermost.model or NO_MODEL
    for outer in around:
        use = _filled_up(use, outer.model or NO_MODEL)
    return ModelCall(
        positions=positions,
        span_id=innermost.span_id,
        model=use.name,
        provider=use.provider,
        start_ns=innermost.start_ns,
        end_ns=innermost.end_ns,
        failed=innermost.failed,
        usage=_usage([innermost, *around], totals.of(positions[-1])),
        answer=use.answer,
        asked=use.asked,
        finish_reasons=use.finish_reasons,
        tells_cache=use.tells_cache,
    )


def _filled_up(use: ModelUse, other: ModelUse) -> ModelUse:
    return ModelUse(
        name=use.name or other.name,
        provider=use.provider or other.provider,
        answer=use.answer or (use.answer if other.answer is None else other.answer),
        asked=use.asked or other.asked,
        finish_reasons=use.finish_reasons or other.finish_reasons,
        tells_cache=use.tells_cache or other.tells_cache,
    )


def _usage(accounts: list[Span], used: TokenUsage) -> TokenUsage | None:
    """None when no account states any and nothing below them was used."""
    return None if used.total == 0 and all(span.usage is None for span in accounts) else used
