"""Where the time of all insights goes: each fact, each rule and each part by itself, in processor time.

What several need is counted with the first that asks for it, facts before rules. Each figure is the least of several rounds.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property, partial

from reev_flow.analysis.findings import apply
from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.rules.rulebook import DEFAULT_RULES
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.collect.assemble import assemble_one
from reev_flow.pipeline import TraceProcessor
from reev_flow.trace.trace import Trace
from synthetic import agent_run

SIZES = ((1_000, 15), (10_000, 5))  # spans, rounds
LEAST_MS = 0.005  # of the smallest run; what takes less is left out
PARTS = ("asked_calls", "call_analysis", "findings", "sensitivities", "patterns", "performance", "recommendations", "confidence_score", "diagram")  # fmt: skip

Work = tuple[str, Callable[[], object]]


def facts_and_rules(trace: Trace) -> Iterator[Work]:
    facts = RunFacts(trace)
    for name in _computed(RunFacts):
        yield f"fact {name}", partial(getattr, facts, name)
    for name in _computed(SpanAnalysis):
        yield f"times {name}", partial(getattr, facts.spans, name)
    for rule in DEFAULT_RULES:
        yield f"rule {rule.code}", partial(apply, rule, facts)


def parts(trace: Trace) -> Iterator[Work]:
    """With the findings in one."""
    insights = TraceProcessor().process_trace(trace)
    for name in _computed(SpanAnalysis):
        yield "part spans", partial(getattr, insights.spans, name)
    yield "part metrics", partial(getattr, insights, "metrics")
    for name in PARTS:
        assert hasattr(FlowInsights, name)
        yield f"part {name}", partial(getattr, insights, name)


def _computed(kind: type) -> list[str]:
    return [name for name, value in vars(kind).items() if isinstance(value, cached_property)]


def least_ms(size: int, rounds: int) -> dict[str, float]:
    trace = assemble_one(agent_run(size))
    least: dict[str, float] = {}
    for _ in range(rounds):
        took: dict[str, float] = {}
        for work in (*facts_and_rules(trace), *parts(trace)):
            took[work[0]] = took.get(work[0], 0.0) + _took_ms(work[1])
        least = {name: min(one, least.get(name, one)) for name, one in took.items()}
    return least


def _took_ms(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1_000


def main() -> None:
    columns = [least_ms(*size) for size in SIZES]
    told = [name for name in columns[0] if columns[0][name] >= LEAST_MS]
    width = max(map(len, told))
    sys.stdout.write(
        f"\n{'What each part takes':{width}} " + " ".join(f"{size:>10,} spans" for size, _ in SIZES) + "\n"
    )
    for name in told:
        sys.stdout.write(f"{name:{width}} " + " ".join(f"{column[name]:13,.2f} ms" for column in columns) + "\n")


if __name__ == "__main__":
    main()
