"""How long sessions rest that were taken up and did not get on, as their journals tell it."""

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.runtime.drive import WORKER_STOPPED
from reev_flow.runtime.patience import MOST_SECONDS, NS, Setbacks, pause_ns, setbacks
from reev_flow.sessions.state import SessionState
from support.journals import Story, at


def counted(story: Story) -> int:
    return setbacks(story.session, story.entries).count


def taken_up_and_left(times: int) -> Story:
    """By workers that died, each in the same step."""
    story = Story().run(0)
    story.start("pay#1", 0)
    for number in range(1, times):
        story.take_over(number, "pay#1", heard=number)
        story.start("pay#1", number)
    return story


def test_each_worker_that_dies_counts():
    assert [counted(taken_up_and_left(times)) for times in (1, 2, 5)] == [1, 2, 5]


def test_a_step_that_ends_takes_everything_back():
    story = taken_up_and_left(4)
    story.finish("pay#1", 9)
    assert counted(story) == 1


def test_a_worker_that_leaves_in_good_order_counts_for_nothing():
    story = Story().run(0)
    for second in range(1, 6, 2):
        story.become(SessionState.INTERRUPTED, second, reason=WORKER_STOPPED)
        story.next_worker()
        story.become(SessionState.RUNNING, second + 1)
    story.become(SessionState.INTERRUPTED, 9, reason=WORKER_STOPPED)
    assert counted(story) == 0


def test_code_that_does_not_fit_counts_each_time():
    story = Story().run(0)
    for second in range(1, 6, 2):
        story.become(SessionState.INTERRUPTED, second, reason="step 'pay#1' was another one")
        story.become(SessionState.RUNNING, second + 1)
    story.become(SessionState.INTERRUPTED, 9, reason="step 'pay#1' was another one")
    assert counted(story) == 4


def test_the_first_setback_costs_no_time_and_later_ones_twice_as_much_each():
    assert [pause_ns(failures) / NS for failures in (0, 1, 2, 3, 4)] == [0, 1, 2, 4, 8]
    assert setbacks(taken_up_and_left(1).session, taken_up_and_left(1).entries).wait_ns(at(0)) == 0


def test_what_has_passed_since_it_was_last_written_to_counts():
    story = taken_up_and_left(4)
    so_far = setbacks(story.session, story.entries)
    assert [so_far.wait_ns(at(second)) / NS for second in (3, 5, 7, 100)] == [4, 2, 0, 0]


@given(st.integers(0, 10_000))
def test_nobody_rests_for_longer_than_ten_minutes(failures: int):
    assert pause_ns(failures) <= pause_ns(failures + 1) <= MOST_SECONDS * NS


@given(st.integers(0, 100), st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_clock_that_was_set_back_makes_no_rest_longer(count: int, last_ns: int, now_ns: int):
    assert 0 <= Setbacks(count, last_ns).wait_ns(now_ns) <= pause_ns(count - 1)
