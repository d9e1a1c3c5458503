"""Leases are kept alive while anybody works."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest

from reev_flow.errors import LeaseHeld, LeaseLost, SessionError
from reev_flow.runtime.heartbeat import Heartbeat
from reev_flow.sessions.data import Lease
from reev_flow.stores.memory import MemorySessionStore
from support.failing_stores import FillingStore
from support.sessions import NS, SetClock, new_session

QUICK_SECONDS = 0.03


class World:
    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemorySessionStore(clock=self.clock)
        self.lost: list[tuple[str, SessionError]] = []
        self.heartbeat = Heartbeat(self.store, QUICK_SECONDS, self.lose)

    def lose(self, session_id: str, error: SessionError) -> None:
        self.lost.append((session_id, error))

    def lease(self, session_id: str = "s-1", seconds: float = QUICK_SECONDS) -> Lease:
        self.store.create(new_session(session_id)).result()
        return self.store.claim(session_id, "worker", seconds).result()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.heartbeat.close()


def eventually(is_so: Any) -> bool:
    for _ in range(2_000):
        if is_so():
            return True
        time.sleep(0.005)
    return False


def expires(world: World, session_id: str = "s-1") -> int:
    return world.store._shelves[session_id].kept.expires_ns


def test_every_lease_is_renewed_again_and_again(world):
    leases = [world.lease(name) for name in ("s-1", "s-2")]
    for lease in leases:
        world.heartbeat.add(lease)
    for seconds in (1, 2):
        world.clock.seconds = seconds
        assert eventually(lambda: all(expires(world, name) > world.clock.now_ns() for name in ("s-1", "s-2")))
    assert world.lost == []


def test_leases_that_come_at_any_moment_do_not_stop_it(world):
    """Python may change threads in the middle of what looks like one step: wherever it makes room for something."""
    leases = [world.lease(f"s-{number}") for number in range(100)]
    for lease in leases[:30]:
        world.heartbeat.add(lease)
    later = iter(leases[30:])

    def add_one(phase: str, _: Any) -> None:
        if phase == "start" and threading.current_thread() is world.heartbeat._thread:
            for lease in islice(later, 1):
                world.heartbeat.add(lease)

    with garbage_looked_for_all_the_time(add_one):
        assert eventually(lambda: len(world.heartbeat._leases) == 100)


@contextmanager
def garbage_looked_for_all_the_time(while_doing_it: Callable[[str, Any], None]) -> Iterator[None]:
    before = gc.get_threshold()
    gc.callbacks.append(while_doing_it)
    gc.set_threshold(1)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(while_doing_it)


def test_what_is_given_up_is_the_lease_as_it_was_last_renewed(world):
    lease = world.lease()
    world.heartbeat.add(lease)
    world.clock.seconds = 9
    assert eventually(lambda: expires(world) > 9 * NS and world.heartbeat._leases["s-1"].expires_ns > lease.expires_ns)
    renewed = world.heartbeat.remove("s-1")
    assert renewed is not None
    assert renewed.epoch == lease.epoch
    assert world.heartbeat.remove("s-1") is None


def test_a_lease_that_another_worker_has_is_told_as_lost(world):
    world.heartbeat.add(world.lease())
    world.clock.seconds = 100
    taken = False
    while not taken:  # the heartbeat is quick, too
        world.clock.seconds += 100
        try:
            world.store.claim("s-1", "another", 10).result()
            taken = True
        except LeaseHeld:
            continue
    assert eventually(lambda: world.lost)
    session_id, error = world.lost[0]
    assert session_id == "s-1"
    assert isinstance(error, LeaseLost)


def test_a_lease_that_was_given_up_meanwhile_is_not_told_as_lost(world):
    world.heartbeat.add(world.lease("s-2"))
    lease = world.lease()
    world.heartbeat.add(lease)
    for _ in range(20):
        removed = world.heartbeat.remove("s-1")
        assert removed is not None
        world.store.release(removed).result()
        world.heartbeat.add(world.store.claim("s-1", "worker", QUICK_SECONDS).result())
        time.sleep(QUICK_SECONDS / 10)
    assert world.lost == []


def test_a_store_that_fails_for_a_while_loses_nothing():
    world = World()
    filling = FillingStore(world.store, room_for=0)
    filling.writes.append(None)  # type: ignore[arg-type]  # it is full
    lease = world.lease()
    heartbeat = Heartbeat(filling, QUICK_SECONDS, world.lose)
    heartbeat.add(lease)
    time.sleep(QUICK_SECONDS * 2)
    filling.make_room()
    world.clock.seconds = 5
    assert eventually(lambda: expires(world) > world.clock.now_ns())
    heartbeat.close()
    assert world.lost == []


def test_without_leases_there_is_no_thread(world):
    before = threading.active_count()
    made = Heartbeat(world.store, QUICK_SECONDS, world.lose)
    assert threading.active_count() == before
    made.close()


def test_closing_ends_the_thread(world):
    world.heartbeat.add(world.lease())
    world.heartbeat.close()
    assert not any("heartbeat" in thread.name for thread in threading.enumerate())


def test_whoever_is_told_may_close(world):
    heartbeat = Heartbeat(world.store, QUICK_SECONDS, lambda *_: heartbeat.close())
    lease = world.lease()
    world.store.claim("s-1", "worker", 10).result()
    heartbeat.add(lease)
    assert eventually(lambda: not any("heartbeat" in thread.name for thread in threading.enumerate()))


def test_a_very_long_lease_is_kept_too(world):
    heartbeat = Heartbeat(world.store, 1_000_000_000, world.lose)
    heartbeat.add(world.lease())
    heartbeat.close()
