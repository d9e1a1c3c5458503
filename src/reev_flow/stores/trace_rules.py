"""What a store of traces lets in, and how a trace is summed up: the same for every backend."""

import re
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from reev_flow.errors import StoreError
from reev_flow.trace.store import TraceChunk, TraceSummary

LAST_NS = 2**63 - 1
SPAN_ID_BYTES = 8
MOST_CONVERSATIONS = 16  # told of one trace; a chunk is found by as many
LONGEST_CONVERSATION = 200  # characters

_trace_id = re.compile("[0-9a-f]{32}")


class TraceHead(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept about a trace, or about one chunk of it. `named_ns` is the start of the chunk that service and root were taken from,
    `begun` how many spans without an end its chunks tell of, whether or not others tell the end.
    """

    spans: int
    start_ns: int
    end_ns: int
    added_ns: int
    named_ns: int
    service: str
    root: str
    chunks: int = 1
    has_root: bool = False
    begun: int = 0
    conversations: tuple[str, ...] = ()


NOTHING = TraceHead(
    spans=0, start_ns=0, end_ns=-LAST_NS, added_ns=-LAST_NS, named_ns=LAST_NS, service="", root="", chunks=0
)


def checked(location: str, chunk: TraceChunk) -> TraceChunk:
    if not _trace_id.fullmatch(chunk.trace_id):
        advice = "give it 32 lower-case hexadecimal digits"
        raise StoreError(location, f"{chunk.trace_id[:80]!r} is not the id of a trace", advice)
    return replace(
        chunk,
        start_ns=_within(chunk.start_ns),
        end_ns=_within(chunk.end_ns),
        conversations=few_conversations(chunk.conversations) if chunk.conversations else (),
    )


def few_conversations(named: Iterable[str]) -> tuple[str, ...]:
    """Those that come first by their text, whatever order they are given in."""
    return tuple(sorted({findable(one) for one in named})[:MOST_CONVERSATIONS])


def findable(conversation: str) -> str:
    """As much of it as it is found by."""
    return conversation[:LONGEST_CONVERSATION].encode(errors="replace").decode()


def head_of(chunk: TraceChunk, added_ns: int) -> TraceHead:
    return TraceHead(
        spans=chunk.spans,
        start_ns=chunk.start_ns,
        end_ns=chunk.end_ns,
        added_ns=added_ns,
        named_ns=chunk.start_ns,
        service=chunk.service,
        root=chunk.root,
        has_root=chunk.has_root,
        begun=len(chunk.begun) // SPAN_ID_BYTES,
        conversations=chunk.conversations,
    )


def joined(one: TraceHead, other: TraceHead) -> TraceHead:
    """Of both together; which of them came first makes no difference."""
    named = min(one, other, key=_worth_as_name)
    return TraceHead(
        spans=one.spans + other.spans,
        start_ns=min(filter(None, (one.start_ns, other.start_ns)), default=0),  # 0 is not known
        end_ns=max(one.end_ns, other.end_ns),
        added_ns=max(one.added_ns, other.added_ns),
        named_ns=named.named_ns,
        service=named.service,
        root=named.root,
        chunks=one.chunks + other.chunks,
        has_root=one.has_root or other.has_root,
        begun=one.begun + other.begun,
        conversations=few_conversations([*one.conversations, *other.conversations])
        if one.conversations != other.conversations
        else one.conversations,
    )


def _worth_as_name(head: TraceHead) -> tuple[bool, bool, int, str, str]:
    return not head.root, not head.service, head.named_ns, head.root, head.service


def count_unfinished(told: Iterable[tuple[bytes, bytes]]) -> int:
    """How many spans of a trace have no end, of what each of its chunks tells to have begun and to have ended."""
    begun: set[bytes] = set()
    ended: set[bytes] = set()
    for without_end, with_end in told:
        begun.update(_ids(without_end))
        ended.update(_ids(with_end))
    return len(begun - ended)


def _ids(joined_ids: bytes) -> Iterable[bytes]:
    return (joined_ids[place : place + SPAN_ID_BYTES] for place in range(0, len(joined_ids), SPAN_ID_BYTES))


def summary_of(trace_id: str, head: TraceHead, unfinished: int) -> TraceSummary:
    return TraceSummary(
        trace_id=trace_id,
        service=head.service,
        root=head.root,
        spans=head.spans,
        chunks=head.chunks,
        start_ns=head.start_ns,
        end_ns=head.end_ns,
        added_ns=head.added_ns,
        has_root=head.has_root,
        unfinished=unfinished,
        conversations=head.conversations,
    )


def newest_first(summary: TraceSummary) -> tuple[int, str]:
    return -summary.start_ns, summary.trace_id


def _within(time_ns: int) -> int:
    return max(-LAST_NS, min(time_ns, LAST_NS))
