"""What was found in runs, as lines for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.analysis.rules.ignores import Ignored
from reev_flow.render.checked import CheckedRun, every_ignored
from reev_flow.render.printable import printable
from reev_flow.render.quantities import plural

MOST_EVIDENCE = 4


def checked_text(runs: Sequence[CheckedRun], *, shows_ignored: bool = False) -> str:
    """A run without findings is only counted."""
    lines = [line for run in runs for line in _run(run, shows_ignored=shows_ignored)]
    return "\n".join([*lines, summary(runs)]) + "\n"


def summary(runs: Sequence[CheckedRun]) -> str:
    """On one line: how many runs, how many findings of each severity, how many that do not count."""
    severities = Counter(finding.severity for run in runs for finding in run.kept)
    parts = [f"{plural(len(runs), 'run')} checked"]
    if severities:
        kinds = ", ".join(plural(severities[level], level.value) for level in reversed(Severity) if severities[level])
        parts.append(f"{plural(severities.total(), 'finding')}: {kinds}")
    else:
        parts.append("nothing found")
    told = ", ".join(parts)
    ignored, partial = every_ignored(runs), sum(bool(run.missing) for run in runs)
    if ignored:
        told += f"; {ignored:,} ignored"
    return f"{told}; {plural(partial, 'run')} only checked in part" if partial else told


def _run(run: CheckedRun, *, shows_ignored: bool) -> Iterator[str]:
    ignored = run.ignored if shows_ignored else ()
    if not run.kept and not ignored and not run.missing:
        return
    yield f"{printable(run.source)}: run {printable(run.trace.trace_id[:12])} {printable(run.name)}"
    for finding in run.kept:
        yield from _finding(finding)
    for one in ignored:
        yield from _ignored(one)
    if run.missing:
        yield f"  partial: the time did not suffice for {', '.join(run.missing)}"


def _finding(finding: Finding) -> Iterator[str]:
    hidden = len(finding.evidence) - MOST_EVIDENCE
    shown = ", ".join(finding.evidence[:MOST_EVIDENCE]) + (f" and {hidden} more" if hidden > 0 else "")
    yield f"  {finding.code} {finding.severity} {printable(finding.message)}"
    yield f"        do: {printable(finding.advice)}"
    yield f"        confidence {finding.confidence:.2f}, spans {printable(shown)}"


def _ignored(one: Ignored) -> Iterator[str]:
    where = ", as the trace says" if one.is_in_trace else ""
    yield f"  {one.finding.code} ignored{where} {printable(one.finding.message)}"
    yield f"        because: {printable(one.reason)}"
