"""RF203 to RF207: operations that failed for a reason with a known remedy.

A failure is told once, where it arose: at the innermost failed operation, in the words of that span or of the infrastructure below
it. Failures that a later try made good stay silent.
"""

from collections.abc import Iterator, Sequence

from reev_flow.analysis.failure import failure_words
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.rules.error_classes import ErrorClass, classify
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation, Span
from reev_flow.trace.trace import Trace

ADVICE = {
    ErrorClass.RATE_LIMITED: "wait as long as the service asks before trying again, send fewer requests at once, or raise the limit",
    ErrorClass.ACCESS_REFUSED: "trying again will not help: renew or correct the credentials, or ask for the missing right",
    ErrorClass.NOT_FOUND: "check the name or id that was asked for; if it may be missing, let the tool say so instead of failing",
    ErrorClass.SERVICE_ERROR: "the other side failed: try again with growing pauses, and have a way on without it",
    ErrorClass.TIMEOUT: "raise the limit if the work is known to be slow, else make it smaller or try again",
}
CONFIDENCE = 0.9


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
    """One observation for each thing that failed this way."""
    trace = facts.trace
    by_label: dict[tuple[Operation, str], list[int]] = {}
    for position in _failed_operations(trace):
        if classify(_telling(trace, position)) is wanted and not _made_good(trace, position):
            span = trace.spans[position]
            by_label.setdefault((span.operation, span.label), []).append(position)
    for (operation, label), positions in by_label.items():
        times = "" if len(positions) == 1 else f" {len(positions)} times"
        words = _words(trace, positions[0])
        yield Observation(
            message=f"{operation} {label} failed{times}: {wanted}" + (f" ({words})" if words else ""),
            advice=ADVICE[wanted],
            evidence=tuple(trace.spans[position].span_id for position in positions),
            confidence=CONFIDENCE,
        )


def _failed_operations(trace: Trace) -> list[int]:
    """Failed operations that contain no failed operation."""
    holds_failure = [False] * len(trace)
    innermost = []
    for position in range(len(trace) - 1, -1, -1):
        span = trace.spans[position]
        failed_here = span.failed and span.operation is not Operation.OTHER
        if failed_here and not holds_failure[position]:
            innermost.append(position)
        parent = trace.parents[position]
        if parent >= 0 and (failed_here or holds_failure[position]):
            holds_failure[parent] = True
    return innermost[::-1]


def _telling(trace: Trace, position: int) -> Iterator[Span]:
    """The operation itself, then what failed below it."""
    yield trace.spans[position]
    below = trace.spans[position + 1 : trace.subtree_ends[position]]
    yield from (span for span in below if span.failed)


def _made_good(trace: Trace, position: int) -> bool:
    """Whether the same operation, started by the same parent, went well later."""
    failed = trace.spans[position]
    parent = trace.parents[position]
    siblings = trace.roots() if parent < 0 else trace.children(parent)
    return any(_is_later_success(trace.spans[sibling], failed) for sibling in siblings)


def _is_later_success(span: Span, failed: Span) -> bool:
    same = (span.operation, span.label) == (failed.operation, failed.label)
    return same and not span.failed and span.start_ns >= failed.end_ns


def _words(trace: Trace, position: int) -> str:
    words: Sequence[str] = [text for span in _telling(trace, position) for text in failure_words(span)]
    told = " ".join(words[0].split()) if words else ""
    return told if len(told) <= 100 else told[:99] + "…"
