"""A run in numbers: durations, counts, tokens, and a table for each tool and each model."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from math import ceil
from typing import TypeVar

import msgspec

from reev_flow.analysis.calls.model_calls import ModelCall, model_calls
from reev_flow.analysis.calls.prices import NO_PRICES, Prices
from reev_flow.analysis.calls.tool_calls import ToolCall, ToolCallExtractor
from reev_flow.analysis.calls.usage import UsageDifference, UsageTotals, count_usage
from reev_flow.errors import MetricsError, MetricsExtractionError, TraceError
from reev_flow.trace.span import NO_TOKENS, Operation, Status, TokenUsage
from reev_flow.trace.trace import Trace

Call = TypeVar("Call", ToolCall, ModelCall)
Metrics = TypeVar("Metrics", "ToolMetrics", "ModelMetrics")


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """Nanoseconds. Percentiles are nearest-rank: the smallest duration that at least that share of all do not exceed."""

    total_ns: int
    median_ns: int
    p95_ns: int
    longest_ns: int


class ToolMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """All executed calls of one tool.

    `usage` is what models used inside them, `asking` what the model calls used that asked for the tool: one that asked for several tools
    counts at each of them.
    """

    name: str
    calls: int
    failed: int
    durations: Durations
    usage: TokenUsage = NO_TOKENS
    asking: TokenUsage = NO_TOKENS


class ModelMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """All calls of one model; the name is empty where the trace does not tell it. `cost` is in dollars, None without a price for it."""

    name: str
    calls: int
    failed: int
    durations: Durations
    usage: TokenUsage
    cost: Decimal | None = None


class FlowMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """One run in numbers.

    `operations` counts spans of each operation, `OTHER` included; a tool or model call that several spans tell of is counted once in
    `tool_calls` and `model_calls`. `usage` counts every token once; where a container states another usage than what is below it,
    the larger is taken and the difference listed. `cost` is what the model calls cost in dollars, exactly; None unless the price of every
    model that used tokens is known.
    """

    total_duration_ns: int
    span_count: int
    failed_spans: int
    operations: dict[Operation, int]
    tool_calls: int
    failed_tool_calls: int
    model_calls: int
    usage: TokenUsage
    usage_differences: tuple[UsageDifference, ...]
    tools: tuple[ToolMetrics, ...]
    models: tuple[ModelMetrics, ...]
    cost: Decimal | None = None

    @property
    def total_duration_ms(self) -> float:
        return self.total_duration_ns / 1_000_000


class MetricsExtractor:
    """Reads the metrics of a trace."""

    def extract(self, trace: Trace) -> FlowMetrics:
        """Raises `MetricsExtractionError`, with the `MetricsError` behind it, when the trace defeats the arithmetic."""
        try:
            with adding_up(trace.trace_id):
                totals = count_usage(trace)
                tools = ToolCallExtractor().extract_from_trace(trace)
                return measure(trace, totals, tools, model_calls(trace, totals))
        except MetricsError as cause:
            raise MetricsExtractionError(trace.trace_id) from cause


@contextmanager
def adding_up(trace_id: str) -> Iterator[None]:
    """Whatever goes wrong within is a `MetricsError`, but for errors that say themselves what they are."""
    try:
        yield
    except TraceError:
        raise
    except Exception as cause:
        raise MetricsError(trace_id) from cause


def measure(
    trace: Trace,
    totals: UsageTotals,
    tools: Sequence[ToolCall],
    models: Sequence[ModelCall],
    *,
    prices: Prices = NO_PRICES,
) -> FlowMetrics:
    """The metrics from parts already computed."""
    asking = _asking(models)
    by_model = _longest_first(
        _model_metrics(name, calls, prices) for name, calls in _grouped((call.model, call) for call in models)
    )
    return FlowMetrics(
        total_duration_ns=trace.duration_ns,
        span_count=len(trace),
        failed_spans=[span.status for span in trace.spans].count(Status.ERROR),
        operations=_count_operations(trace),
        tool_calls=len(tools),
        failed_tool_calls=sum(call.failed for call in tools),
        model_calls=len(models),
        usage=totals.total,
        usage_differences=totals.differences,
        tools=_longest_first(
            _tool_metrics(name, calls, totals, asking[name])
            for name, calls in _grouped((call.name, call) for call in tools)
        ),
        models=by_model,
        cost=_total_cost(by_model),
    )


def durations_of(lengths_ns: Iterable[int]) -> Durations:
    """At least one length is needed."""
    ranked = sorted(lengths_ns)
    return Durations(
        total_ns=sum(ranked),
        median_ns=ranked[ceil(len(ranked) * 0.50) - 1],
        p95_ns=ranked[ceil(len(ranked) * 0.95) - 1],
        longest_ns=ranked[-1],
    )


def _count_operations(trace: Trace) -> dict[Operation, int]:
    counted = Counter([span.operation for span in trace.spans])
    return {operation: counted[operation] for operation in Operation if counted[operation]}


def _grouped(pairs: Iterable[tuple[str, Call]]) -> Iterable[tuple[str, list[Call]]]:
    groups: dict[str, list[Call]] = {}
    for name, call in pairs:
        groups.setdefault(name, []).append(call)
    return groups.items()


def _longest_first(metrics: Iterable[Metrics]) -> tuple[Metrics, ...]:
    """By total time, ties by name."""
    return tuple(sorted(metrics, key=lambda one: (-one.durations.total_ns, one.name)))


def _tool_metrics(name: str, calls: Sequence[ToolCall], totals: UsageTotals, asking: TokenUsage) -> ToolMetrics:
    return ToolMetrics(
        name=name,
        calls=len(calls),
        failed=sum(call.failed for call in calls),
        durations=durations_of(call.end_ns - call.start_ns for call in calls),
        usage=sum((totals.of(call.position) for call in calls), NO_TOKENS),
        asking=asking,
    )


def _asking(models: Sequence[ModelCall]) -> defaultdict[str, TokenUsage]:
    """What the model calls used that asked for each tool."""
    used: defaultdict[str, TokenUsage] = defaultdict(lambda: NO_TOKENS)
    for call in models:
        for name in {request.name for request in call.asked} if call.usage else ():
            used[name] += call.usage or NO_TOKENS
    return used


def _total_cost(models: Sequence[ModelMetrics]) -> Decimal | None:
    used = [model for model in models if model.usage.total]
    costs = [model.cost for model in used if model.cost is not None]
    return sum(costs, start=Decimal(0)) if used and len(costs) == len(used) else None


def _model_metrics(name: str, calls: Sequence[ModelCall], prices: Prices) -> ModelMetrics:
    usage = sum((call.usage or NO_TOKENS for call in calls), NO_TOKENS)
    price = prices.of(name) if any(call.usage for call in calls) else None
    return ModelMetrics(
        name=name,
        calls=len(calls),
        failed=sum(call.failed for call in calls),
        durations=durations_of(call.end_ns - call.start_ns for call in calls),
        usage=usage,
        cost=price.cost(usage) if price else None,
    )
