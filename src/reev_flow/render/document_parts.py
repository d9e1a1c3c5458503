"""What the JSON form of a run is made of.

Absolute times are decimal strings of nanoseconds since 1970, because JavaScript loses the last digits of such numbers. All other
times are integer nanoseconds: `start_ns` counts from the start of the trace. Spans refer to each other by their index in `spans`.
A part that is null could not be had: `unavailable` says why. Fields may be added within a version, never changed or taken away.
"""

from typing import Any

import msgspec

from reev_flow.trace.span import TokenUsage


class RunPart(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is `failed` when an outermost operation failed, else `unfinished` when one has no end, else `ok`. `awaited_count` are spans that
    are known only from logs.
    """

    trace_id: str
    name: str
    status: str
    services: list[str]
    conversation_ids: list[str]
    start_ns: str
    end_ns: str
    duration_ns: int
    span_count: int
    awaited_count: int
    operation_count: int


class DurationsPart(msgspec.Struct, frozen=True, kw_only=True):
    total_ns: int
    median_ns: int
    p95_ns: int
    longest_ns: int


class ToolPart(msgspec.Struct, frozen=True, kw_only=True):
    """`usage` is what models used inside the calls, `asking_usage` what the model calls used that asked for the tool."""

    name: str
    calls: int
    failed: int
    durations: DurationsPart
    usage: TokenUsage
    asking_usage: TokenUsage


class ModelPart(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` is dollars as an exact decimal; null without a price."""

    name: str
    calls: int
    failed: int
    durations: DurationsPart
    usage: TokenUsage
    cost: str | None


class UsageDifferencePart(msgspec.Struct, frozen=True, kw_only=True):
    span_id: str
    name: str
    stated: TokenUsage
    below: TokenUsage


class MetricsPart(msgspec.Struct, frozen=True, kw_only=True):
    """`operations` counts spans; `tool_calls` and `model_calls` count calls, however many spans tell of each. `cost` is what the model calls
    cost in dollars, as an exact decimal; null unless the price of every model that used tokens is known.
    """

    failed_spans: int
    operations: dict[str, int]
    tool_calls: int
    failed_tool_calls: int
    model_calls: int
    usage: TokenUsage
    usage_differences: list[UsageDifferencePart]
    tools: list[ToolPart]
    models: list[ModelPart]
    cost: str | None


class SpanPart(msgspec.Struct, frozen=True, kw_only=True):
    """Parents come before their children.

    `usage` is what the span and everything below it used, each token counted once; `self_ns` is the time in which nothing directly
    below it ran, `critical_ns` its own time on the critical path, `operation_critical_ns` its own time on the flow's path. `slack_ns` is how
    much later it could end without moving the end of the last operation, `drag_ns` how much sooner that would be if it took no time; null of
    infrastructure among operations.
    """

    span_id: str
    parent: int | None
    name: str
    label: str
    operation: str
    service: str
    start_ns: int
    duration_ns: int
    self_ns: int | None
    critical_ns: int | None
    operation_critical_ns: int | None
    slack_ns: int | None
    drag_ns: int | None
    status: str
    status_message: str
    flags: list[str]
    usage: TokenUsage | None


class OperationPart(msgspec.Struct, frozen=True, kw_only=True):
    """A flow operation. `span` is its index in `spans`, `parent` and `children` are indexes in `operations`; infrastructure is left out."""

    span: int
    parent: int | None
    children: list[int]


class SegmentPart(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a path; no `span` owns the time between two roots."""

    span: int | None
    start_ns: int
    duration_ns: int


class ConcurrencyPart(msgspec.Struct, frozen=True, kw_only=True):
    most: int
    average: float
    busy_ns: int


class ToolCallPart(msgspec.Struct, frozen=True, kw_only=True):
    """An executed call. Arguments and results that were cut are strings, and marked."""

    name: str
    call_id: str | None
    span: int
    start_ns: int
    duration_ns: int
    failed: bool
    error: str | None
    arguments: Any
    arguments_are_cut: bool
    result: Any
    result_is_cut: bool


class AskedCallPart(msgspec.Struct, frozen=True, kw_only=True):
    """A call that a model asked for, and the span that executed it."""

    name: str
    call_id: str | None
    asked_by: str
    asked_ns: int
    executed_by: str | None
    arguments: Any
    arguments_are_cut: bool


class ProblemPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`service` and `shift_ns` are there when a clock was off."""

    flag: str
    span_id: str
    details: str
    service: str = ""
    shift_ns: int | None = None
