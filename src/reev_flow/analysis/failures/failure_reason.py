"""Which class of error a failed operation met, read where it is told best."""

from collections.abc import Iterator
from itertools import chain, islice

import msgspec

from reev_flow.analysis.meaning.error_classes import ErrorClass, by_status_code, by_words
from reev_flow.analysis.meaning.failure import failure_words
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace

SURE_BY_OWN_STATUS = 0.95
SURE_BY_OWN_WORDS = 0.9
SURE_BY_WHAT_FAILED_BELOW = 0.8
SURE_BY_WHAT_FAILED_ABOVE = 0.7
SURE_BY_A_REPORT = 0.6  # the tool's status says that it went well

FAR_ENOUGH = 8  # levels looked up or down for the words of one failure


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why something failed. `words` are the most telling ones; `confidence` is how sure the class is, 0 without one."""

    error_class: ErrorClass | None = None
    confidence: float = 0.0
    words: str = ""
    is_report: bool = False


class Reasons:
    """Reads why spans of one trace failed; each span's own account is read once."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._own: dict[int, Reason] = {}

    def of(self, position: int) -> Reason:
        """By the span's own status code, else its own words, else what was done last below it, else, if it says nothing itself, what failed
        with it around it.
        """
        own = self._own_reason(position)
        if own.error_class:
            return own
        for confidence, others in (
            (SURE_BY_WHAT_FAILED_BELOW, self._failed_below(position)),
            (SURE_BY_WHAT_FAILED_ABOVE, () if own.words else self._failed_above(position)),
        ):
            for other in map(self._own_reason, others):
                if other.error_class:
                    words = own.words or other.words
                    return Reason(error_class=other.error_class, confidence=confidence, words=words)
        return own

    def _own_reason(self, position: int) -> Reason:
        if position not in self._own:
            self._own[position] = _read(self._trace.spans[position])
        return self._own[position]

    def _failed_below(self, position: int) -> Iterator[int]:
        """What failed of that which was begun last below it, the innermost first."""
        last = self._trace.subtree_ends[position] - 1
        for below in islice(chain((last,), self._trace.ancestors(last)), FAR_ENOUGH):
            if below <= position:
                return
            if self._trace.spans[below].failed:
                yield below

    def _failed_above(self, position: int) -> Iterator[int]:
        """What failed around it, outwards up to the first that did not."""
        for above in islice(self._trace.ancestors(position), FAR_ENOUGH):
            if not self._trace.spans[above].failed:
                return
            yield above


def reported_reason(report: str) -> Reason | None:
    """Why a call failed that went well by its status but gave a report. None unless that tells of an error of a known class. That
    something is not there is an ordinary result.
    """
    found = by_words(report)
    if found in {None, ErrorClass.NOT_FOUND}:
        return None
    return Reason(error_class=found, confidence=SURE_BY_A_REPORT, words=report, is_report=True)


def _read(span: Span) -> Reason:
    told = list(failure_words(span))
    words = told[0] if told else ""
    by_status = by_status_code(span)
    if by_status:
        return Reason(error_class=by_status, confidence=SURE_BY_OWN_STATUS, words=words)
    found = next((found for text in told if (found := by_words(text))), None)
    return Reason(error_class=found, confidence=SURE_BY_OWN_WORDS if found else 0.0, words=words)
