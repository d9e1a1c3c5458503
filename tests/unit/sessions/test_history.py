"""What a journal knows of each step."""

import pytest

from reev_flow.sessions.history import Standing, StepHistory, first_open_step, read_history
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Failure, Stop
from support.journals import Story


def open_step(story: Story) -> int:
    return first_open_step(step.standing for step in read_history(story.entries).values())


def history_of(story: Story, step: str = "pay#1") -> StepHistory:
    return read_history(story.entries)[step]


def started(story: Story) -> None:
    story.start("pay#1", 1)


def finished(story: Story) -> None:
    story.do("pay#1", 1, 2, result=5)


def failed(story: Story) -> None:
    started(story)
    story.fail("pay#1", 2, ValueError("no"))


def failed_for_now(story: Story) -> None:
    started(story)
    story.fail("pay#1", 2, ValueError("no"), is_final=False)


def interrupted(story: Story) -> None:
    started(story)
    story.stop("pay#1", 2)


def stopped_before_it_began(story: Story) -> None:
    started(story)
    story.note(EntryKind.INTERRUPTED, Stop(has_begun=False), 2, about=("pay#1", 1))


def settled_as_happened(story: Story) -> None:
    interrupted(story)
    story.settle("pay#1", 3, happened=True, result=5)


def settled_as_not_happened(story: Story) -> None:
    interrupted(story)
    story.settle("pay#1", 3, happened=False)


def asked(story: Story) -> None:
    story.ask("pay#1", 1, "all right?")


def asked_what_became_of_it(story: Story) -> None:
    interrupted(story)
    story.ask("pay#1", 3, "did it happen?", in_doubt=True)


def answered(story: Story) -> None:
    asked(story)
    story.answer("pay#1", 2, value=True)


def answered_wrongly(story: Story) -> None:
    asked(story)
    refusal = Failure(kind="reev_flow.errors.steps:InvalidAnswer", is_final=False, retry_ns=1)
    story.note(EntryKind.FAILED, refusal, 2, about=("pay#1", 1))


@pytest.mark.parametrize(
    ("happen", "standing"),
    [
        (started, Standing.IN_DOUBT),
        (finished, Standing.FINISHED),
        (failed, Standing.FAILED),
        (failed_for_now, Standing.RETRYING),
        (interrupted, Standing.IN_DOUBT),
        (stopped_before_it_began, Standing.OPEN),
        (settled_as_happened, Standing.FINISHED),
        (settled_as_not_happened, Standing.OPEN),
        (asked, Standing.ASKED),
        (asked_what_became_of_it, Standing.IN_DOUBT),
        (answered, Standing.ANSWERED),
        (answered_wrongly, Standing.RETRYING),
    ],
)
def test_how_a_step_stands_is_what_was_heard_of_it_last(happen, standing):
    story = Story().run()
    happen(story)
    assert history_of(story).standing is standing


def test_steps_come_in_the_order_in_which_they_were_first_heard_of():
    story = Story().run()
    story.start("b#1", 1)
    story.start("a#1", 2)
    story.finish("b#1", 3)
    assert list(read_history(story.entries)) == ["b#1", "a#1"]


def test_changes_of_state_are_of_no_step():
    assert read_history(Story().run().entries) == {}


def test_every_start_is_counted():
    story = Story().run()
    interrupted(story)
    settled = history_of(story).attempts
    story.settle("pay#1", 3, happened=False)
    story.start("pay#1", 4)
    assert (settled, history_of(story).attempts) == (1, 2)


def test_a_question_is_remembered_after_its_answer():
    story = Story().run()
    answered(story)
    history = history_of(story)
    assert history.asked is not None
    assert (history.asked.kind, history.last.kind) == (EntryKind.ASKED, EntryKind.ANSWERED)


@pytest.mark.parametrize(
    ("happen", "position"),
    [
        (finished, 2),
        (failed, 2),
        (answered, 2),
        (settled_as_happened, 2),
        (started, 1),
        (asked, 1),
        (failed_for_now, 1),
    ],
)
def test_the_first_open_step_is_the_first_without_an_outcome(happen, position):
    story = Story().run()
    story.do("load#1", 0, 1)
    happen(story)
    assert open_step(story) == position


def test_the_first_open_step_comes_before_later_ones_that_ended():
    story = Story().run()
    story.start("load#1", 0)
    story.do("pay#1", 1, 2)
    assert open_step(story) == 0
