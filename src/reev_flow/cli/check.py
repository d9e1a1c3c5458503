"""`reev-flow check`: findings like a linter's, and an exit code for CI."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import Parameter

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.analysis.insights import FlowInsights
from reev_flow.cli import EXIT_FOUND, EXIT_UNUSABLE
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import Reading, RunPrefix, Sources, parts_of, read_runs
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import write_data, write_text
from reev_flow.cli.surroundings import current_settings
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.printable import printable

Select = Annotated[
    list[str],
    Parameter(help="Only findings whose code starts with this, such as RF101 or RF2; more than once, or by commas."),
]
Ignore = Annotated[list[str], Parameter(help="No findings whose code starts with this.")]
FailOn = Annotated[
    Literal["note", "warning", "error", "never"],
    Parameter(help="The least severity that makes the exit code 1. [default: warning]"),
]


def check(
    *sources: Sources,
    run: RunPrefix = None,
    select: Select | None = None,
    ignore: Ignore | None = None,
    fail_on: FailOn | None = None,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Look for what went wrong, slow or dear in runs, in trace files or in the store.

    Exits with 1 when something at least as severe as --fail-on was found, with 2 when an input could not be read whole.
    """
    settings = current_settings()
    processor = TraceProcessor(
        parts=parts_of(settings),
        prices=settings.prices(),
        select=_codes(select) or settings.codes("check.select"),
        ignore=_codes(ignore) or settings.codes("check.ignore"),
    )
    reading = read_runs(sources, run, store=store)
    checked = [processor.process_trace(trace) for trace in reading.traces]
    if json:
        write_data(documents_json(((one.trace.trace_id, _tell(one)) for one in checked), reading))
    elif checked:
        write_text(_as_text(checked, reading))
    if reading.problems:
        return EXIT_UNUSABLE
    return EXIT_FOUND if _severe_enough(checked, fail_on or settings.word("check.fail_on")) else 0


def _codes(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(code.strip() for codes in given or () for code in codes.split(",") if code.strip())


def _severe_enough(checked: Sequence[FlowInsights], level: str) -> bool:
    if level == "never":
        return False
    least = Severity(level).rank
    return any(finding.severity.rank >= least for insights in checked for finding in insights.findings)


def _as_text(checked: Sequence[FlowInsights], reading: Reading) -> str:
    lines: list[str] = []
    for insights in checked:
        if not insights.findings:
            continue
        trace = insights.trace
        source = reading.source_of[trace.trace_id]
        lines += [f"{printable(source)}: run {printable(trace.trace_id[:12])} {printable(trace.name)}"]
        for finding in insights.findings:
            lines += _told(finding)
    return "\n".join([*lines, _summary(checked)]) + "\n"


def _told(finding: Finding) -> list[str]:
    shown = ", ".join(finding.evidence[:4]) + (
        f" and {len(finding.evidence) - 4} more" if len(finding.evidence) > 4 else ""
    )
    return [
        f"  {finding.code} {finding.severity} {printable(finding.message)}",
        f"        do: {finding.advice}",
        f"        confidence {finding.confidence:.2f}, spans {printable(shown)}",
    ]


def _summary(checked: Sequence[FlowInsights]) -> str:
    severities = Counter(finding.severity for insights in checked for finding in insights.findings)
    runs = f"{len(checked)} run{'' if len(checked) == 1 else 's'}"
    if not severities:
        return f"{runs} checked, nothing found"
    kinds = ", ".join(
        f"{severities[level]} {level}{'' if severities[level] == 1 else 's'}"
        for level in reversed(Severity)
        if severities[level]
    )
    total = severities.total()
    return f"{runs} checked, {total} finding{'' if total == 1 else 's'}: {kinds}"


def _tell(insights: FlowInsights) -> dict[str, object]:
    trace = insights.trace
    return {"trace_id": trace.trace_id, "name": trace.name, "findings": insights.findings}
