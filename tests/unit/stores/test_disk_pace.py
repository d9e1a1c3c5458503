"""When an event loop waits for the disk itself."""

import pytest

from reev_flow.stores.sqlite.disk_pace import DiskPace
from support.sessions import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def pace(clock: SetClock) -> DiskPace:
    return DiskPace(clock)


def wait(pace: DiskPace, clock: SetClock, seconds: float) -> None:
    began_ns = pace.now_ns()
    clock.seconds += seconds
    pace.was_waited_for_since(began_ns)


def test_it_does_while_the_disk_is_quick(pace, clock):
    for _ in range(100):
        wait(pace, clock, 0.001)
    assert pace.may_be_waited_for()


def test_now_and_then_a_slow_one_changes_nothing(pace, clock):
    for number in range(100):
        wait(pace, clock, 0.05 if number % 9 == 0 else 0.0002)
    assert pace.may_be_waited_for()


def test_it_does_not_after_several_slow_ones(pace, clock):
    for _ in range(3):
        wait(pace, clock, 0.01)
    assert not pace.may_be_waited_for()


def test_it_tries_again_after_a_hundred_times_as_long(pace, clock):
    for _ in range(3):
        wait(pace, clock, 0.01)
    clock.seconds += 0.99
    assert not pace.may_be_waited_for()
    clock.seconds += 0.02
    assert pace.may_be_waited_for()


def test_a_disk_that_is_still_slow_then_costs_one_wait_more(pace, clock):
    for _ in range(3):
        wait(pace, clock, 0.01)
    clock.seconds += 1.01
    wait(pace, clock, 0.01)
    assert not pace.may_be_waited_for()


def test_a_disk_that_has_become_quick_is_waited_for_again(pace, clock):
    for _ in range(3):
        wait(pace, clock, 0.01)
    clock.seconds += 1.01
    for _ in range(10):
        wait(pace, clock, 0.0002)
    wait(pace, clock, 0.01)
    assert pace.may_be_waited_for()
