"""Every finding rule there is, and which of them are asked."""

from collections.abc import Sequence

from reev_flow.analysis.findings import Finding, Rule, Severity, apply
from reev_flow.analysis.rules.classified_errors import (
    look_for_missing_things,
    look_for_rate_limits,
    look_for_refused_access,
    look_for_service_errors,
    look_for_timeouts,
)
from reev_flow.analysis.rules.cost_concentrated import look_for_concentrated_cost
from reev_flow.analysis.rules.critical_owner import look_for_a_critical_owner
from reev_flow.analysis.rules.cut_output import look_for_cut_output
from reev_flow.analysis.rules.growing_context import look_for_growing_context
from reev_flow.analysis.rules.idle_gap import look_for_idle_gaps
from reev_flow.analysis.rules.invalid_call import look_for_invalid_calls
from reev_flow.analysis.rules.loop_without_news import look_for_loops
from reev_flow.analysis.rules.needless_sequence import look_for_needless_sequences
from reev_flow.analysis.rules.no_answer import look_for_a_missing_answer
from reev_flow.analysis.rules.one_by_one import look_for_one_by_one
from reev_flow.analysis.rules.repeated_call import look_for_repeated_calls
from reev_flow.analysis.rules.retry_storm import look_for_retry_storms
from reev_flow.analysis.rules.same_root_error import look_for_one_root
from reev_flow.analysis.rules.slow_outlier import look_for_slow_outliers
from reev_flow.analysis.rules.soft_error import look_for_soft_errors
from reev_flow.analysis.rules.swallowed_error import look_for_swallowed_errors
from reev_flow.analysis.rules.thrown_away_branch import look_for_thrown_away_branches
from reev_flow.analysis.rules.uncached_input import look_for_uncached_input
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.errors import UnknownCode

RULES = (
    Rule(code="RF101", name="repeated-call", severity=Severity.WARNING, look=look_for_repeated_calls),
    Rule(code="RF102", name="retry-storm", severity=Severity.WARNING, look=look_for_retry_storms),
    Rule(code="RF103", name="loop-without-news", severity=Severity.WARNING, look=look_for_loops),
    Rule(code="RF104", name="one-by-one", severity=Severity.WARNING, look=look_for_one_by_one),
    Rule(code="RF105", name="needless-sequence", severity=Severity.NOTE, look=look_for_needless_sequences),
    Rule(code="RF106", name="critical-owner", severity=Severity.NOTE, look=look_for_a_critical_owner),
    Rule(code="RF107", name="idle-gap", severity=Severity.WARNING, look=look_for_idle_gaps),
    Rule(code="RF108", name="slow-outlier", severity=Severity.NOTE, look=look_for_slow_outliers),
    Rule(code="RF201", name="swallowed-error", severity=Severity.ERROR, look=look_for_swallowed_errors),
    Rule(code="RF202", name="soft-error", severity=Severity.WARNING, look=look_for_soft_errors),
    Rule(code="RF203", name="rate-limited", severity=Severity.WARNING, look=look_for_rate_limits),
    Rule(code="RF204", name="access-refused", severity=Severity.ERROR, look=look_for_refused_access),
    Rule(code="RF205", name="not-found", severity=Severity.WARNING, look=look_for_missing_things),
    Rule(code="RF206", name="service-error", severity=Severity.WARNING, look=look_for_service_errors),
    Rule(code="RF207", name="timeout", severity=Severity.WARNING, look=look_for_timeouts),
    Rule(code="RF208", name="invalid-call", severity=Severity.WARNING, look=look_for_invalid_calls),
    Rule(code="RF209", name="same-root-error", severity=Severity.NOTE, look=look_for_one_root),
    Rule(code="RF210", name="no-answer", severity=Severity.ERROR, look=look_for_a_missing_answer),
    Rule(code="RF301", name="growing-context", severity=Severity.WARNING, look=look_for_growing_context),
    Rule(code="RF302", name="cut-output", severity=Severity.WARNING, look=look_for_cut_output),
    Rule(code="RF303", name="uncached-input", severity=Severity.NOTE, look=look_for_uncached_input),
    Rule(code="RF304", name="thrown-away-branch", severity=Severity.NOTE, look=look_for_thrown_away_branches),
    Rule(code="RF305", name="cost-concentrated", severity=Severity.NOTE, look=look_for_concentrated_cost),
)


BOTTLENECK_CODES = "RF1"  # findings about lost time


def choose_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules whose codes start with something selected (all, if nothing is) and with nothing ignored; `UnknownCode` for a prefix
    that no rule has.
    """
    known = tuple(rule.code for rule in RULES)
    for prefix in (*select, *ignore):
        if not prefix or not any(code.startswith(prefix.upper()) for code in known):
            raise UnknownCode(prefix, known)
    wanted = tuple(prefix.upper() for prefix in select) or ("RF",)
    unwanted = tuple(prefix.upper() for prefix in ignore)
    return tuple(rule for rule in RULES if rule.code.startswith(wanted) and not rule.code.startswith(unwanted))


def find(facts: RunFacts, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Findings by severity, then by the time they would save, then in the order of the rules."""
    found = [finding for rule in rules for finding in apply(rule, facts)]
    return tuple(sorted(found, key=lambda finding: (-finding.severity.rank, -_saved_ns(finding))))


def _saved_ns(finding: Finding) -> int:
    return finding.saving.duration_ns if finding.saving else 0
