"""The JSON form of a comparison."""

from typing import Any

import msgspec

from reev_flow.analysis.comparison.amounts import Amounts
from reev_flow.analysis.comparison.compare import Comparison, Party
from reev_flow.analysis.comparison.divergence import Divergence
from reev_flow.analysis.comparison.steps import NOT_THERE, Change, Step
from reev_flow.render.bounded import bounded_text
from reev_flow.render.dollars import exact_dollars
from reev_flow.render.finding_parts import FindingPart, finding_parts
from reev_flow.render.operations import operation_forest
from reev_flow.render.run_status import run_status
from reev_flow.trace.span import Operation, TokenUsage
from reev_flow.trace.trace import NO_PARENT, Trace

COMPARISON_VERSION = 1


class AmountsPart(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` is in dollars, as a decimal string, null without prices."""

    duration_ns: int
    tokens: TokenUsage
    cost: str | None


class PartyPart(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two runs. `outside` is what belongs to no step. A partial run is compared as far as it goes."""

    trace_id: str
    name: str
    status: str
    is_partial: bool
    start_ns: str
    span_count: int
    total: AmountsPart
    outside: AmountsPart
    failures: int
    open_failures: int
    retries: int
    unpriced_calls: int


class StepPart(msgspec.Struct, frozen=True, kw_only=True):
    """`parent` is the index of the step around it. `a_span` and `b_span` are span ids, null where that run lacks the step. The amounts are what
    the step owned itself, `difference` is B's less A's.
    """

    operation: Operation
    name: str
    parent: int | None
    a_span: str | None
    b_span: str | None
    changes: list[Change]
    is_pending: bool
    a: AmountsPart
    b: AmountsPart
    difference: AmountsPart


class DivergencePart(msgspec.Struct, frozen=True, kw_only=True):
    """`evidence_a` and `evidence_b` are span ids; `step` is an index."""

    change: Change
    step: int
    message: str
    evidence_a: list[str]
    evidence_b: list[str]


class ComparisonDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Run B beside run A. The differences of the steps and of what is outside them sum to `difference` exactly.

    Absolute times are decimal strings of nanoseconds since 1970; durations are integers. `first_divergence` is null where nothing differs;
    `diverged` is false also where things were only said in other words. `missing_findings` are the codes that nobody had the time to look for
    in both runs. Within a version fields may be added, never changed or taken away.
    """

    version: int
    a: PartyPart
    b: PartyPart
    difference: AmountsPart
    outside_difference: AmountsPart
    diverged: bool
    first_divergence: DivergencePart | None
    steps: list[StepPart]
    appeared_findings: list[FindingPart]
    vanished_findings: list[FindingPart]
    missing_findings: list[str]


def comparison_schema() -> dict[str, Any]:
    """The JSON Schema of `ComparisonDocument`."""
    return msgspec.json.schema(ComparisonDocument)


def comparison_document(comparison: Comparison) -> ComparisonDocument:
    first = comparison.first_divergence
    is_priced = comparison.is_priced
    traces = comparison.a.trace, comparison.b.trace
    return ComparisonDocument(
        version=COMPARISON_VERSION,
        a=_party(comparison.a, is_priced=is_priced),
        b=_party(comparison.b, is_priced=is_priced),
        difference=_amounts(comparison.difference, is_priced=is_priced),
        outside_difference=_amounts(comparison.outside_difference, is_priced=is_priced),
        diverged=comparison.diverged,
        first_divergence=None if first is None else _divergence(first),
        steps=[_step(step, traces, is_priced=is_priced) for step in comparison.steps],
        appeared_findings=finding_parts(comparison.findings.appeared),
        vanished_findings=finding_parts(comparison.findings.vanished),
        missing_findings=list(comparison.findings.missing),
    )


def _amounts(amounts: Amounts, *, is_priced: bool) -> AmountsPart:
    cost = exact_dollars(amounts.cost) if is_priced else None
    return AmountsPart(duration_ns=amounts.duration_ns, tokens=amounts.tokens, cost=cost)


def _party(party: Party, *, is_priced: bool) -> PartyPart:
    trace = party.trace
    return PartyPart(
        trace_id=trace.trace_id,
        name=bounded_text(trace.name),
        status=run_status(operation_forest(trace)),
        is_partial=party.is_partial,
        start_ns=str(trace.start_ns),
        span_count=len(trace),
        total=_amounts(party.total, is_priced=is_priced),
        outside=_amounts(party.outside, is_priced=is_priced),
        failures=party.failures,
        open_failures=party.open_failures,
        retries=party.retries,
        unpriced_calls=party.unpriced_calls,
    )


def _step(step: Step, traces: tuple[Trace, Trace], *, is_priced: bool) -> StepPart:
    return StepPart(
        operation=step.operation,
        name=bounded_text(step.name),
        parent=None if step.parent == NO_PARENT else step.parent,
        a_span=None if step.a == NOT_THERE else traces[0].spans[step.a].span_id,
        b_span=None if step.b == NOT_THERE else traces[1].spans[step.b].span_id,
        changes=list(step.changes),
        is_pending=step.is_pending,
        a=_amounts(step.a_owned, is_priced=is_priced),
        b=_amounts(step.b_owned, is_priced=is_priced),
        difference=_amounts(step.difference, is_priced=is_priced),
    )


def _divergence(divergence: Divergence) -> DivergencePart:
    return DivergencePart(
        change=divergence.change,
        step=divergence.step,
        message=divergence.message,
        evidence_a=list(divergence.evidence_a),
        evidence_b=list(divergence.evidence_b),
    )
