"""What cures would save: the run replayed with what they change, and the tokens and dollars that would not be spent."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from reev_flow.analysis.advice.cures import Case
from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.advice.treatments import Treatment, treatment_of
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import TokenUsage

MOST_REPLAYED = 8  # runs; of what saves less than these, what it owns of the path is told, which is a bound
MOST_REPLAYED_SPANS = 200_000  # in all of them
FROM_A_CACHE = "RF303"  # saves no tokens, but makes them cheaper


class PredictedSaving(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would be spared. `cost` is in dollars, None unless prices are known.

    `duration_ns` comes from a replay, with `is_bound` it is the most that there can be; `is_guess` says that the replay had to take from the times
    what spans waited for. `assumes` is the condition it was worked out under, empty when there is none. `tokens` of input that a cache would
    serve count too.
    """

    duration_ns: int = 0
    tokens: int = 0
    cost: Decimal | None = None
    is_bound: bool = False
    is_guess: bool = False
    assumes: str = ""


def savings_of(cases: Sequence[Case], shares: SpanShares) -> list[PredictedSaving]:
    """In the order of the cases. Those that promise most are replayed."""
    facts = shares.facts
    treatments = [treatment_of(case, shares) for case in cases]
    bounds_ns = [_bound_ns(treatment, shares) for treatment in treatments]
    replays = max(2, min(MOST_REPLAYED, MOST_REPLAYED_SPANS // len(facts.trace)))
    ranked = sorted(range(len(cases)), key=lambda number: -bounds_ns[number])
    replayed = {number for number in ranked[:replays] if treatments[number].durations_ns and bounds_ns[number]}
    return [
        _saving(case, treatment, (bound_ns, number in replayed), shares)
        for number, (case, treatment, bound_ns) in enumerate(zip(cases, treatments, bounds_ns, strict=True))
    ]


def _bound_ns(treatment: Treatment, shares: SpanShares) -> int:
    """Nothing saves more than it owns of the path, which is 0 for what nobody waited for."""
    return shares.owned_ns(treatment.durations_ns) + treatment.idle_ns if treatment.durations_ns else treatment.idle_ns


def _saving(case: Case, treatment: Treatment, bound: tuple[int, bool], shares: SpanShares) -> PredictedSaving:
    facts, (bound_ns, is_replayed) = shares.facts, bound
    saved_ns = _replayed_ns(treatment.durations_ns, facts) + treatment.idle_ns if is_replayed else bound_ns
    tokens = max((finding.saving.tokens for finding in case.findings if finding.saving), default=0)
    return PredictedSaving(
        duration_ns=max(saved_ns, 0),
        tokens=max(tokens, shares.usage(treatment.gone).total),
        cost=_cost(case, treatment.gone, tokens, shares),
        is_bound=saved_ns > 0 and (treatment.is_bound or (bool(treatment.durations_ns) and not is_replayed)),
        is_guess=is_replayed and facts.spans.schedule.guessed > 0,
        assumes=treatment.assumes if saved_ns > 0 else "",
    )


def _replayed_ns(durations_ns: Mapping[int, int], facts: RunFacts) -> int:
    schedule = facts.spans.schedule
    return schedule.times.duration_ns - schedule.replay(durations_ns).duration_ns


def _cost(case: Case, gone: frozenset[int], tokens: int, shares: SpanShares) -> Decimal | None:
    """None unless the price of every model is known that has a part in it."""
    prices = shares.facts.prices
    inside = [call for call in shares.model_calls(gone) if call.usage]
    if inside:
        costs = [cost for cost in map(prices.cost_of, inside) if cost is not None]
        return sum(costs, start=Decimal(0)) if len(costs) == len(inside) else None
    if not tokens:
        return None
    call = shares.first_model_call(case.positions)
    price = prices.of("" if call is None else call.model)
    if price is None:
        return None
    sent = price.cost(TokenUsage(input=tokens))
    is_cheaper = case.lead.code == FROM_A_CACHE
    return sent - price.cost(TokenUsage(input=tokens, cache_read=tokens)) if is_cheaper else sent
