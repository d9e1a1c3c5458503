"""Puts finished spans into a store of traces, free of secrets."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain
from typing import NamedTuple

from opentelemetry.sdk.trace import ReadableSpan

from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.runtime.span_queue import Lost
from reev_flow.trace.secret_search import may_hold_secrets
from reev_flow.trace.store import TraceChunk, TraceStore


class Storing:
    """Waits until spans are kept. Those of one trace in one batch become one chunk.

    Batches are handed to the store one after the other and waited for together, so that it can commit them together.
    """

    def __init__(
        self, store: Callable[[], TraceStore], redaction: Redaction = BUILT_IN, *, batch_size: int = 100
    ) -> None:
        self._store = store
        self._redaction = redaction
        self._batch_size = batch_size

    def __call__(self, spans: Sequence[ReadableSpan]) -> Lost:
        starts = range(0, len(spans), self._batch_size)
        begun = [self._begin(spans[start : start + self._batch_size]) for start in starts]
        ends = [_end(adding) for adding in begun]
        return Lost(sum(lost.spans for lost in ends), next((lost.error for lost in ends if lost.error), None))

    def _begin(self, spans: Sequence[ReadableSpan]) -> "_Adding":
        try:
            chunks, lost = chunks_of(spans)
            clean = list(chain.from_iterable(freed_of_secrets(chunk, self._redaction) for chunk in chunks))
            future = self._store().add(clean) if clean else None
        except Exception as error:  # noqa: BLE001 - of one batch; the others may be kept
            return _Adding(None, 0, Lost(len(spans), error))
        return _Adding(future, len(spans) - lost, Lost(lost))


class _Adding(NamedTuple):
    """A batch that the store has, how many spans depend on it, and what was lost before."""

    future: Future[int] | None
    spans: int
    lost: Lost


def _end(adding: _Adding) -> Lost:
    try:
        if adding.future is not None:
            adding.future.result()
    except Exception as error:  # noqa: BLE001 - see above
        return Lost(adding.lost.spans + adding.spans, error)
    return adding.lost


def freed_of_secrets(chunk: TraceChunk, redaction: Redaction) -> Sequence[TraceChunk]:
    """Most chunks have no secrets, which is found out without reading them; what people ask for themselves is looked for in each."""
    looks_closer = bool(redaction.patterns) or redaction.hook is not None
    if not redaction.is_on or not (looks_closer or may_hold_secrets(chunk.data)):
        return (chunk,)
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData  # noqa: PLC0415 - few spans need protobuf

    from reev_flow.collect.otlp_chunks import chunks_of_request  # noqa: PLC0415 - see above

    message = TracesData.FromString(chunk.data)
    redaction.message(message)
    return chunks_of_request(message).chunks
