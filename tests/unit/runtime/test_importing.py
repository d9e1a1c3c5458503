from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from reev_flow.errors import StoreError
from reev_flow.runtime import importing
from reev_flow.runtime.importing import Imported, Importer
from reev_flow.runtime.ingest import Ingest
from reev_flow.sessions.acknowledgement import Acknowledgement, wake_loops
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceChunk


def spans(*numbers: int, run: str = "a", text: str = "") -> list[Span]:
    return [
        Span(trace_id=run * 32, span_id=f"{number:016x}", start_ns=number, end_ns=number, attributes={"text": text})
        for number in numbers
    ]


def imported(importer: Importer, *documents: list[Span]) -> Imported:
    for document in documents:
        importer.take(document)
    importer.finish()
    return importer.imported


@pytest.fixture
def store() -> Iterator[MemoryTraceStore]:
    store = MemoryTraceStore()
    yield store
    store.close()


def test_a_document_is_a_piece_for_each_run_in_it(store: MemoryTraceStore):
    told = imported(Importer(Ingest(store)), spans(1, 2), spans(3) + spans(4, run="b"))

    assert told == Imported(spans=4, runs=2, pieces=3, new=3)


def test_the_same_documents_are_nothing_new(store: MemoryTraceStore):
    imported(Importer(Ingest(store)), spans(1, 2), spans(3))

    told = imported(Importer(Ingest(store)), spans(3), spans(1, 2))

    assert told == Imported(spans=3, runs=1, pieces=2, new=0)


def test_a_large_document_is_cut_where_its_spans_say(store: MemoryTraceStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importing, "MOST_SPANS", 2)

    assert imported(Importer(Ingest(store)), spans(*range(1, 6))).pieces == 3


def test_a_document_with_much_text_is_cut_sooner(store: MemoryTraceStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importing, "MOST_CHARACTERS", 100)

    assert imported(Importer(Ingest(store)), spans(1, 2, 3, text="x" * 60)).pieces == 2


def test_runs_beyond_a_number_are_not_told_apart(store: MemoryTraceStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importing, "MOST_COUNTED_RUNS", 1)
    monkeypatch.setattr(importing, "MOST_WAITING_BYTES", 1)

    assert imported(Importer(Ingest(store)), spans(1), spans(2, run="b")).runs == 1


class SlowStore(MemoryTraceStore):
    """Acknowledges what it is told to, and fails what it is told to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Acknowledgement[int]] = []

    def add(self, chunks: Sequence[TraceChunk]) -> Acknowledgement[int]:
        self.waiting.append(Acknowledgement())
        return self.waiting[-1]


@pytest.fixture
def slow() -> Iterator[SlowStore]:
    store = SlowStore()
    yield store
    store.close()


def test_only_what_was_acknowledged_is_counted(slow: SlowStore):
    importer = Importer(Ingest(slow))
    importer.take(spans(1))
    importer.flush()
    before = importer.imported
    wake_loops(slow.waiting[0].settle(1, None))
    importer.flush()

    assert (before.spans, importer.imported.spans) == (0, 1)


def test_what_was_kept_is_counted_when_something_else_was_not(slow: SlowStore):
    importer = Importer(Ingest(slow))
    for document in (spans(1), spans(2), spans(3)):
        importer.take(document)
        importer.flush()
    outcomes: list[Any] = [1, StoreError("the store", "the disk is full"), 1]
    for future, outcome in zip(slow.waiting, outcomes, strict=True):
        is_error = isinstance(outcome, Exception)
        wake_loops(future.settle(None if is_error else outcome, outcome if is_error else None))

    with pytest.raises(StoreError, match="the disk is full"):
        importer.finish()

    assert importer.imported.spans == 2


def test_secrets_are_masked(store: MemoryTraceStore):
    secret = "sk-proj-" + "aB3dE5gH7jK9" * 4

    imported(Importer(Ingest(store)), spans(1, text=f"my key is {secret}"))

    assert secret.encode() not in b"".join(store.read("a" * 32).result().chunks)
