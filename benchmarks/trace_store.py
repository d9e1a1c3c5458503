"""How long the SQLite trace store takes to keep spans and to give them back, beside compressing and committing the same bytes and no more.

Spans carry about 1.2 KB of attributes and come as OTLP bytes, once in chunks of one large trace and once as many small traces. Every
round adds traces that are not there yet; the floor's rows have nothing else to them. Both wait for the disk (synchronous=FULL). Last,
a whole run is read back and understood, beside decompressing and parsing it.
"""

import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import apsw
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agent_requests import large_run
from decoding import as_protobuf, requests
from measure import Figure, beside_floor, tell
from reev_flow.runtime.ingest import Ingest
from reev_flow.runtime.run_reading import read_run
from reev_flow.stores.sqlite.trace_rows import COMPRESSION
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.store import TraceChunk, TraceQuery, TraceStore
from synthetic import agent_run

ROUNDS = 7
SPANS = 10_000
LARGE, SMALL = 512, 10
FOUND = 100
RUN, RUN_ROUNDS, RUN_BUDGET_SECONDS = 1_000, 21, 0.020

ids = map("{:032x}".format, count(1))


class Raw:
    """Commits of rows with nothing else to them."""

    def __init__(self, folder: Path) -> None:
        self.connection = apsw.Connection(str(folder / "raw.db"))
        self.connection.pragma("journal_mode", "WAL")
        self.connection.pragma("synchronous", "FULL")
        self.connection.wal_autocheckpoint(4_000)
        self.connection.execute("CREATE TABLE chunks (id INTEGER PRIMARY KEY, data BLOB)")

    def keep(self, batches: list[list[bytes]]) -> None:
        """A commit for each batch."""
        for batch in batches:
            rows = [(zlib.compress(data, COMPRESSION),) for data in batch]
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany("INSERT INTO chunks (data) VALUES (?)", rows)
            self.connection.execute("COMMIT")


def spans_in_chunks_of(size: int) -> list[bytes]:
    """Sooner the same spans again than none: what is compressed and kept is what counts."""
    spans = list(agent_run(SPANS))[:SPANS]
    return [as_protobuf(requests(spans[at : at + size])) for at in range(0, SPANS, size)]


def batches_of(data: list[bytes], spans_each: int) -> list[list[bytes]]:
    """As many chunks in one call as come in one request of 512 spans."""
    together = max(LARGE // spans_each, 1)
    return [data[at : at + together] for at in range(0, len(data), together)]


def adding(store: TraceStore, batches: list[list[bytes]], spans_each: int, *, to_one_trace: bool) -> Callable[[], None]:
    def add() -> None:
        trace_id = next(ids)
        waiting = [
            store.add([_chunk(trace_id if to_one_trace else next(ids), data, spans_each) for data in batch])
            for batch in batches
        ]
        for acknowledgement in waiting:
            acknowledgement.result()

    return add


def _chunk(trace_id: str, data: bytes, spans: int) -> TraceChunk:
    return TraceChunk(
        trace_id=trace_id, data=data, spans=spans, start_ns=int(trace_id, 16), end_ns=2**60, service="shop"
    )


def reading(store: TraceStore, data: list[bytes]) -> tuple[Callable[[], None], Callable[[], None]]:
    trace_id = next(ids)
    store.add([_chunk(trace_id, one, LARGE) for one in data]).result()
    packed = [zlib.compress(one, COMPRESSION) for one in data]
    return lambda: _read(store, trace_id), lambda: _decompress(packed)


def _read(store: TraceStore, trace_id: str) -> None:
    store.read(trace_id).result()


def _decompress(packed: list[bytes]) -> None:
    for one in packed:
        zlib.decompress(one)


def reading_a_run(store: TraceStore) -> tuple[Callable[[], None], Callable[[], None]]:
    """From the store to the trace that is analysed: decoded, merged, understood and laid out."""
    body = large_run(RUN)
    Ingest(store).traces(body, is_json=False).result()
    (run,) = store.find(TraceQuery(limit=1)).result()
    sessions, packed = open_session_store("memory:"), zlib.compress(body, COMPRESSION)

    def read() -> None:
        read_run(sessions, store, run.trace_id)

    def parse() -> None:
        ExportTraceServiceRequest.FromString(zlib.decompress(packed))

    return read, parse


def finding(store: TraceStore, raw: Raw) -> tuple[Callable[[], None], Callable[[], None]]:
    def find() -> None:
        store.find(TraceQuery(limit=FOUND)).result()

    def select() -> None:
        raw.connection.execute("SELECT id FROM chunks ORDER BY id DESC LIMIT ?", (FOUND,)).fetchall()

    return find, select


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Raw, TraceStore]]:
    raw, store = Raw(folder), open_trace_store(folder / "store")
    yield raw, store
    store.close()
    raw.connection.close()


def figures(raw: Raw, store: TraceStore) -> list[Figure]:
    large, small = spans_in_chunks_of(LARGE), spans_in_chunks_of(SMALL)
    megabytes = sum(map(len, large)) / 1e6
    told = []
    for what, data, each, one_trace in (
        (f"{SPANS:,} spans added, one trace", large, LARGE, True),
        (f"{SPANS:,} spans added, {SPANS // SMALL:,} traces", small, SMALL, False),
    ):
        batches = batches_of(data, each)
        add = adding(store, batches, each, to_one_trace=one_trace)
        floor = f"zlib and {len(batches)} raw commits"
        told.append(Figure(what, *beside_floor(add, lambda: raw.keep(batches), rounds=ROUNDS), floor))  # noqa: B023 - called at once
    told.append(
        Figure(
            f"{SPANS:,} spans read ({megabytes:.0f} MB)", *beside_floor(*reading(store, large), rounds=ROUNDS), "zlib"
        )
    )
    read_back = beside_floor(*reading_a_run(store), rounds=RUN_ROUNDS)
    told.append(Figure(f"a run of {RUN:,} spans read back", *read_back, "zlib and upb", RUN_BUDGET_SECONDS))
    told.append(Figure(f"the {FOUND} newest traces", *beside_floor(*finding(store, raw), rounds=ROUNDS), "a SELECT"))
    return told


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (raw, store):
        tell("Trace store, SQLite", figures(raw, store))


if __name__ == "__main__":
    main()
