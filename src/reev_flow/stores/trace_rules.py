"""What a store of traces lets in, and how a trace is summed up: the same for every backend."""

import re

import msgspec
from msgspec.structs import replace

from reev_flow.errors import StoreError
from reev_flow.trace.store import TraceChunk, TraceQuery, TraceSummary

LAST_NS = 2**63 - 1

_trace_id = re.compile("[0-9a-f]{32}")


class TraceHead(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept about a trace, or about one chunk of it. `named_ns` is the start of the chunk that service and root were taken from."""

    spans: int
    start_ns: int
    end_ns: int
    added_ns: int
    named_ns: int
    service: str
    root: str
    chunks: int = 1


NOTHING = TraceHead(
    spans=0, start_ns=LAST_NS, end_ns=-LAST_NS, added_ns=-LAST_NS, named_ns=LAST_NS, service="", root="", chunks=0
)


def checked(location: str, chunk: TraceChunk) -> TraceChunk:
    if not _trace_id.fullmatch(chunk.trace_id):
        advice = "give it 32 lower-case hexadecimal digits"
        raise StoreError(location, f"{chunk.trace_id[:80]!r} is not the id of a trace", advice)
    return replace(chunk, start_ns=_within(chunk.start_ns), end_ns=_within(chunk.end_ns))


def head_of(chunk: TraceChunk, added_ns: int) -> TraceHead:
    return TraceHead(
        spans=chunk.spans,
        start_ns=chunk.start_ns,
        end_ns=chunk.end_ns,
        added_ns=added_ns,
        named_ns=chunk.start_ns,
        service=chunk.service,
        root=chunk.root,
    )


def joined(one: TraceHead, other: TraceHead) -> TraceHead:
    """Of both together; which of them came first makes no difference."""
    named = min(one, other, key=_worth_as_name)
    return TraceHead(
        spans=one.spans + other.spans,
        start_ns=min(one.start_ns, other.start_ns),
        end_ns=max(one.end_ns, other.end_ns),
        added_ns=max(one.added_ns, other.added_ns),
        named_ns=named.named_ns,
        service=named.service,
        root=named.root,
        chunks=one.chunks + other.chunks,
    )


def _worth_as_name(head: TraceHead) -> tuple[bool, bool, int, str, str]:
    return not head.root, not head.service, head.named_ns, head.root, head.service


def summary_of(trace_id: str, head: TraceHead) -> TraceSummary:
    return TraceSummary(
        trace_id=trace_id,
        service=head.service,
        root=head.root,
        spans=head.spans,
        chunks=head.chunks,
        start_ns=head.start_ns,
        end_ns=head.end_ns,
        added_ns=head.added_ns,
    )


def newest_first(summary: TraceSummary) -> tuple[int, str]:
    return -summary.start_ns, summary.trace_id


def fits(summary: TraceSummary, query: TraceQuery) -> bool:
    return summary.trace_id.startswith(query.id_prefix)


def _within(time_ns: int) -> int:
    return max(-LAST_NS, min(time_ns, LAST_NS))
