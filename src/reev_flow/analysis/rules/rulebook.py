"""Every finding rule there is, and which of them are asked."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

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
from reev_flow.analysis.rules.effect_twice import look_for_effects_done_twice
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
from reev_flow.analysis.rules.step_in_doubt import look_for_steps_in_doubt
from reev_flow.analysis.rules.swallowed_error import look_for_swallowed_errors
from reev_flow.analysis.rules.thrown_away_branch import look_for_thrown_away_branches
from reev_flow.analysis.rules.uncached_input import look_for_uncached_input
from reev_flow.analysis.rules.wishes import RuleWish
from reev_flow.analysis.rules.written_secret import look_for_written_secrets
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.time_budget import TimeBudget
from reev_flow.errors import ProcessingTimedOut, UnknownCode

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
    Rule(code="RF401", name="effect-twice", severity=Severity.ERROR, look=look_for_effects_done_twice),
    Rule(code="RF402", name="step-in-doubt", severity=Severity.WARNING, look=look_for_steps_in_doubt),
    Rule(code="RF404", name="secret-in-attributes", severity=Severity.ERROR, look=look_for_written_secrets),
)


DEFAULT_RULES = tuple(rule for rule in RULES if rule.is_default)
BOTTLENECK_CODES = "RF1"  # findings about lost time


def choose_rules(
    select: Sequence[str] = (), ignore: Sequence[str] = (), wishes: Sequence[RuleWish] = ()
) -> tuple[Rule, ...]:
    """The rules whose codes start with something selected (all, if nothing is) and with nothing ignored, changed as wished.

    One that is off by default is asked only when a wish switches it on or when its whole code is selected, which also asks one that a wish
    switches off. Raises `UnknownCode` for the beginning of a code, or in a wish for a code, that no rule has, and `TypeError` for one text
    in place of several, whose characters would be taken for codes.
    """
    for name, prefixes in (("select", select), ("ignore", ignore)):
        if isinstance(prefixes, str):
            raise TypeError(f"{name} is the text {prefixes!r}; give a list of codes, as in {name}=[{prefixes!r}]")
    known = tuple(rule.code for rule in RULES)
    for prefix in (*select, *ignore):
        if not prefix or not any(code.startswith(prefix.upper()) for code in known):
            raise UnknownCode(prefix, known)
    check_codes(wish.code for wish in wishes)
    wanted = tuple(prefix.upper() for prefix in select)
    unwanted = tuple(prefix.upper() for prefix in ignore)
    wish_of = {wish.code.upper(): wish for wish in wishes}
    rules = [_as_wished(rule, wish_of.get(rule.code)) for rule in RULES if not rule.code.startswith(unwanted)]
    return tuple(
        rule for rule in rules if rule.code in wanted or (rule.is_default and rule.code.startswith(wanted or "RF"))
    )


def check_codes(codes: Iterable[str]) -> None:
    """Raises `UnknownCode` for one that is not the whole code of a rule."""
    known = tuple(rule.code for rule in RULES)
    for code in codes:
        if code.upper() not in known:
            raise UnknownCode(code, known)


def _as_wished(rule: Rule, wish: RuleWish | None) -> Rule:
    if wish is None:
        return rule
    return replace(
        rule,
        is_default=rule.is_default if wish.enabled is None else wish.enabled,
        severity=rule.severity if wish.severity is None else Severity(wish.severity),
        least_confidence=rule.least_confidence if wish.min_confidence is None else wish.min_confidence,
    )


def find(facts: RunFacts, rules: Sequence[Rule] = DEFAULT_RULES) -> tuple[Finding, ...]:
    """What these rules find, in order."""
    return in_order(finding for rule in rules for finding in apply(rule, facts))


def find_in_time(
    facts: RunFacts, rules: Sequence[Rule], budget: TimeBudget
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What they find, in order, and the codes of those that there was no time to ask."""
    found: list[Finding] = []
    missed: list[str] = []
    for rule in rules:
        try:
            budget.check(facts.trace.trace_id)
            found += apply(rule, facts)
        except ProcessingTimedOut:  # and for every rule after this one
            missed.append(rule.code)
    return in_order(found), tuple(missed)


def without_lost_time(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that do not look for bottlenecks."""
    return tuple(rule for rule in rules if not rule.code.startswith(BOTTLENECK_CODES))


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity, then by the time they would save, then in the order of the rules."""
    return tuple(sorted(found, key=lambda finding: (-finding.severity.rank, -_saved_ns(finding))))


def _saved_ns(finding: Finding) -> int:
    return finding.saving.duration_ns if finding.saving else 0
