"""What became of a run, put together: its patterns, its performance, and what to do about it."""

import msgspec

from reev_flow.analysis.advice.patterns import Pattern
from reev_flow.analysis.advice.performance import Performance
from reev_flow.analysis.advice.recommendations import Recommendation
from reev_flow.analysis.findings import Finding
from reev_flow.analysis.run_facts import RunFacts

NOT_WHOLE = 0.9  # how sure it is that spans which have not come would change nothing


class FlowAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """`performance` is None where that part is switched off.

    `confidence_score`, between 0 and 1, is how much of what is said here should hold: the mean confidence of the findings, 1 without any, times the
    share of the spans that came as they should; less where spans are known to be missing.

    When the time was over before everything was worked out, it `is_partial`, and `missing` names the parts that are empty, None or 0 for that
    reason, and the codes of findings that nobody looked for.
    """

    patterns: tuple[Pattern, ...]
    performance: Performance | None
    recommendations: tuple[Recommendation, ...]
    confidence_score: float
    is_partial: bool = False
    missing: tuple[str, ...] = ()


def confidence_score(facts: RunFacts, findings: tuple[Finding, ...]) -> float:
    sure = sum(finding.confidence for finding in findings) / len(findings) if findings else 1.0
    trace = facts.trace
    odd = len({problem.span_id for problem in trace.problems})
    whole = 1 - min(odd / len(trace), 1.0)
    return round(sure * whole * (NOT_WHOLE if trace.awaited else 1.0), 3)
