"""RF202: a tool reported a failure as an ordinary result."""

from collections.abc import Iterator, Sequence

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.later_success import LaterSuccess
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.error_classes import ErrorClass, by_words
from reev_flow.analysis.meaning.failure import quoted
from reev_flow.analysis.meaning.told_failure import SAID_NO, is_text
from reev_flow.analysis.run_facts import RunFacts

SURE_BY_FIELDS, SURE_BY_WORDS = 0.9, 0.8
PRINTING = tool_names.vocabulary(
    "bash shell terminal console command commands cmd powershell python code script scripts notebook eval test tests"
)
ASKED_DATA = tool_names.vocabulary("sql query db database")
SURE_BY_A_NO = 0.7  # it may be an answer all the same
MISSING_FACTOR = 0.75  # that something is not there may be the answer


def look_for_soft_errors(facts: RunFacts) -> Iterator[Observation]:
    """One observation a tool. Silent when the question was answered later, by this tool or by another one, and about what a shell prints."""
    if not facts.reported_failures:
        return
    later = LaterSuccess(facts)
    by_tool: dict[str, list[ToolCall]] = {}
    for call in facts.tool_calls:
        if call.position in facts.reported_failures and not _was_printed(call):
            report = facts.reported_failures[call.position]
            if not later.made_good(call, by_words(report)):
                by_tool.setdefault(call.name, []).append(call)
    for name, calls in by_tool.items():
        yield _observe(name, calls, [facts.reported_failures[call.position] for call in calls])


def _was_printed(call: ToolCall) -> bool:
    """Whether a program may have said it that the tool was given to run. A database is asked rather than run."""
    if not tool_names.runs(call.name) or not (isinstance(call.result, str) or is_text(call.result)):
        return False
    said = set(tool_names.words(call.name))
    return not said.isdisjoint(PRINTING) or (said.isdisjoint(ASKED_DATA) and said <= tool_names.RUNNING)


def _observe(name: str, calls: Sequence[ToolCall], reports: Sequence[str]) -> Observation:
    confidence = SURE_BY_WORDS if is_text(calls[0].result) else SURE_BY_FIELDS
    if all(report == SAID_NO for report in reports):
        confidence = SURE_BY_A_NO
    if all(by_words(report) is ErrorClass.NOT_FOUND for report in reports):
        confidence *= MISSING_FACTOR
    times = "" if len(calls) == 1 else f" {len(calls)} times"
    return Observation(
        message=f"{name} went well by its status{times}, but its result reports a failure ({quoted(reports[0])})",
        advice="let the tool fail when it fails, so that retries, alarms and statistics see it",
        evidence=tuple(call.span_id for call in calls),
        confidence=round(confidence, 2),
    )
