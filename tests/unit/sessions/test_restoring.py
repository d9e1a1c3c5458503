"""How a session stands that came back from a backup."""

import pytest

from reev_flow.sessions.restoring import brought_back, restored_at
from reev_flow.sessions.state import SessionState
from reev_flow.trace.run import GapKind
from support.journals import Story, at


def back(story: Story, second: float = 60):
    return brought_back(story.session, story.entries, "backup-1", heard_ns=at(2), now_ns=at(second))


def in_a_step() -> Story:
    story = Story().run(0)
    story.do("quote#1", 0, 1)
    story.start("pay#1", 1)
    return story


def test_it_is_interrupted_where_the_backup_left_it():
    write = back(in_a_step())
    assert (write.session.state, write.session.interruption.step_index) == (SessionState.INTERRUPTED, 1)
    assert write.session.restored_from == "backup-1"


def test_its_journal_goes_on_with_what_came_back():
    story = in_a_step()
    write = back(story)
    assert [entry.number for entry in write.entries] == [len(story.entries) + 1]
    assert (write.session.entries, write.session.chain) == (write.entries[-1].number, write.entries[-1].chain)


def test_it_has_an_epoch_of_its_own_so_that_former_workers_cannot_write():
    story = in_a_step()
    assert back(story).session.epoch == story.session.epoch + 1


def test_a_clock_that_was_set_back_does_not_make_it_older():
    story = in_a_step()
    assert back(story, second=-9).session.updated_ns == story.session.updated_ns


@pytest.mark.parametrize("state", [SessionState.COMPLETED, SessionState.CANCELLED])
def test_one_that_had_ended_stays_as_it_was(state):
    assert brought_back(Story().run(0).end(1, state).session, (), "backup-1", heard_ns=0, now_ns=at(9)) is None


def test_a_session_that_never_came_back_is_known_from_its_beginning():
    story = in_a_step()
    assert restored_at(story.session, story.entries) == 0


def test_one_that_came_back_is_known_again_since_the_entry_that_says_so():
    story = in_a_step()
    story.come_back(60, heard=2)
    story.do("thank#1", 70, 71)
    assert restored_at(story.session, story.entries) == 5


def test_of_several_returns_the_last_counts():
    story = in_a_step()
    story.come_back(60, heard=2)
    story.come_back(90, heard=61)
    assert restored_at(story.session, story.entries) == 6


def test_nobody_worked_on_it_from_when_it_was_last_heard_of_until_the_next_worker():
    story = in_a_step()
    story.come_back(60, heard=2)
    story.next_worker()
    story.run(80)
    (gap,) = [gap for gap in story.record().gaps if gap.kind is GapKind.DOWN]
    assert (gap.start_ns, gap.end_ns, gap.label) == (at(2), at(80), "restored from backup-1")


def test_as_long_as_nobody_goes_on_with_it_nobody_is_known_to():
    story = in_a_step()
    story.come_back(60, heard=2)
    assert [(gap.start_ns, gap.end_ns) for gap in story.record().gaps] == [(at(2), None)]


def test_a_step_that_was_running_ended_for_all_that_is_known_when_its_worker_was_last_heard_of():
    story = in_a_step()
    story.come_back(60, heard=2)
    assert [(attempt.step, attempt.ended_ns) for attempt in story.record().attempts] == [
        ("quote#1", at(1)),
        ("pay#1", at(2)),
    ]
