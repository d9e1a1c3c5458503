"""How the entries of a journal are chained."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reev_flow.sessions.journal import (
    GENESIS,
    ChainedEntry,
    Effect,
    EntryKind,
    JournalEntry,
    bare_bytes,
    chain_of,
    follows,
    link,
)
from support.sessions import chained

ENTRIES = st.builds(
    JournalEntry,
    number=st.integers(1, 2**62),
    kind=st.sampled_from(EntryKind),
    time_ns=st.integers(0, 2**62),
    epoch=st.integers(0, 100),
    step=st.text(max_size=10),
    attempt=st.integers(0, 9),
    effect=st.none() | st.sampled_from(Effect),
    arguments=st.binary(max_size=10),
    value=st.binary(max_size=50),
)
CHAINS = st.binary(min_size=16, max_size=16)


@given(ENTRIES, CHAINS)
def test_a_chain_is_sixteen_bytes_and_the_same_each_time(entry: JournalEntry, previous: bytes):
    first, again = (chained(previous, "s-1", entry).chain for _ in range(2))
    assert (len(first), first) == (16, again)


@given(ENTRIES, CHAINS)
def test_chaining_anew_gives_the_same_chain(entry: JournalEntry, previous: bytes):
    once = chained(previous, "s-1", entry)
    assert chained(previous, "s-1", once) == once


@given(ENTRIES, ENTRIES)
def test_different_entries_have_different_chains(one: JournalEntry, other: JournalEntry):
    chains = {chained(GENESIS, "s-1", entry).chain for entry in (one, other)}
    assert len(chains) == (1 if one == other else 2)


@given(ENTRIES, CHAINS, CHAINS)
def test_the_chain_tells_what_came_before(entry: JournalEntry, one: bytes, other: bytes):
    assert (chained(one, "s-1", entry) == chained(other, "s-1", entry)) == (one == other)


@given(ENTRIES)
def test_the_chain_tells_whose_entry_it_is(entry: JournalEntry):
    assert chained(GENESIS, "s-1", entry) != chained(GENESIS, "s-2", entry)


@given(ENTRIES, CHAINS)
def test_the_stored_bytes_are_the_entry_without_its_chain(entry: JournalEntry, previous: bytes):
    bare = bare_bytes(chained(previous, "s-1", entry))
    assert msgspec.msgpack.decode(bare, type=JournalEntry) == entry
    assert chain_of(previous, "s-1", bare) == chained(previous, "s-1", entry).chain


def test_the_chain_never_changes_its_meaning():
    entry = JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=2, epoch=3, step="load#1", attempt=1, value=b"v")
    assert chained(GENESIS, "s-1", entry).chain.hex() == "2deaddc8e033557e5087f6c2fbc29b55"


@given(ENTRIES, CHAINS)
def test_an_entry_follows_the_chain_it_was_linked_to(entry: JournalEntry, previous: bytes):
    linked = link(previous, "s-1", entry)
    assert follows(linked, previous, "s-1")
    assert follows(ChainedEntry(linked.number, linked.bare, linked.chain), previous, "s-1")


CHANGES: dict[str, dict[str, bytes]] = {
    "its bytes": {"bare": b"\x80"},
    "its chain": {"chain": b"x" * 16},
    "both": {"bare": b"\x80", "chain": b"x" * 16},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_entry_changed_after_it_was_linked_follows_nothing(change: dict[str, bytes]):
    linked = link(GENESIS, "s-1", JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=2, epoch=3))
    assert not follows(replace(linked, **change), GENESIS, "s-1")


@pytest.mark.parametrize(("previous", "session_id"), [(b"x" * 16, "s-1"), (GENESIS, "s-2")])
def test_an_entry_follows_no_other_chain_than_the_one_it_was_linked_to(previous: bytes, session_id: str):
    linked = link(GENESIS, "s-1", JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=2, epoch=3))
    assert not follows(linked, previous, session_id)
