"""What one rule finds in a drawn run."""

from reev_flow.analysis.findings import Finding
from reev_flow.analysis.rulebook import RULES, choose_rules, find
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from support.draw import draw


def found(code: str, run: str | Trace, *, ms_per_column: int = 1) -> list[Finding]:
    """A picture or a trace; pictures that are not at their scale can be stretched."""
    trace = draw(run, ms_per_column=ms_per_column) if isinstance(run, str) else run
    return list(find(RunFacts(trace), choose_rules([code])))


def found_codes(run: str | Trace) -> set[str]:
    """The codes of everything that any rule finds."""
    trace = draw(run) if isinstance(run, str) else run
    return {finding.code for finding in find(RunFacts(trace), RULES)}
