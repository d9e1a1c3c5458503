"""How traces are read back. Everything read is checked, and what is damaged keeps nothing else back."""

from collections.abc import Iterator

import apsw
import msgspec
from msgspec.structs import replace

from reev_flow.errors import StoreError, TraceNotFound
from reev_flow.stores.sqlite.folding import unpack
from reev_flow.stores.sqlite.trace_rows import (
    CHUNK_COLUMNS,
    TRACE_COLUMNS,
    Chunk,
    Row,
    read_chunk,
    read_trace,
    selected,
)
from reev_flow.stores.trace_rules import (
    NOTHING,
    TraceHead,
    count_unfinished,
    findable,
    joined,
    newest_first,
    summary_of,
)
from reev_flow.trace.store import StoredTrace, TraceQuery, TraceSummary

LINES = f"SELECT {selected(TRACE_COLUMNS)} FROM traces"  # noqa: S608 - our own names
ONE_LINE = f"{LINES} WHERE trace = ?"
NEWEST = f"{LINES} ORDER BY start_ns DESC, trace"  # by an index, and no further than is wanted
NEWEST_OF = f"{LINES} WHERE trace BETWEEN ? AND ? ORDER BY start_ns DESC, trace"
IN_CONVERSATION = "trace IN (SELECT trace FROM conversations WHERE conversation = ?)"
NEWEST_IN = f"{LINES} WHERE {IN_CONVERSATION} ORDER BY start_ns DESC, trace"
ONE_IN = f"{ONE_LINE} AND {IN_CONVERSATION}"
NEWEST_OF_IN = f"{LINES} WHERE trace BETWEEN ? AND ? AND {IN_CONVERSATION} ORDER BY start_ns DESC, trace"
TOLD_ENDS = "SELECT begun, ended FROM chunks WHERE trace = ?"
ROWS_OF_CHUNKS = "SELECT id FROM chunks WHERE trace = ?"
ONE_CHUNK = f"SELECT {selected(CHUNK_COLUMNS)} FROM chunks WHERE id = ?"  # noqa: S608 - our own names
ALL_IDS = "SELECT trace FROM traces UNION SELECT trace FROM chunks"
PAGES_IN_USE = (
    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
ID_LENGTH = 32
HEXADECIMAL = frozenset("0123456789abcdef")
NO_TRACE = b""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Everything there is of one trace: its sound chunks, how many rows of chunks there are, and its line if that is sound."""

    line: TraceHead | None
    has_line: bool
    chunks: list[Chunk]
    rows: int

    @property
    def is_there(self) -> bool:
        return self.has_line or self.rows > 0

    @property
    def head(self) -> TraceHead:
        """The line, or what it must have been. Spans of damaged chunks are then not counted."""
        if self.line is not None:
            return self.line
        head = NOTHING
        for chunk in self.chunks:
            head = joined(head, chunk.head)
        return replace(head, chunks=max(self.rows, *self._numbers, 0))

    @property
    def damaged(self) -> tuple[int, ...]:
        """The numbers of the chunks that should be there and are not, or not as they were written."""
        return tuple(sorted(set(range(1, self.head.chunks + 1)) - self._numbers))

    @property
    def _numbers(self) -> set[int]:
        return {chunk.number for chunk in self.chunks}


def load_line(connection: apsw.Connection, trace: bytes) -> TraceHead | None:
    """None when it is not there or not what was written."""
    row = connection.execute(ONE_LINE, (trace,)).fetchone()
    return None if row is None else read_trace(trace, row)


def load_kept(connection: apsw.Connection, trace: bytes) -> Kept:
    line = connection.execute(ONE_LINE, (trace,)).fetchone()
    rows = [row for row in _rows_of_chunks(connection, trace) if row is None or row[0] == trace]
    chunks = [chunk for row in rows if row is not None and (chunk := read_chunk(trace, row)) is not None]
    return Kept(
        line=None if line is None else read_trace(trace, line),
        has_line=line is not None,
        chunks=sorted(chunks, key=lambda chunk: chunk.number),
        rows=len(rows),
    )


def _rows_of_chunks(connection: apsw.Connection, trace: bytes) -> Iterator[Row | None]:
    """Each by itself, None when SQLite cannot read it: a damaged page must not cost the chunks on other pages. A damaged index may lead
    to rows of other traces.
    """
    for (row,) in connection.execute(ROWS_OF_CHUNKS, (trace,)).fetchall():
        try:
            yield connection.execute(ONE_CHUNK, (row,)).fetchone()
        except apsw.CorruptError:
            yield None


def read_stored(connection: apsw.Connection, location: str, trace_id: str) -> StoredTrace:
    kept = load_kept(connection, trace_of(trace_id))
    if not kept.is_there:
        raise TraceNotFound(trace_id, location)
    data = tuple(unpack(chunk.packed) for chunk in kept.chunks)
    return StoredTrace(trace_id=trace_id, chunks=data, damaged=kept.damaged)


def find_summaries(connection: apsw.Connection, location: str, query: TraceQuery) -> tuple[TraceSummary, ...]:
    found: dict[str, TraceSummary] = {}
    if query.limit <= 0 or not _may_be_a_beginning(query.id_prefix):
        return ()
    for summary in _summaries(connection, query):
        # A damaged index can lead to a wrong row; one that fits, and fits once, is right.
        if not summary.trace_id.startswith(query.id_prefix) or summary.trace_id in found:
            raise StoreError(location, "an index is damaged", "restore a backup, and keep this file for examination")
        found[summary.trace_id] = summary
        if len(found) == query.limit:
            break
    return tuple(sorted(found.values(), key=newest_first))


def _may_be_a_beginning(id_prefix: str) -> bool:
    return len(id_prefix) <= ID_LENGTH and HEXADECIMAL.issuperset(id_prefix)


def _summaries(connection: apsw.Connection, query: TraceQuery) -> Iterator[TraceSummary]:
    if query.trace_ids:
        yield from _named(connection, query)
        return
    rows = connection.execute(*_asked(query))
    try:
        for row in rows:
            if (summary := _summary(connection, row)) is not None:
                yield summary
    finally:
        rows.close()


def _named(connection: apsw.Connection, query: TraceQuery) -> Iterator[TraceSummary]:
    statement, wanted = (ONE_IN, (findable(query.conversation),)) if query.conversation else (ONE_LINE, ())
    names = [name for name in query.trace_ids if name.startswith(query.id_prefix)]
    lines = (connection.execute(statement, (trace_of(name), *wanted)).fetchone() for name in names)
    told = (_summary(connection, row) for row in lines if row is not None)
    yield from sorted((one for one in told if one is not None), key=newest_first)


def _summary(connection: apsw.Connection, row: Row) -> TraceSummary | None:
    trace = row[0]
    if not isinstance(trace, bytes):
        return None
    head = read_trace(trace, row) or _made_again(connection, trace)
    return None if head is None else summary_of(trace.hex(), head, _unfinished(connection, trace, head))


def _asked(query: TraceQuery) -> tuple[str, tuple[bytes | str, ...]]:
    between = tuple(bytes.fromhex(query.id_prefix.ljust(ID_LENGTH, filler)) for filler in "0f")
    if not query.conversation:
        return (NEWEST_OF, between) if query.id_prefix else (NEWEST, ())
    conversation = findable(query.conversation)
    return (NEWEST_OF_IN, (*between, conversation)) if query.id_prefix else (NEWEST_IN, (conversation,))


def _unfinished(connection: apsw.Connection, trace: bytes, head: TraceHead) -> int:
    """Few traces have spans without an end, so that few are looked into."""
    if not head.begun:
        return 0
    told = connection.execute(TOLD_ENDS, (trace,)).fetchall()
    return count_unfinished(
        (begun, ended) for begun, ended in told if isinstance(begun, bytes) and isinstance(ended, bytes)
    )


def _made_again(connection: apsw.Connection, trace: bytes) -> TraceHead | None:
    """For a line that is damaged. None when nothing sound is left of the trace."""
    kept = load_kept(connection, trace)
    return kept.head if kept.chunks else None


def damaged_traces(connection: apsw.Connection, location: str) -> tuple[str, ...]:
    """Reads everything there is."""
    traces = [row[0] for row in connection.execute(ALL_IDS) if isinstance(row[0], bytes)]
    damaged = tuple(sorted(trace.hex() for trace in traces if _is_damaged(connection, trace)))
    verdict = connection.execute("PRAGMA integrity_check(1)").get
    if verdict != "ok" and not damaged:
        raise StoreError(
            location, f"the file is damaged ({verdict})", "restore a backup, and keep this file for examination"
        )
    return damaged


def _is_damaged(connection: apsw.Connection, trace: bytes) -> bool:
    try:
        kept = load_kept(connection, trace)
    except apsw.CorruptError:
        return True
    return kept.is_there and (kept.line is None or bool(kept.damaged))


def bytes_in_use(connection: apsw.Connection) -> int:
    return int(connection.execute(PAGES_IN_USE).get)


def trace_of(trace_id: str) -> bytes:
    """The bytes of an id; those of no trace when it is none."""
    is_id = len(trace_id) == ID_LENGTH and HEXADECIMAL.issuperset(trace_id)
    return bytes.fromhex(trace_id) if is_id else NO_TRACE
