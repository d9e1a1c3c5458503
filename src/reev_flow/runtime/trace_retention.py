"""Forgets traces that are too old, or too many for their room, and gives the disk its room back."""

import asyncio
from collections.abc import Callable, Iterator

import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import StoreError
from reev_flow.runtime.room import give_back_all
from reev_flow.settings.trace_keeping import TraceLimits
from reev_flow.trace.store import TraceStore

AT_ONCE = 200  # traces; others write between
SPARE = 0.1  # of the room is made free, so that it need not be done again at once
SECONDS_BETWEEN = 15.0


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """Ids, the longest untouched first."""

    for_age: tuple[str, ...] = ()
    for_room: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.for_age) + len(self.for_room)


def keep_within(store: TraceStore, limits: TraceLimits, clock: Clock) -> Forgotten:
    """Waits for the store, so coroutines call it in a thread. Raises `StoreError`."""
    before_ns = max(0, clock.now_ns() - limits.oldest_ns)
    for_age = tuple(_each(lambda: store.prune(before_ns, AT_ONCE).result()))
    for_room: tuple[str, ...] = ()
    if store.size_bytes().result() > limits.most_bytes:
        enough = int(limits.most_bytes * (1 - SPARE))
        for_room = tuple(_each(lambda: store.shrink(enough, AT_ONCE).result()))
    if for_age or for_room:
        give_back_all(store)
    return Forgotten(for_age=for_age, for_room=for_room)


def ask_to_forget(store: TraceStore, limits: TraceLimits, clock: Clock) -> None:
    """Some of it, without waiting: for programs that have better to do. What fails is tried again another time."""
    store.prune(max(0, clock.now_ns() - limits.oldest_ns))
    store.shrink(limits.most_bytes)
    store.give_back()


async def keep_within_for_ever(
    store: TraceStore, limits: TraceLimits, clock: Clock, tell: Callable[[str], None]
) -> None:
    """Beside whatever adds to the store, until it is cancelled. `tell` is told when it fails and when it had to forget for room."""
    while True:
        try:
            forgotten = await asyncio.to_thread(keep_within, store, limits, clock)
        except StoreError as error:
            tell(f"runs could not be forgotten: {error}")
        else:
            if forgotten.for_room:
                runs = "a run" if len(forgotten.for_room) == 1 else f"{len(forgotten.for_room):,} runs"
                tell(f"forgot {runs}, the least recently added to, to stay below the size that is set")
        await asyncio.sleep(SECONDS_BETWEEN)


def _each(forget: Callable[[], tuple[str, ...]]) -> Iterator[str]:
    while names := forget():
        yield from names
