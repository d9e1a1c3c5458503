"""What one rule finds in a drawn run."""

import msgspec

from reev_flow.analysis.findings import Finding, apply
from reev_flow.analysis.rules.rulebook import RULES, choose_rules, find, in_order
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from support.draw import draw


def found(code: str, run: str | Trace, *, ms_per_column: int = 1) -> list[Finding]:
    """A picture or a trace; pictures that are not at their scale can be stretched. As sure as the rule itself is, before that is calibrated."""
    trace = draw(run, ms_per_column=ms_per_column) if isinstance(run, str) else run
    facts = RunFacts(trace)
    rules = (msgspec.structs.replace(rule, least_confidence=0.0) for rule in choose_rules([code]))
    return list(in_order(one for rule in rules for one in apply(rule, facts, _as_claimed)))


def found_codes(run: str | Trace) -> set[str]:
    """The codes of everything that any rule finds."""
    trace = draw(run) if isinstance(run, str) else run
    return {finding.code for finding in find(RunFacts(trace), RULES)}


def _as_claimed(_: str, claimed: float) -> float:
    return claimed
