"""Which traces are kept when only a share of them is: those of the share, and if asked for those with errors and the slow ones."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from reev_flow.runtime.span_queue import NONE_LOST, Deliver, Lost

RATIO_BITS = 64  # of a trace id; OpenTelemetry's ratio sampler looks at the same
MOST_UNDECIDED = 8_192
MOST_REMEMBERED = 8_192
SECOND = 1_000_000_000


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept: a share of the traces, and beyond it those with an error, and those slower than so many seconds."""

    share: float = 1.0
    keeps_errors: bool = False
    keeps_slower_than: float | None = None

    @property
    def looks_at_traces(self) -> bool:
        """Whether a trace must end before it is known whether it is kept."""
        return self.share < 1 and (self.keeps_errors or self.keeps_slower_than is not None)

    def has_in_share(self, trace_id: int) -> bool:
        return trace_id % (1 << RATIO_BITS) < round(self.share * (1 << RATIO_BITS))


class _Undecided(msgspec.Struct):
    """What has ended of a trace whose root has not."""

    spans: list[ReadableSpan] = []


class TraceChoice:
    """Passes on the spans of traces that are kept, and holds back the others until their local root ends: the span without a parent in this
    process. Then all of a trace is kept or none of it, and what ends later follows.

    At most `most_undecided` spans are held back. When there are more, the trace that waits longest is decided by what is known of it, and
    so are all at the end. `left_out` counts the spans that were not wanted.
    """

    def __init__(
        self,
        wish: Wish,
        deliver: Deliver,
        *,
        most_undecided: int = MOST_UNDECIDED,
    ) -> None:
        self._wish = wish
        self._deliver = deliver
        self._most_undecided = most_undecided
        self.left_out = 0
        self.start_over()

    def start_over(self) -> None:
        """In the child of a fork: what is held back is the parent's."""
        self._undecided: OrderedDict[int, _Undecided] = OrderedDict()
        self._decided: OrderedDict[int, bool] = OrderedDict()
        self._held = 0

    def __call__(self, spans: Sequence[ReadableSpan]) -> Lost:
        wanted: list[ReadableSpan] = []
        for span in spans:
            wanted.extend(self._released_by(span))
        while self._held > self._most_undecided:
            wanted.extend(self._decide(next(iter(self._undecided))))
        return self._deliver(wanted) if wanted else NONE_LOST

    def settle(self) -> Lost:
        """Decides everything by what is known now."""
        wanted: list[ReadableSpan] = []
        while self._undecided:
            wanted.extend(self._decide(next(iter(self._undecided))))
        return self._deliver(wanted) if wanted else NONE_LOST

    def _released_by(self, span: ReadableSpan) -> Iterable[ReadableSpan]:
        context = span.get_span_context()
        if context is None or self._wish.has_in_share(context.trace_id):
            return (span,)
        decision = self._decided.get(context.trace_id)
        if decision is not None:
            self.left_out += not decision
            return (span,) if decision else ()
        self._undecided.setdefault(context.trace_id, _Undecided()).spans.append(span)
        self._held += 1
        return self._decide(context.trace_id, root=span) if is_local_root(span) else ()

    def _decide(self, trace_id: int, *, root: ReadableSpan | None = None) -> Sequence[ReadableSpan]:
        """What is below another service may have a second local root, so that a trace is given up for good only when all of it ended."""
        spans = self._undecided.pop(trace_id).spans
        self._held -= len(spans)
        is_kept = self._is_wanted(spans)
        if is_kept or (root is not None and root.parent is None):
            self._remember(trace_id, is_kept=is_kept)
        if not is_kept:
            self.left_out += len(spans)
        return spans if is_kept else ()

    def _is_wanted(self, spans: Sequence[ReadableSpan]) -> bool:
        if self._wish.keeps_errors and any(span.status.status_code is StatusCode.ERROR for span in spans):
            return True
        slow = self._wish.keeps_slower_than
        if slow is None:
            return False
        began = min(span.start_time or 0 for span in spans)
        return max(span.end_time or 0 for span in spans) - began > slow * SECOND

    def _remember(self, trace_id: int, *, is_kept: bool) -> None:
        self._decided[trace_id] = is_kept
        if len(self._decided) > MOST_REMEMBERED:
            self._decided.popitem(last=False)


def is_local_root(span: ReadableSpan) -> bool:
    return span.parent is None or span.parent.is_remote
