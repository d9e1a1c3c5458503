"""A damaged bit in a trace store's file leads to the right spans, to damage that is told or to an error, never to something else."""

import random
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from reev_flow.errors import StoreError
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.store import TraceChunk, TraceQuery, TraceStore, TraceSummary
from support.damaged_stores import flip
from support.trace_stores import add, chunk, id_of, numbered

FLIPS = 150
LETTERS = "abcdef"
EACH = 5
DATA = {letter: tuple(numbered(letter, number) * number for number in range(1, EACH + 1)) for letter in LETTERS}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[TraceSummary, ...]]:
    folder = tmp_path_factory.mktemp("sound") / "store"
    store = open_trace_store(folder)
    for letter in LETTERS:
        add(store, *chunks_of(letter))
    summaries = store.find(TraceQuery()).result()
    store.close()
    return folder, summaries


def chunks_of(letter: str) -> list[TraceChunk]:
    return [chunk(letter, data, second=LETTERS.index(letter), root="plan", service="shop") for data in DATA[letter]]


def sampled_bits(path: Path) -> list[int]:
    """Some anywhere, and all of the first page's header, which says how to read the rest."""
    anywhere = random.Random(1).sample(range(path.stat().st_size * 8), FLIPS)
    return [*anywhere, *range(0, 100 * 8, 13)]


@pytest.mark.parametrize("add_again", [False, True], ids=["read", "added to"])
def test_a_flipped_bit_is_never_read_as_other_spans(
    sound: tuple[Path, tuple[TraceSummary, ...]], tmp_path: Path, *, add_again: bool
):
    folder, summaries = sound
    found: dict[int, list[str]] = {}
    for bit in sampled_bits(folder / "traces.db"):
        damaged = tmp_path / str(bit)
        shutil.copytree(folder, damaged)
        flip(damaged / "traces.db", bit)
        wrong = silent_errors(damaged, summaries, add_again=add_again)
        if wrong:
            found[bit] = wrong
        shutil.rmtree(damaged)
    assert found == {}


def silent_errors(folder: Path, summaries: tuple[TraceSummary, ...], *, add_again: bool) -> list[str]:
    """Everything that was read and is not right, though nothing was said. None is hoped for."""
    try:
        store = open_trace_store(folder)
    except StoreError:
        return []
    try:
        if add_again:
            for letter in LETTERS:
                store.add(chunks_of(letter)).exception()
        return [*(error for letter in LETTERS for error in wrong_read(store, letter)), *wrong_finds(store, summaries)]
    finally:
        store.close()


def wrong_read(store: TraceStore, letter: str) -> list[str]:
    reading = store.read(id_of(letter))
    if isinstance(reading.exception(), StoreError):
        return []
    stored = reading.result()
    missing = set(DATA[letter]) - set(stored.chunks)
    if set(stored.chunks) - set(DATA[letter]):
        return [f"{letter}: spans that were never there"]
    return [f"{letter}: {len(missing)} missing, told {stored.damaged}"] if len(missing) > len(stored.damaged) else []


def wrong_finds(store: TraceStore, summaries: tuple[TraceSummary, ...]) -> list[str]:
    """What is left out or only partly known must be named as damaged, or the damage of the file must be told."""
    finding, checking = store.find(TraceQuery()), store.damaged()
    if isinstance(finding.exception(), StoreError) or isinstance(checking.exception(), StoreError):
        return []
    unsound = set(checking.result())
    right, told = (
        [replace(summary, added_ns=0) for summary in some if summary.trace_id not in unsound]
        for some in (summaries, finding.result())
    )
    return [] if told == right else [f"find: {told}"]
