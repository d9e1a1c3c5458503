"""What is wrong with a run, and what was wrong with its trace."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.render.quantities import plural, told_count
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import shown
from reev_flow.trace.durations import told_duration
from reev_flow.trace.trace import Problem

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
MOST_EVIDENCE = 3
MOST_PROBLEMS = 10
MOST_FINDINGS = 40
INDENT = (0, 0, 0, 2)
NO_NUMBERS: Mapping[int, int] = {}


def findings(
    found: Sequence[Finding], options: TerminalOptions, number_of: Mapping[int, int] = NO_NUMBERS
) -> Iterator[RenderableType]:
    """A finding whose cure has a number further down, by its place, says that number instead of what to do and what that saves."""
    if not found:
        yield Text("none")
    for place, finding in enumerate(found[:MOST_FINDINGS]):
        yield Text.assemble((f"{finding.severity} {finding.code}", STYLES[finding.severity]), f" {finding.name}")
        yield Padding(Text(shown(finding.message, options)), INDENT)
        number = number_of.get(place)
        if number is None:
            yield Padding(Text(f"do: {shown(finding.advice, options)}"), INDENT)
        yield Padding(Text(_proof(finding, options, number), style="dim"), INDENT)
    if len(found) > MOST_FINDINGS:
        yield Text(f"and {len(found) - MOST_FINDINGS:,} more; `reev-flow check` lists every one", style="dim")


def problems(found: Sequence[Problem], options: TerminalOptions) -> Iterator[RenderableType]:
    """The first of them, and how many there are of each kind."""
    for problem in found[:MOST_PROBLEMS]:
        flag = problem.flag.replace("_", " ")
        yield Text.assemble(
            (flag, "yellow"), f" {shown(problem.details, options)} ", (shown(problem.span_id, options), "dim")
        )
    if len(found) > MOST_PROBLEMS:
        kinds = Counter(problem.flag.replace("_", " ") for problem in found)
        told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
        yield Text(f"{plural(len(found), 'problem')} in all: {told}", style="dim")


def _proof(finding: Finding, options: TerminalOptions, number: int | None) -> str:
    spans = ", ".join(shown(span_id, options) for span_id in finding.evidence[:MOST_EVIDENCE])
    hidden = len(finding.evidence) - MOST_EVIDENCE
    told = f"{spans} and {hidden:,} more" if hidden > 0 else spans
    facts = [
        _saving(finding) if number is None else f"do {number} below",
        f"confidence {finding.confidence:.2f}",
        f"spans {told}",
    ]
    return " · ".join(fact for fact in facts if fact)


def _saving(finding: Finding) -> str:
    if finding.saving is None:
        return ""
    time = told_duration(finding.saving.duration_ns) if finding.saving.duration_ns else ""
    tokens = f"{told_count(finding.saving.tokens)} tokens" if finding.saving.tokens else ""
    saved = " and ".join(part for part in (time, tokens) if part)
    return f"saves up to {saved}" if saved else ""
