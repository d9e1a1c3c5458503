"""How long it takes to draw a run as Mermaid, beside one pass that writes a line for each span."""

from measure import Figure, beside_floor, tell
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.collect.assemble import assemble_one
from reev_flow.render.mermaid import MermaidGenerator
from synthetic import agent_run

SIZES = ((1_000, 25, 0.005), (10_000, 9, None), (100_000, 3, None))


def figure(size: int, rounds: int, budget: float | None) -> Figure:
    trace = assemble_one(agent_run(size))
    analysis = SpanAnalysis(trace)
    _ = analysis.operation_critical_ns  # the path is part of the insights, and measured there
    took, floor = beside_floor(
        lambda: MermaidGenerator().generate(trace, analysis),
        lambda: "\n".join(f'n{number}["{span.label}"]' for number, span in enumerate(trace.walk())),
        rounds=rounds,
    )
    return Figure(f"{size:,} spans to Mermaid", took, floor, "a line for each span, unescaped, unfolded", budget)


def main() -> None:
    tell("Drawing", [figure(*size) for size in SIZES])


if __name__ == "__main__":
    main()
