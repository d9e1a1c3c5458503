"""What to do about a run, what pays most first."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from reev_flow.analysis.advice.cures import Case, cases_of
from reev_flow.analysis.advice.predicted_savings import FROM_A_CACHE, PredictedSaving, savings_of
from reev_flow.analysis.advice.recommended_deeds import DEEDS, Deed
from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.calls.prices import NO_PRICES, Prices
from reev_flow.analysis.findings import Finding, Rule, Severity
from reev_flow.analysis.rules.rulebook import DEFAULT_RULES, find
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.durations import told_duration
from reev_flow.trace.trace import Trace

MOST_NAMED = 3
SWALLOWED = "RF201"
AND_SAY_SO = ", and let the answer say so when it fails"
CENT_PART = Decimal("0.0001")


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do, whatever number of findings it mends.

    `message` is what to do, where, and what it gives. `codes` are those of the findings, the one that names the cure first; `evidence` the
    ids of the spans that show them, in the order of the trace; `confidence` is that of the surest of them. `severity` is the worst.
    """

    message: str
    codes: tuple[str, ...]
    where: tuple[str, ...]
    evidence: tuple[str, ...]
    severity: Severity
    saving: PredictedSaving
    confidence: float


class RecommendationEngine:
    """Makes recommendations of what the given rules find."""

    def __init__(self, rules: Sequence[Rule] = DEFAULT_RULES, *, prices: Prices = NO_PRICES) -> None:
        self._rules = rules
        self._prices = prices

    def recommend(self, trace: Trace) -> tuple[Recommendation, ...]:
        facts = RunFacts(trace, prices=self._prices)
        return recommendations_of(SpanShares(facts), find(facts, self._rules))


def recommendations_of(shares: SpanShares, findings: Iterable[Finding]) -> tuple[Recommendation, ...]:
    """What made the run wrong comes first, since such a run was for nothing; then by the shares of its time and tokens that are expected to
    be saved, then as they were found.
    """
    facts = shares.facts
    cases = cases_of(findings, shares)
    savings = savings_of(cases, shares)
    made = [_recommendation(case, saving, facts) for case, saving in zip(cases, savings, strict=True)]
    return tuple(sorted(made, key=lambda one: (one.severity is not Severity.ERROR, -_worth(one, facts))))


def _worth(one: Recommendation, facts: RunFacts) -> float:
    tokens, time_ns = facts.usage.total.total, facts.trace.duration_ns
    token_share = one.saving.tokens / tokens if tokens else 0.0
    time_share = one.saving.duration_ns / time_ns if time_ns else 0.0
    return one.confidence * (token_share + time_share)


def _recommendation(case: Case, saving: PredictedSaving, facts: RunFacts) -> Recommendation:
    spans = [facts.trace.spans[position] for position in case.positions]
    return Recommendation(
        message=_message(case, saving, facts),
        codes=tuple(dict.fromkeys(finding.code for finding in case.findings)),
        where=tuple(dict.fromkeys(span.label for span in spans)),
        evidence=tuple(span.span_id for span in spans),
        severity=max((finding.severity for finding in case.findings), key=lambda severity: severity.rank),
        saving=saving,
        confidence=max(finding.confidence for finding in case.findings),
    )


def _message(case: Case, saving: PredictedSaving, facts: RunFacts) -> str:
    lead = case.lead
    deed = DEEDS.get(lead.code, Deed(f"{lead.advice} ({{where}})"))
    where, root = _where(case, facts)
    what = deed.what.replace("{where}", where).replace("{root}", root)
    if lead.code != SWALLOWED and any(finding.code == SWALLOWED for finding in case.findings):
        what += AND_SAY_SO
    gives = _told_saving(saving, facts.trace.duration_ns, is_cheaper=lead.code == FROM_A_CACHE) or deed.gain
    return f"{what}: {gives}" if gives else what


def _where(case: Case, facts: RunFacts) -> tuple[str, str]:
    """The operations that the first finding is about, and the deepest of them."""
    wanted = set(case.lead.evidence)
    spans = [span for position in case.positions if (span := facts.trace.spans[position]).span_id in wanted]
    if case.lead.code == "RF107":  # what stood still comes first, then its neighbours
        spans = [span for span in spans if span.span_id == case.lead.evidence[0]]
    names = list(dict.fromkeys(f"{span.operation} {span.label}" for span in spans)) or ["the run"]
    hidden = len(names) - MOST_NAMED
    if hidden > 0:
        return f"{', '.join(names[:MOST_NAMED])} and {hidden} more", names[-1]
    return " and ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), names[-1]]), names[-1]


def _told_saving(saving: PredictedSaving, duration_ns: int, *, is_cheaper: bool) -> str:
    """Empty when nothing is saved that can be counted."""
    parts = []
    if saving.duration_ns:
        share = f" ({saving.duration_ns / duration_ns:.0%})" if duration_ns else ""
        most = "up to " if saving.is_bound else ""
        assumed = f" {saving.assumes}" if saving.assumes else ""
        parts.append(f"the run takes {most}{told_duration(saving.duration_ns)}{share} less{assumed}")
    if saving.tokens:
        parts.append(f"about {saving.tokens:,} tokens {'out of its cache' if is_cheaper else 'less'}")
    if saving.cost:
        parts.append(f"{saving.cost.quantize(CENT_PART):f} dollars less")
    return ", ".join(parts)
