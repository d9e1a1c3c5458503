"""How long it takes to lay one assembled run beside another, beside reading the facts of both that any comparison needs."""

import random

from measure import Figure, beside_floor, tell
from reev_flow.analysis.comparison.compare import compare_runs
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.trace import Trace
from synthetic import agent_run

# Spans, rounds, the budget in seconds.
SIZES = ((1_000, 15, 0.05), (10_000, 5, 0.8))
LOST = 0.02  # of the spans, in the edited run


def compare(a: Trace, b: Trace) -> None:
    """Everything but the findings, which have a benchmark of their own."""
    comparison = compare_runs(a, b)
    assert comparison.steps
    assert comparison.first_divergence is not None or a is b


def read_facts(*traces: Trace) -> None:
    """Times, tokens, calls and failures."""
    for trace in traces:
        facts = RunFacts(trace)
        parts = (
            facts.spans.operation_critical_ns,
            facts.usage,
            facts.tool_calls,
            facts.model_calls,
            facts.failed_operations,
        )
        assert all(part is not None for part in parts)


def edited(size: int) -> Trace:
    """The same run without some of its spans."""
    dice = random.Random(size)
    spans = agent_run(size)
    return assemble_one([span for span in spans if span.parent_id is None or dice.random() > LOST])


def figure(what: str, runs: tuple[Trace, Trace], rounds: int, budget: float) -> Figure:
    took, floor = beside_floor(lambda: compare(*runs), lambda: read_facts(*runs), rounds=rounds)
    return Figure(what, took, floor, "the facts of both runs", budget)


def figures(size: int, rounds: int, budget: float) -> list[Figure]:
    run = assemble_one(agent_run(size))
    others = {"itself": run, "an edit of it": edited(size), "another run": assemble_one(agent_run(size, seed=2))}
    return [figure(f"{size:,} spans beside {what}", (run, other), rounds, budget) for what, other in others.items()]


def main() -> None:
    tell("One run beside another", [figure for size in SIZES for figure in figures(*size)])


if __name__ == "__main__":
    main()
