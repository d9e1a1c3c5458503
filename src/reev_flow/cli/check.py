"""`reev-flow check`: findings like a linter's, and an exit code for CI."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal

from cyclopts import Parameter

from reev_flow.analysis.findings import Severity
from reev_flow.analysis.rules.ignores import sort_out
from reev_flow.analysis.rules.wishes import Ignore
from reev_flow.cli import EXIT_FOUND, EXIT_UNUSABLE
from reev_flow.cli.asked_rules import asked_rules, ignores_in_force, tell_void
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import Reading, RunPrefix, Sources, read_runs, rules_for
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_data, write_text
from reev_flow.collect.redaction import Redaction
from reev_flow.errors import ReevFlowError
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.checked import CheckedRun
from reev_flow.render.checked_text import checked_text
from reev_flow.render.github_commands import github_commands
from reev_flow.render.sarif import sarif_text
from reev_flow.runtime.processing import processor_of
from reev_flow.settings import current_settings
from reev_flow.settings.trace_keeping import redaction_of
from reev_flow.trace.trace import Trace

Select = Annotated[
    list[str],
    Parameter(
        help="Only findings whose code starts with this, such as RF101 or RF2; more than once, or by commas. A rule that is off by default "
        "is asked when this is its whole code."
    ),
]
IgnoredCodes = Annotated[list[str], Parameter(help="No findings whose code starts with this.")]
FailOn = Annotated[
    Literal["note", "warning", "error", "never"],
    Parameter(help="The least severity that makes the exit code 1. [default: warning]"),
]
ShowIgnored = Annotated[bool, Parameter(help="Also list the findings that do not count, and why.")]


class Format(StrEnum):
    """How findings are written: for people, for programs, for code scanners, for GitHub's workflows."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


FormatName = Annotated[
    Literal["text", "json", "sarif", "github"],
    Parameter(name="--format", help="How to write findings. [default: text]"),
]


class TwoFormats(ReevFlowError):
    """`--json` beside another format."""

    def __init__(self, other: str) -> None:
        super().__init__(other)
        self.other = other

    def __str__(self) -> str:
        return f"--json and --format {self.other} ask for two formats; leave one out"


def check(  # noqa: PLR0913 - one argument for each option
    *sources: Sources,
    run: RunPrefix = None,
    select: Select | None = None,
    ignore: IgnoredCodes | None = None,
    fail_on: FailOn | None = None,
    form: FormatName | None = None,
    show_ignored: ShowIgnored = False,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Look for what went wrong, slow or dear in runs, in trace files or in the store.

    Exits with 1 when something at least as severe as --fail-on was found, with 2 when an input could not be read or checked whole.
    """
    wanted = _format(form, is_json=json)
    settings = current_settings()
    rules = asked_rules(settings, _codes(select), _codes(ignore))
    ignores = ignores_in_force(settings)
    reading = read_runs(sources, run, store=store)
    processor = processor_of(settings).asking(rules_for(rules, reading))
    redaction = redaction_of(settings)
    checked = [_checked(processor, trace, reading, ignores, redaction=redaction) for trace in reading.traces]
    _write(checked, reading, processor, wanted, shows_ignored=show_ignored)
    if reading.problems or any(one.missing for one in checked):
        return EXIT_UNUSABLE
    return EXIT_FOUND if _severe_enough(checked, fail_on or settings.word("check.fail_on")) else 0


def _format(form: str | None, *, is_json: bool) -> Format:
    if is_json and form not in {None, Format.JSON}:
        raise TwoFormats(str(form))
    return Format.JSON if is_json else Format(form or Format.TEXT)


def _codes(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(code.strip() for codes in given or () for code in codes.split(",") if code.strip())


def _checked(
    processor: TraceProcessor, trace: Trace, reading: Reading, ignores: Sequence[Ignore], *, redaction: Redaction
) -> CheckedRun:
    insights = processor.process_trace(trace)
    sorted_out = sort_out(trace, insights.findings, ignores)
    if insights.missing:
        tell(f"run {trace.trace_id}: the time did not suffice for every rule; REEV_TRACE_PROCESSING_TIMEOUT_MS sets it")
    checked = CheckedRun(
        trace=trace,
        source=reading.source_of[trace.trace_id],
        sorted_out=sorted_out,
        missing=insights.missing,
        redaction=redaction,
    )
    tell_void(checked.void_ignores, trace.trace_id)
    return checked


def _write(
    checked: Sequence[CheckedRun], reading: Reading, processor: TraceProcessor, form: Format, *, shows_ignored: bool
) -> None:
    if form is Format.JSON:
        write_data(documents_json(((one.trace.trace_id, _document(one)) for one in checked), reading))
    elif form is Format.SARIF:
        write_data(sarif_text(checked, processor.rules, map(str, reading.problems)))
    elif form is Format.GITHUB:
        write_text(github_commands(checked, reading.problems))
    elif checked:
        write_text(checked_text(checked, shows_ignored=shows_ignored))


def _document(run: CheckedRun) -> dict[str, object]:
    trace = run.trace
    return {
        "trace_id": trace.trace_id,
        "name": run.name,
        "findings": run.kept,
        "ignored": run.ignored,
        "void_ignores": run.void_ignores,
        "is_partial": bool(run.missing),
        "missing": run.missing,
    }


def _severe_enough(checked: Sequence[CheckedRun], level: str) -> bool:
    if level == "never":
        return False
    least = Severity(level).rank
    return any(finding.severity.rank >= least for run in checked for finding in run.kept)
