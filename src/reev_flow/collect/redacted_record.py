"""What a journal tells, without the secrets in it: for people to look at. The journal itself keeps them, since a step that is resumed needs them."""

from msgspec.structs import replace

from reev_flow.collect.redaction import Redaction
from reev_flow.trace.run import Attempt, Gap, RunRecord


def redacted_record(record: RunRecord, redaction: Redaction) -> RunRecord:
    return replace(
        record,
        attempts=tuple(_attempt(attempt, redaction) for attempt in record.attempts),
        kept=tuple(_attempt(attempt, redaction) for attempt in record.kept),
        gaps=tuple(_gap(gap, redaction) for gap in record.gaps),
        arguments=redaction.value("", record.arguments),
        result=redaction.value("", record.result),
        error=redaction.text("", record.error),
    )


def _attempt(attempt: Attempt, redaction: Redaction) -> Attempt:
    return replace(
        attempt,
        arguments=redaction.value("", attempt.arguments),
        result=redaction.value("", attempt.result),
        error_message=redaction.text("", attempt.error_message),
        reason=redaction.text("", attempt.reason),
        question=redaction.text("", attempt.question),
    )


def _gap(gap: Gap, redaction: Redaction) -> Gap:
    return replace(gap, label=redaction.text("", gap.label))
