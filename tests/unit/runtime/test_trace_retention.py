"""Runs are forgotten when they are too old, or too many for their room."""

import asyncio
from random import Random

from reev_flow.runtime import trace_retention
from reev_flow.runtime.collector import TraceCollector
from reev_flow.runtime.trace_retention import keep_within, keep_within_for_ever
from reev_flow.settings.trace_keeping import TraceLimits
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.stores.urls import open_trace_store
from support.otlp_server import BrokenTraceStore
from support.sessions import NS, SetClock
from support.trace_stores import add, chunk, id_of, letters

MUCH = 1 << 40


def filled(clock: SetClock, names: str) -> MemoryTraceStore:
    """A trace of a thousand bytes for each letter, a second after the one before."""
    store = MemoryTraceStore(clock=clock)
    for second, letter in enumerate(names):
        clock.seconds = second
        add(store, chunk(letter, data=Random(letter).randbytes(1_000)))
    return store


def test_what_nothing_was_added_to_for_too_long_is_forgotten():
    clock = SetClock()
    store = filled(clock, "abcd")
    forgotten = keep_within(store, TraceLimits(oldest_ns=int(1.5 * NS), most_bytes=MUCH), clock)
    assert (forgotten.for_age, forgotten.for_room) == ((id_of("a"), id_of("b")), ())


def test_more_room_is_made_than_is_needed_at_once():
    clock = SetClock()
    store = filled(clock, "abcdefabcdef0123456789"[6:])
    forgotten = keep_within(store, TraceLimits(oldest_ns=MUCH, most_bytes=10_000), clock)
    assert len(forgotten.for_room) == 7
    assert store.size_bytes().result() == 9_000


def test_nothing_is_forgotten_within_the_limits():
    clock = SetClock()
    store = filled(clock, "abc")
    assert keep_within(store, TraceLimits(oldest_ns=MUCH, most_bytes=3_000), clock).count == 0
    assert sorted(letters(store)) == ["a", "b", "c"]


async def test_it_goes_on_beside_others_and_says_what_it_did(monkeypatch):
    clock, told = SetClock(), list[str]()
    store = filled(clock, "abc")
    monkeypatch.setattr(trace_retention, "SECONDS_BETWEEN", 0.001)
    task = asyncio.create_task(
        keep_within_for_ever(store, TraceLimits(oldest_ns=MUCH, most_bytes=2_500), clock, told.append)
    )
    while not told:
        await asyncio.sleep(0.001)
    task.cancel()
    assert told == ["forgot a run, the least recently added to, to stay below the size that is set"]


async def test_a_store_in_trouble_is_told_and_tried_again(monkeypatch):
    told = list[str]()
    store = BrokenTraceStore()
    store.close()
    monkeypatch.setattr(trace_retention, "SECONDS_BETWEEN", 0.001)
    limits = TraceLimits(oldest_ns=MUCH, most_bytes=1)
    task = asyncio.create_task(keep_within_for_ever(store, limits, SetClock(), told.append))
    while len(told) < 2:
        await asyncio.sleep(0.001)
    task.cancel()
    assert told[1].startswith("runs could not be forgotten: ")


def test_a_program_that_collects_spans_has_what_is_old_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("REEV_TRACE_RETENTION_DAYS", "1")
    store = open_trace_store(tmp_path, clock=SetClock())  # which says that it is long ago
    add(store, chunk("a"))
    store.close()
    collector = TraceCollector(store=tmp_path)
    assert letters(collector.store) == ""
    collector.shutdown()
