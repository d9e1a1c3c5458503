"""RF203 to RF207: operations that failed for a reason with a known remedy.

A failure is told once, where it arose: at the innermost failed operation. Failures that a later try made good stay silent.
"""

from collections.abc import Iterator

from reev_flow.analysis.failures.failed_operations import FailedOperation
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning.error_classes import ErrorClass
from reev_flow.analysis.meaning.failure import quoted
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation

ADVICE = {
    ErrorClass.RATE_LIMITED: "wait as long as the service asks before trying again, send fewer requests at once, or raise the limit",
    ErrorClass.ACCESS_REFUSED: "trying again will not help: renew or correct the credentials, or ask for the missing right",
    ErrorClass.NOT_FOUND: "check the name or id that was asked for; if it may be missing, let the tool say so instead of failing",
    ErrorClass.SERVICE_ERROR: "the other side failed: try again with growing pauses, and have a way on without it",
    ErrorClass.TIMEOUT: "raise the limit if the work is known to be slow, else make it smaller or try again",
}


def look_for_rate_limits(facts: RunFacts) -> Iterator[Observation]:
    return _observe_class(facts, ErrorClass.RATE_LIMITED)


def look_for_refused_access(facts: RunFacts) -> Iterator[Observation]:
    return _observe_class(facts, ErrorClass.ACCESS_REFUSED)


def look_for_missing_things(facts: RunFacts) -> Iterator[Observation]:
    return _observe_class(facts, ErrorClass.NOT_FOUND)


def look_for_service_errors(facts: RunFacts) -> Iterator[Observation]:
    return _observe_class(facts, ErrorClass.SERVICE_ERROR)


def look_for_timeouts(facts: RunFacts) -> Iterator[Observation]:
    return _observe_class(facts, ErrorClass.TIMEOUT)


def _observe_class(facts: RunFacts, wanted: ErrorClass) -> Iterator[Observation]:
    """One observation for each thing that failed this way, as sure as the surest of its failures."""
    by_label: dict[tuple[Operation, str], list[FailedOperation]] = {}
    for failed in facts.failed_operations:
        if failed.reason.error_class is wanted and failed.is_innermost and not failed.was_made_good:
            span = facts.trace.spans[failed.position]
            by_label.setdefault((span.operation, span.label), []).append(failed)
    for (operation, label), failures in by_label.items():
        times = "" if len(failures) == 1 else f" {len(failures)} times"
        words = quoted(failures[0].reason.words)
        yield Observation(
            message=f"{operation} {label} failed{times}: {wanted}" + (f" ({words})" if words else ""),
            advice=ADVICE[wanted],
            evidence=tuple(facts.trace.spans[failed.position].span_id for failed in failures),
            confidence=max(failed.reason.confidence for failed in failures),
        )
