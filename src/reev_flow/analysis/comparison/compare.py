"""What is different about one run beside another: where they parted, and which steps the difference in time, tokens and cost is made of."""

from collections.abc import Sequence
from functools import cached_property

import msgspec
from msgspec.structs import replace

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.comparison.amounts import Amounts, CostOf, owned_amounts
from reev_flow.analysis.comparison.divergence import Divergence, Parties, first_divergence
from reev_flow.analysis.comparison.found_changes import FindingChanges, changed_findings
from reev_flow.analysis.comparison.operations import operations_of
from reev_flow.analysis.comparison.pairing import pair_operations
from reev_flow.analysis.comparison.steps import Change, PairedRuns, Step, steps_of
from reev_flow.analysis.findings import Rule
from reev_flow.analysis.rules.ignores import sort_out
from reev_flow.analysis.rules.rulebook import choose_rules, find_in_time
from reev_flow.analysis.rules.wishes import Ignore
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.time_budget import TimeBudget
from reev_flow.trace.trace import Trace


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two runs. `outside` is what belongs to no step: time in which none ran, tokens that infrastructure states.

    `failures` are operations that failed, `open_failures` those that were not made good; `retries` are further calls of a tool that had
    failed, with the same arguments. A partial run has unfinished spans or lacks some. `unpriced_calls` are model calls
    that used tokens and whose price is not known; `unpriced_models` what they called, by name.
    """

    trace: Trace
    total: Amounts
    outside: Amounts
    failures: int
    open_failures: int
    retries: int
    is_partial: bool
    unpriced_calls: int = 0
    unpriced_models: tuple[str, ...] = ()


class Comparison:
    """A beside B. The differences are B's amounts less A's: those of the steps and of what is outside them sum to the whole exactly."""

    def __init__(
        self,
        a: RunFacts,
        b: RunFacts,
        *,
        cost_of: CostOf | None = None,
        rules: Sequence[Rule] | None = None,
        ignores: Sequence[Ignore] = (),
        timeout_ms: float | None = None,
    ) -> None:
        self._facts = a, b
        self._ignores = ignores
        self._timeout_ms = timeout_ms
        self._rules = choose_rules() if rules is None else rules
        self._cost_of = cost_of
        self._runs = operations_of(a), operations_of(b)
        self._owned = tuple(owned_amounts(run, facts, cost_of) for run, facts in zip(self._runs, (a, b), strict=True))
        self.is_priced = cost_of is not None

    @cached_property
    def a(self) -> Party:
        return self._party(0)

    @cached_property
    def b(self) -> Party:
        return self._party(1)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Steps before what is inside them, in the order of A, with what only B did where it did it."""
        a, b = self._runs
        return steps_of(PairedRuns(a=a, b=b, pairing=pair_operations(a, b)), (self._owned[0], self._owned[1]))

    @property
    def difference(self) -> Amounts:
        return self.b.total - self.a.total

    @property
    def outside_difference(self) -> Amounts:
        return self.b.outside - self.a.outside

    @cached_property
    def first_divergence(self) -> Divergence | None:
        return first_divergence(Parties(a=self._runs[0], b=self._runs[1], steps=self.steps))

    @property
    def diverged(self) -> bool:
        """Whether they did different things or had different results; other words alone do not count."""
        return self.first_divergence is not None and self.first_divergence.change is not Change.OTHER_WORDS

    @cached_property
    def findings(self) -> FindingChanges:
        """Those that count, of the rules that there was time to ask of both runs: of the others nobody knows whether anything changed."""
        found_a, found_b = (find_in_time(facts, self._rules, TimeBudget(self._timeout_ms)) for facts in self._facts)
        missing = {*found_a[1], *found_b[1]}
        a, b = (
            sort_out(facts.trace, [one for one in found if one.code not in missing], self._ignores).kept
            for facts, (found, _) in zip(self._facts, (found_a, found_b), strict=True)
        )
        changes = changed_findings(*self._runs, self.steps, (a, b))
        return replace(changes, missing=tuple(sorted(missing)))

    def _party(self, which: int) -> Party:
        facts, run, owned = self._facts[which], self._runs[which], self._owned[which]
        unpriced = _unpriced(facts, self._cost_of)
        return Party(
            trace=facts.trace,
            total=owned.total,
            outside=owned.outside,
            failures=len(facts.failed_operations),
            open_failures=sum(not failure.was_made_good for failure in facts.failed_operations),
            retries=sum(retried.retries for retried in facts.retried_calls),
            is_partial=run.is_partial,
            unpriced_calls=len(unpriced),
            unpriced_models=tuple(sorted({call.model for call in unpriced})),
        )


def compare_runs(
    a: Trace,
    b: Trace,
    *,
    cost_of: CostOf | None = None,
    rules: Sequence[Rule] | None = None,
    ignores: Sequence[Ignore] = (),
    timeout_ms: float | None = None,
) -> Comparison:
    """Lays B beside A. `cost_of` says what a model call cost in dollars, or None of one whose price it does not know. Without `rules` the
    usual ones are asked, for up to `timeout_ms` of each run; `findings.missing` has the codes of those that this did not suffice for.
    Findings that the `ignores` or the runs themselves say do not count are left out.
    """
    return Comparison(RunFacts(a), RunFacts(b), cost_of=cost_of, rules=rules, ignores=ignores, timeout_ms=timeout_ms)


def _unpriced(facts: RunFacts, cost_of: CostOf | None) -> list[ModelCall]:
    if cost_of is None:
        return []
    used = (call for call in facts.model_calls if call.usage is not None and call.usage.total > 0)
    return [call for call in used if cost_of(call) is None]
