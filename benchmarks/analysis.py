"""How long everything known about an assembled run takes to compute, the diagram apart and with it, beside plain passes."""

from measure import Figure, beside_floor, tell
from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.path.critical_path import critical_path
from reev_flow.collect.assemble import assemble_one
from reev_flow.pipeline import TraceProcessor
from reev_flow.trace.trace import Trace
from synthetic import agent_run

# Spans, rounds, the budget in seconds of all insights with the diagram.
SIZES = ((1_000, 25, 0.010), (10_000, 9, None), (100_000, 5, 1.5))


def read_all(insights: FlowInsights, *, drawn: bool) -> None:
    """Every part, with or without the diagram, and every figure of the spans; what to do about it is part of the analysis."""
    spans = insights.spans
    parts = (
        insights.metrics, insights.tool_calls, insights.asked_calls, insights.call_analysis, insights.model_calls, insights.findings,
        spans.path, spans.self_ns, spans.waiting_ns, spans.critical_ns, spans.operation_critical_ns, spans.concurrency,
        spans.slack_ns, spans.drag_ns, insights.sensitivities, insights.analysis,
    )  # fmt: skip
    assert all(part is not None for part in parts)
    assert not drawn or insights.diagram


def touch(trace: Trace) -> int:
    """One plain pass that reads the times, the operation and the status of every span."""
    total = 0
    for span in trace.spans:
        if span.operation and span.status:
            total += span.end_ns - span.start_ns
    return total


def walk_back(trace: Trace) -> int:
    """The bare rule of the last-finishing child, without clipping, segments or order."""
    pieces = 0
    open_spans = list(trace.roots())
    while open_spans:
        position = open_spans.pop()
        moment = trace.spans[position].end_ns
        for child in sorted(trace.children(position), key=lambda child: -trace.spans[child].end_ns):
            if trace.spans[child].end_ns <= moment:
                pieces += 1
                open_spans.append(child)
                moment = trace.spans[child].start_ns
    return pieces


def figures(size: int, rounds: int, budget: float | None) -> list[Figure]:
    trace = assemble_one(agent_run(size))
    process = TraceProcessor().process_trace
    assert len(trace) == size
    pass_is = "one plain pass over the spans"
    everything = beside_floor(lambda: read_all(process(trace), drawn=True), lambda: touch(trace), rounds=rounds)
    without = beside_floor(lambda: read_all(process(trace), drawn=False), lambda: touch(trace), rounds=rounds)
    path = beside_floor(lambda: critical_path(trace), lambda: walk_back(trace), rounds=rounds)
    findings = beside_floor(lambda: process(trace).findings, lambda: touch(trace), rounds=rounds)
    return [
        Figure(f"{size:,} spans, all insights", *everything, pass_is, budget),
        Figure(f"{size:,} spans, all but the diagram", *without, pass_is),
        Figure(f"{size:,} spans, findings alone", *findings, pass_is),
        Figure(f"{size:,} spans, critical path alone", *path, "the bare rule, nothing told"),
    ]


def main() -> None:
    tell("Insights of an assembled trace", [figure for size in SIZES for figure in figures(*size)])


if __name__ == "__main__":
    main()
