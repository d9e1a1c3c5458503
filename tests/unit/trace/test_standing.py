"""When a run is open, settled or incomplete."""

import pytest

from reev_flow.trace.standing import GIVE_UP_NS, SETTLE_NS, RunState, Standing


def state_after(silent_ns: int, **facts: bool) -> RunState:
    return Standing(touched_ns=1_000, **({"is_whole": True} | facts)).state(1_000 + silent_ns)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_run_that_something_came_of_lately_is_open(*, is_whole: bool):
    assert state_after(SETTLE_NS - 1, is_whole=is_whole) is RunState.OPEN


def test_a_whole_run_settles_when_nothing_came_for_a_while():
    assert state_after(SETTLE_NS) is RunState.SETTLED


@pytest.mark.parametrize(
    ("silent_ns", "expected"), [(GIVE_UP_NS - 1, RunState.OPEN), (GIVE_UP_NS, RunState.INCOMPLETE)]
)
def test_a_run_that_lacks_something_is_waited_for_and_then_incomplete(silent_ns: int, expected: RunState):
    assert state_after(silent_ns, is_whole=False) is expected


def test_a_run_whose_session_goes_on_is_open_however_long_it_waits():
    assert state_after(10 * GIVE_UP_NS, is_alive=True) is RunState.OPEN


def test_late_spans_open_a_run_again():
    before, after = (Standing(touched_ns=touched, is_whole=True).state(SETTLE_NS) for touched in (0, 1))

    assert (before, after) == (RunState.SETTLED, RunState.OPEN)


def test_a_clock_that_was_set_back_settles_nothing():
    assert state_after(-GIVE_UP_NS) is RunState.OPEN
