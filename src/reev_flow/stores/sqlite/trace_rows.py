"""Traces and their chunks as rows, each with a digest of its own."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import replace

from reev_flow.stores.sqlite import folding
from reev_flow.stores.trace_rules import SPAN_ID_BYTES, TraceHead
from reev_flow.trace.store import TraceChunk

Value = Any  # what SQLite gives: text as bytes, numbers, blobs; after damage anything
Row = tuple[Value, ...]

TRACE_COLUMNS = (
    *("trace", "chunks", "spans", "start_ns", "end_ns", "added_ns", "named_ns", "service", "root"),
    *("has_root", "begun", "conversations", "digest"),
)
CHUNK_COLUMNS = (
    *("trace", "number", "spans", "start_ns", "end_ns", "added_ns", "service", "root"),
    *("has_root", "begun", "ended", "conversations", "identity", "digest", "data"),
)
TEXTS = frozenset({"service", "root", "conversations"})
COMPRESSION = 1  # of the text of agents, level 3 makes a fortieth less in half as much time again, level 6 a tenth in three times as much

_encoder = msgspec.msgpack.Encoder()


class PackedChunk(msgspec.Struct, frozen=True):
    """A chunk on its way into a row; its bytes are compressed and no longer in `chunk`. `identity` is the digest of what they were."""

    chunk: TraceChunk
    identity: bytes
    packed: bytes


class Chunk(msgspec.Struct, frozen=True):
    """One sound row. The bytes are still compressed."""

    number: int
    head: TraceHead
    packed: bytes


def selected(columns: Sequence[str]) -> str:
    """For SELECT. Texts are read as bytes: one damaged text must not end the reading of all the others."""
    return ", ".join(f"CAST({name} AS BLOB)" if name in TEXTS else name for name in columns)


def pack(chunk: TraceChunk) -> PackedChunk:
    """Most of the work of adding a chunk; other threads of Python can run meanwhile."""
    identity = blake2b(chunk.data, digest_size=16).digest()
    return PackedChunk(replace(chunk, data=b""), identity, folding.pack(chunk.data, chunk.spans, COMPRESSION))


def trace_row(trace: bytes, head: TraceHead) -> Row:
    columns = (
        *(trace, head.chunks, head.spans, head.start_ns, head.end_ns, head.added_ns, head.named_ns),
        *(head.service, head.root, int(head.has_root), head.begun, _written(head.conversations)),
    )
    return (*columns, _digest(columns))


def chunk_row(trace: bytes, number: int, packed: PackedChunk, head: TraceHead) -> Row:
    chunk = packed.chunk
    columns = (
        *(trace, number, head.spans, head.start_ns, head.end_ns, head.added_ns, head.service, head.root),
        *(int(head.has_root), chunk.begun, chunk.ended, _written(head.conversations), packed.identity),
    )
    return (*columns, _digest(columns, packed.packed), packed.packed)


def read_trace(trace: bytes, row: Row) -> TraceHead | None:
    """None when it is not what was written, or belongs to another trace."""
    columns = _sound(TRACE_COLUMNS[:-1], row[:-1], row[-1])
    if columns is None or columns[0] != trace:
        return None
    _, chunks, spans, start_ns, end_ns, added_ns, named_ns, service, root, has_root, begun, conversations = columns
    return TraceHead(
        chunks=chunks,
        spans=spans,
        start_ns=start_ns,
        end_ns=end_ns,
        added_ns=added_ns,
        named_ns=named_ns,
        service=service,
        root=root,
        has_root=bool(has_root),
        begun=begun,
        conversations=_read(conversations),
    )


def read_chunk(trace: bytes, row: Row) -> Chunk | None:
    """None when it is not what was written, or belongs to another trace."""
    columns = _sound(CHUNK_COLUMNS[:-2], row[:-2], row[-2], row[-1])
    if columns is None or columns[0] != trace:
        return None
    _, number, spans, start_ns, end_ns, added_ns, service, root, has_root, begun, _, conversations, _ = columns
    head = TraceHead(
        spans=spans,
        start_ns=start_ns,
        end_ns=end_ns,
        added_ns=added_ns,
        named_ns=start_ns,
        service=service,
        root=root,
        has_root=bool(has_root),
        begun=len(begun) // SPAN_ID_BYTES,
        conversations=_read(conversations),
    )
    return Chunk(number, head, row[-1])


def _written(conversations: tuple[str, ...]) -> str:
    return msgspec.json.encode(conversations).decode() if conversations else ""


def _read(conversations: str) -> tuple[str, ...]:
    """Of a row that was found sound."""
    return msgspec.json.decode(conversations, type=tuple[str, ...]) if conversations else ()


def _sound(names: Sequence[str], values: Row, digest: Value, packed: Value = b"") -> Row | None:
    try:
        columns = tuple(_as_text(value) if name in TEXTS else value for name, value in zip(names, values, strict=True))
    except UnicodeDecodeError:
        return None
    return columns if isinstance(packed, bytes) and _digest(columns, packed) == digest else None


def _as_text(value: Value) -> Value:
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _digest(columns: Row, packed: bytes = b"") -> bytes:
    digest = blake2b(_encoder.encode(columns), digest_size=16)
    digest.update(packed)
    return digest.digest()
