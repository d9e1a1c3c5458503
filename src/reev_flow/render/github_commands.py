"""What was found in runs, as workflow commands: GitHub shows them beside the run of a workflow and the files of a change."""

from collections.abc import Sequence

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.collect.inputs import STDIN
from reev_flow.render.checked import CheckedRun
from reev_flow.render.checked_text import summary
from reev_flow.render.printable import printable

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github_commands(runs: Sequence[CheckedRun]) -> str:
    """A line for each finding that counts, and the summary."""
    lines = [_command(run, finding) for run in runs for finding in run.kept]
    return "\n".join([*lines, summary(runs)]) + "\n"


def _command(run: CheckedRun, finding: Finding) -> str:
    properties = {"title": f"{finding.code} {finding.name}"}
    if run.source != STDIN:
        properties = {"file": run.source, **properties}
    told = ",".join(f"{name}={_in_property(value)}" for name, value in properties.items())
    span = f", span {printable(finding.evidence[0])}" if finding.evidence else ""
    text = (
        f"{printable(finding.message)}\ndo: {printable(finding.advice)}\n"
        f"run {printable(run.trace.trace_id)} {printable(run.name)}{span}, confidence {finding.confidence:.2f}"
    )
    return f"::{LEVELS[finding.severity]} {told}::{_in_text(text)}"


def _in_text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_property(text: str) -> str:
    return _in_text(text).replace(":", "%3A").replace(",", "%2C")
