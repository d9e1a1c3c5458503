"""What was found in runs, as workflow commands: GitHub shows them beside the run of a workflow and the files of a change."""

from collections.abc import Iterable, Sequence

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.collect.inputs import STDIN, STDIN_NAME
from reev_flow.errors import InvalidFormat
from reev_flow.render.checked import CheckedRun
from reev_flow.render.checked_text import summary
from reev_flow.render.printable import printable

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github_commands(runs: Sequence[CheckedRun], problems: Iterable[InvalidFormat] = ()) -> str:
    """A line for each input that could not be read, which is an error, a line for each finding that counts, and the summary."""
    lines = [_refusal(problem) for problem in problems]
    lines += [_command(run, finding) for run in runs for finding in run.kept]
    return "\n".join([*lines, summary(runs)]) + "\n"


def _command(run: CheckedRun, finding: Finding) -> str:
    told = _properties(run.source, title=f"{finding.code} {finding.name}")
    span = f", span {printable(finding.evidence[0])}" if finding.evidence else ""
    text = (
        f"{printable(finding.message)}\ndo: {printable(finding.advice)}\n"
        f"run {printable(run.trace.trace_id)} {printable(run.name)}{span}, confidence {finding.confidence:.2f}"
    )
    return f"::{LEVELS[finding.severity]} {told}::{_in_text(text)}"


def _refusal(problem: InvalidFormat) -> str:
    line = {} if problem.line is None else {"line": str(problem.line)}
    told = _properties(problem.source, **line, title="could not be read")
    return f"::error {told}::{_in_text(printable(str(problem)))}"


def _properties(source: str, **others: str) -> str:
    """Standard input is no file that could be shown."""
    known = others if source in {"", STDIN, STDIN_NAME} else {"file": source, **others}
    return ",".join(f"{name}={_in_property(value)}" for name, value in known.items())


def _in_text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_property(text: str) -> str:
    return _in_text(text).replace(":", "%3A").replace(",", "%2C")
