"""How long a session was worked on."""

import pytest

from reev_flow.sessions.state import SessionState
from reev_flow.sessions.time_spent import spent_ns
from support.journals import Story, at
from support.sessions import NS


def seconds(story: Story) -> float:
    return spent_ns(story.entries) / NS


def test_a_session_that_never_ran_took_no_time():
    assert seconds(Story()) == 0


def test_a_run_counts_from_its_beginning_to_its_end():
    assert seconds(Story().run(1).end(5)) == 4


def test_a_run_that_goes_on_counts_to_its_last_entry():
    story = Story().run(1)
    story.do("pay#1", 2, 3)
    assert seconds(story) == 2


def test_waiting_for_an_answer_does_not_count():
    story = Story().run(1)
    story.ask("approve#1", 2, "all right?")
    story.become(SessionState.WAITING, 2)
    story.become(SessionState.RUNNING, 1_000)
    assert seconds(story.end(1_003)) == 1 + 3


@pytest.mark.parametrize(("heard", "counted"), [(6, 5), (2, 2)])
def test_after_a_crash_a_run_counts_until_its_worker_was_last_heard_of(heard, counted):
    story = Story().run(1)
    story.start("pay#1", 3)
    story.take_over(1_000, "pay#1", heard=heard)
    assert seconds(story) == counted


def test_time_after_a_crash_does_not_count():
    story = Story().run(0)
    story.take_over(100, heard=1)
    assert seconds(story.end(102)) == 1 + 2


def test_a_session_that_stopped_and_was_resumed_counts_both_parts():
    story = Story().run(0)
    story.become(SessionState.INTERRUPTED, 2)
    story.become(SessionState.RUNNING, 50)
    assert seconds(story.end(51)) == 3


def test_a_stretch_that_began_again_counts_once():
    story = Story().run(0)
    story.become(SessionState.INTERRUPTED, 10, heard_ns=at(4))
    story.become(SessionState.RUNNING, 10)
    story.become(SessionState.INTERRUPTED, 20, heard_ns=at(14))
    assert seconds(story) == 4 + 4
