"""What happens to spans that a collector heard: some are chosen, those are forwarded and kept."""

from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan

from reev_flow.collect.redaction import Redaction
from reev_flow.runtime.forwarding import STOP_SECONDS, Forwarding
from reev_flow.runtime.loss_report import LossReport
from reev_flow.runtime.span_queue import NONE_LOST, Lost, SpanQueue
from reev_flow.runtime.span_store import Storing
from reev_flow.runtime.trace_choice import TraceChoice, Wish
from reev_flow.sessions.config import SessionConfig
from reev_flow.trace.store import TraceStore

BATCHES_AT_ONCE = 8  # in one commit, when so many wait


class Intake:
    """One queue for all providers, and one more for an endpoint that spans are forwarded to, so that trouble there stays there.

    Raises `ForwardingRefused` for an endpoint that is none.
    """

    def __init__(
        self, store: Callable[[], TraceStore], config: SessionConfig, wish: Wish, redaction: Redaction
    ) -> None:
        self._keep = Storing(store, redaction, batch_size=config.trace_batch_size)
        # Made first, so that at exit it ends last: until then it may be given spans.
        self._onward = _onward(config, redaction) if config.trace_forward_to else None
        self._choice = TraceChoice(wish, self._deliver) if wish.looks_at_traces else None
        self.queue = SpanQueue(
            self._choice or self._deliver,
            batch_size=config.trace_batch_size,
            batches_at_once=BATCHES_AT_ONCE,
            most_waiting=config.trace_queue_size,
            delay_seconds=config.trace_delay_seconds,
            report=LossReport("spans were lost before they were kept"),
            settle=self._choice.settle if self._choice else lambda: NONE_LOST,
            forget=self._choice.start_over if self._choice else lambda: None,
        )

    @property
    def not_forwarded(self) -> int:
        return 0 if self._onward is None else self._onward.dropped

    @property
    def left_out(self) -> int:
        return 0 if self._choice is None else self._choice.left_out

    @property
    def last_error(self) -> Exception | None:
        return self.queue.last_error or (None if self._onward is None else self._onward.last_error)

    def flush(self, timeout_seconds: float) -> bool:
        """Also of what is forwarded; nobody waits for traces that are held back."""
        is_kept = self.queue.flush(timeout_seconds)
        return (self._onward is None or self._onward.flush(timeout_seconds)) and is_kept

    def shutdown(self) -> None:
        self.queue.shutdown()
        if self._onward is not None:
            self._onward.shutdown()

    def _deliver(self, spans: Sequence[ReadableSpan]) -> Lost:
        if self._onward is not None:
            for span in spans:
                self._onward.put(span)
        return self._keep(spans)


def _onward(config: SessionConfig, redaction: Redaction) -> SpanQueue:
    forwarding = Forwarding(config.trace_forward_to, redaction)
    return SpanQueue(
        forwarding,
        batch_size=config.trace_batch_size,
        most_waiting=config.trace_queue_size,
        delay_seconds=config.trace_delay_seconds,
        stop_seconds=STOP_SECONDS,
        report=LossReport(f"spans were not forwarded to {config.trace_forward_to}"),
        settle=forwarding.stop,
    )
