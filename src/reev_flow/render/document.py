"""The one JSON form of a run, which the command, the HTTP API and every page share."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from reev_flow.analysis.calls.tool_calls import AskedCall, ToolCall
from reev_flow.analysis.calls.usage import count_usage
from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.metrics import FlowMetrics, ModelMetrics, ToolMetrics
from reev_flow.analysis.path.critical_path import Segment
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.errors import PartSwitchedOff, TraceError
from reev_flow.render.analysis_parts import (
    PatternPart,
    PerformancePart,
    RecommendationPart,
    durations_part,
    pattern_parts,
    performance_part,
    recommendation_parts,
)
from reev_flow.render.bounded import bounded_text, bounded_value
from reev_flow.render.document_parts import (
    AskedCallPart,
    ConcurrencyPart,
    MetricsPart,
    ModelPart,
    OperationPart,
    ProblemPart,
    RunPart,
    SegmentPart,
    SpanPart,
    ToolCallPart,
    ToolPart,
    UsageDifferencePart,
)
from reev_flow.render.dollars import exact_dollars
from reev_flow.render.finding_parts import FindingPart, finding_parts
from reev_flow.render.operations import OperationForest, operation_forest
from reev_flow.render.run_status import run_status
from reev_flow.trace.span import TokenUsage
from reev_flow.trace.trace import NO_PARENT, Trace

DOCUMENT_VERSION = 1
SWITCHED_OFF = "switched off"

Part = TypeVar("Part")


class RunDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about one run.

    Absolute times are decimal strings of nanoseconds since 1970, because JavaScript loses the last digits of such numbers. All
    other times are integers; `start_ns` and `asked_ns` count from the start of the trace. Spans refer to each other by their index
    in `spans`, and nothing is nested as deeply as the trace is. `critical_path` explains the whole trace, `flow_path` its operations
    without infrastructure. A part that is null could not be had, and `unavailable` says why. When the time was over before everything was
    worked out, the document `is_partial`, and `missing` names the parts and the codes of findings that nobody looked for. Within a version
    fields may be added, never changed or taken away.
    """

    version: int
    run: RunPart
    metrics: MetricsPart | None
    operations: list[OperationPart]
    spans: list[SpanPart]
    critical_path: list[SegmentPart] | None
    flow_path: list[SegmentPart] | None
    concurrency: ConcurrencyPart | None
    tool_calls: list[ToolCallPart] | None
    asked_calls: list[AskedCallPart] | None
    findings: list[FindingPart] | None
    patterns: list[PatternPart] | None
    performance: PerformancePart | None
    recommendations: list[RecommendationPart] | None
    confidence_score: float | None
    problems: list[ProblemPart]
    unavailable: dict[str, str]
    is_partial: bool
    missing: list[str]


def schema() -> dict[str, Any]:
    """The JSON Schema of `RunDocument`."""
    return msgspec.json.schema(RunDocument)


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run among many: its facts and totals; null without metrics."""

    version: int
    run: RunPart
    tool_calls: int | None
    failed_tool_calls: int | None
    model_calls: int | None
    usage: TokenUsage | None


def document_bytes(document: RunDocument) -> bytes:
    """The same document gives the same bytes."""
    return msgspec.json.encode(document)


def document_of(insights: FlowInsights) -> RunDocument:
    """Computes every part of the insights that is switched on; a part that fails is left out and said to be unavailable."""
    trace = insights.trace
    unavailable: dict[str, str] = {}

    def part(name: str, read: Callable[[], Part]) -> Part | None:
        try:
            return read()
        except PartSwitchedOff:
            unavailable[name] = SWITCHED_OFF
        except TraceError as error:
            unavailable[name] = bounded_text(str(error))
        return None

    forest = operation_forest(trace)
    document = RunDocument(
        version=DOCUMENT_VERSION,
        run=_run(trace, forest),
        metrics=part("metrics", lambda: _metrics(insights.metrics)),
        operations=[] if forest.is_overview else _operations(forest),
        spans=_spans(trace, part("spans", lambda: insights.spans)),
        critical_path=part("critical_path", lambda: _segments(insights.spans.path, trace.start_ns)),
        flow_path=part("flow_path", lambda: _segments(insights.spans.flow_path, trace.start_ns)),
        concurrency=part("concurrency", lambda: _concurrency(insights.spans)),
        tool_calls=part("tool_calls", lambda: [_tool_call(call, trace.start_ns) for call in insights.tool_calls]),
        asked_calls=part("asked_calls", lambda: [_asked_call(call, trace.start_ns) for call in insights.asked_calls]),
        findings=part("findings", lambda: finding_parts(insights.findings)),
        patterns=part("patterns", lambda: pattern_parts(insights.patterns)),
        performance=part("performance", lambda: performance_part(insights.performance)),
        recommendations=part("recommendations", lambda: recommendation_parts(insights.recommendations)),
        confidence_score=part("confidence_score", lambda: insights.confidence_score),
        problems=_problems(trace),
        unavailable=unavailable,
        is_partial=False,
        missing=[],
    )
    if not insights.is_partial:
        return document
    missed = (name for name, why in unavailable.items() if why != SWITCHED_OFF)
    return replace(document, is_partial=True, missing=[*missed, *insights.unasked])


def summary_of(insights: FlowInsights) -> RunSummary:
    trace = insights.trace
    try:
        metrics: FlowMetrics | None = insights.metrics
    except (PartSwitchedOff, TraceError):
        metrics = None
    return RunSummary(
        version=DOCUMENT_VERSION,
        run=_run(trace, operation_forest(trace)),
        tool_calls=metrics.tool_calls if metrics else None,
        failed_tool_calls=metrics.failed_tool_calls if metrics else None,
        model_calls=metrics.model_calls if metrics else None,
        usage=metrics.usage if metrics else None,
    )


def _run(trace: Trace, forest: OperationForest) -> RunPart:
    return RunPart(
        trace_id=trace.trace_id,
        name=bounded_text(trace.name),
        status=run_status(forest),
        services=[bounded_text(service) for service in _services(trace)],
        conversation_ids=[bounded_text(conversation) for conversation in trace.conversation_ids],
        start_ns=str(trace.start_ns),
        end_ns=str(trace.end_ns),
        duration_ns=trace.duration_ns,
        span_count=len(trace),
        awaited_count=len(trace.awaited),
        operation_count=0 if forest.is_overview else len(forest),
    )


def _services(trace: Trace) -> Iterable[str]:
    return dict.fromkeys(span.source.service for span in trace.spans if span.source.service)


def _metrics(metrics: FlowMetrics) -> MetricsPart:
    return MetricsPart(
        failed_spans=metrics.failed_spans,
        operations={str(operation): count for operation, count in metrics.operations.items()},
        tool_calls=metrics.tool_calls,
        failed_tool_calls=metrics.failed_tool_calls,
        model_calls=metrics.model_calls,
        usage=metrics.usage,
        usage_differences=[
            UsageDifferencePart(
                span_id=difference.span_id,
                name=bounded_text(difference.name),
                stated=difference.stated,
                below=difference.below,
            )
            for difference in metrics.usage_differences
        ],
        tools=[_tool_part(tool) for tool in metrics.tools],
        models=[_model_part(model) for model in metrics.models],
        cost=exact_dollars(metrics.cost),
    )


def _tool_part(tool: ToolMetrics) -> ToolPart:
    return ToolPart(
        name=bounded_text(tool.name),
        calls=tool.calls,
        failed=tool.failed,
        durations=durations_part(tool.durations),
        usage=tool.usage,
        asking_usage=tool.asking,
    )


def _model_part(model: ModelMetrics) -> ModelPart:
    return ModelPart(
        name=bounded_text(model.name),
        calls=model.calls,
        failed=model.failed,
        durations=durations_part(model.durations),
        usage=model.usage,
        cost=exact_dollars(model.cost),
    )


def _spans(trace: Trace, analysis: SpanAnalysis | None) -> list[SpanPart]:
    usage = count_usage(trace)
    return [
        SpanPart(
            span_id=span.span_id,
            parent=_index(trace.parents[position]),
            name=bounded_text(span.name),
            label=bounded_text(span.label),
            operation=span.operation,
            service=span.source.service,
            start_ns=span.start_ns - trace.start_ns,
            duration_ns=span.duration_ns,
            self_ns=analysis.self_ns[position] if analysis else None,
            critical_ns=analysis.critical_ns[position] if analysis else None,
            operation_critical_ns=analysis.operation_critical_ns[position] if analysis else None,
            slack_ns=analysis.slack_ns.get(position) if analysis else None,
            drag_ns=analysis.drag_ns.get(position) if analysis else None,
            status=span.status,
            status_message=bounded_text(span.status_message),
            flags=sorted(span.flags),
            usage=usage.by_position.get(position),
        )
        for position, span in enumerate(trace.spans)
    ]


def _operations(forest: OperationForest) -> list[OperationPart]:
    return [
        OperationPart(span=position, parent=_index(parent), children=list(children))
        for position, parent, children in zip(forest.positions, forest.parents, forest.children, strict=True)
    ]


def _segments(path: Iterable[Segment], start_ns: int) -> list[SegmentPart]:
    return [
        SegmentPart(
            span=_index(segment.position), start_ns=segment.start_ns - start_ns, duration_ns=segment.duration_ns
        )
        for segment in path
    ]


def _concurrency(analysis: SpanAnalysis) -> ConcurrencyPart:
    measured = analysis.concurrency
    return ConcurrencyPart(most=measured.most, average=measured.average, busy_ns=measured.busy_ns)


def _tool_call(call: ToolCall, start_ns: int) -> ToolCallPart:
    arguments, result = bounded_value(call.arguments), bounded_value(call.result)
    return ToolCallPart(
        name=bounded_text(call.name),
        call_id=call.call_id,
        span=call.position,
        start_ns=call.start_ns - start_ns,
        duration_ns=call.duration_ns,
        failed=call.failed,
        error=None if call.error is None else bounded_text(call.error),
        arguments=arguments.value,
        arguments_are_cut=arguments.is_cut,
        result=result.value,
        result_is_cut=result.is_cut,
    )


def _asked_call(call: AskedCall, start_ns: int) -> AskedCallPart:
    arguments = bounded_value(call.arguments)
    return AskedCallPart(
        name=bounded_text(call.name),
        call_id=call.call_id,
        asked_by=call.asked_by,
        asked_ns=call.asked_ns - start_ns,
        executed_by=call.executed_by,
        arguments=arguments.value,
        arguments_are_cut=arguments.is_cut,
    )


def _problems(trace: Trace) -> list[ProblemPart]:
    return [
        ProblemPart(
            flag=problem.flag,
            span_id=problem.span_id,
            details=bounded_text(problem.details),
            service=bounded_text(problem.service),
            shift_ns=problem.shift_ns,
        )
        for problem in trace.problems
    ]


def _index(position: int) -> int | None:
    return None if position == NO_PARENT else position
