"""Puts finished spans into a store of traces, free of secrets."""

from collections.abc import Callable, Sequence
from itertools import chain

from opentelemetry.sdk.trace import ReadableSpan

from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.collect.redaction_search import may_hold_secrets
from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.trace.store import TraceChunk, TraceStore


def storing(
    store: Callable[[], TraceStore], redaction: Redaction = BUILT_IN
) -> Callable[[Sequence[ReadableSpan]], int]:
    """Waits until the spans are kept, and says how many of them could not be encoded. Raises what the store fails with."""

    def keep(spans: Sequence[ReadableSpan]) -> int:
        chunks, lost = chunks_of(spans)
        if chunks:
            clean = chain.from_iterable(freed_of_secrets(chunk, redaction) for chunk in chunks)
            store().add(list(clean)).result()
        return lost

    return keep


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
