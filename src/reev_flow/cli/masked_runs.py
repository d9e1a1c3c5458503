"""Runs without their secrets, as they are shown; only the rule that looks for secrets sees what was recorded."""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from reev_flow.analysis.findings import Observation, Rule
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.redaction import Redaction
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace

LOOKS_FOR_SECRETS = "RF404"


class ReadRun(msgspec.Struct, frozen=True, kw_only=True):
    """`shown` has no secrets, whatever is cut from it or quoted of it; `recorded` is the same object when there were none."""

    shown: Trace
    recorded: Trace


def read_run(records: Sequence[Span], redaction: Redaction, *, adjust_clocks: bool = False) -> ReadRun:
    """Masked as a store masks what it is sent, before any of it is understood."""
    masked = [redaction.span(record) for record in records]
    shown = assemble_one(masked, adjust_clocks=adjust_clocks)
    is_clean = all(before is after for before, after in zip(records, masked, strict=True))
    recorded = shown if is_clean else assemble_one(records, adjust_clocks=adjust_clocks)
    return ReadRun(shown=shown, recorded=recorded)


def asked_of_recorded(rules: Iterable[Rule], runs: Sequence[ReadRun], redaction: Redaction) -> tuple[Rule, ...]:
    """The rules, to be asked of these runs as they are shown. The one that looks for secrets looks at what was recorded, and tells of it
    without secrets.
    """
    with_secrets = [run for run in runs if run.recorded is not run.shown]
    return tuple(
        replace(rule, look=_look_at_recorded(rule, with_secrets, redaction))
        if rule.code == LOOKS_FOR_SECRETS and with_secrets
        else rule
        for rule in rules
    )


def _look_at_recorded(
    rule: Rule, runs: Sequence[ReadRun], redaction: Redaction
) -> Callable[[RunFacts], Iterable[Observation]]:
    def look(facts: RunFacts) -> Iterable[Observation]:
        recorded = _recorded(facts.trace, runs)
        if recorded is None:
            return rule.look(facts)
        seen = rule.look(RunFacts(recorded, prices=facts.prices))
        return [replace(one, message=redaction.text("", one.message)) for one in seen]

    return look


def _recorded(shown: Trace, runs: Sequence[ReadRun]) -> Trace | None:
    """By the first span itself: two runs that are compared may have one id, and a trace that is worked on in a limited time is a copy."""
    return next((run.recorded for run in runs if run.shown.spans[0] is shown.spans[0]), None)
