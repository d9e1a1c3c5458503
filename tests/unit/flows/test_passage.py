"""What is left of a journal while a flow is run again."""

import pytest

from reev_flow.errors import StepChanged
from reev_flow.flows.passage import Passage
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.sessions.journal import EntryKind, JournalEntry


def passage(*left: str, standing: Standing = Standing.FINISHED) -> Passage:
    entry = JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=1, epoch=1)
    return Passage("s-1", {step: StepHistory(entry, standing) for step in left})


@pytest.mark.parametrize(
    ("branch", "step", "is_further"),
    [
        ("", "pay#1", True),
        ("", "gather#1:0/pay#1", True),
        ("gather#1:0", "gather#1:0/pay#1", True),
        ("gather#1:0", "gather#1:0/inner#1/pay#1", True),
        ("gather#1:0", "pay#1", True),
        ("gather#1:0", "gather#2:0/pay#1", True),
        ("gather#1:0", "gather#1:1/pay#1", False),
        ("gather#1:0/inner#1", "gather#1:1/inner#1/pay#1", False),
        ("group#1:left", "group#1:right/pay#1", False),
        ("inner#1", "pay[7]", True),
    ],
)
def test_what_runs_beside_a_branch_is_not_after_it(branch, step, is_further):
    assert passage(step).goes_on_after(branch) is is_further


def test_after_the_last_step_the_journal_does_not_go_on():
    whole = passage("search#1", "pay#1")
    whole.call("search#1")
    assert whole.goes_on_after("")
    whole.call("pay#1")
    assert not whole.goes_on_after("")
    whole.refuse_end()


@pytest.mark.parametrize(
    ("left", "called"),
    [("pay[7]", "search#1"), ("pay#1", "search[7]"), ("inner#1/pay#1", "search#1"), ("pay#1", "inner#1/search#1")],
)
def test_keys_and_other_branches_come_in_any_order(left, called):
    passage(left).refuse_another(called)


def test_without_a_key_a_step_takes_no_others_place():
    with pytest.raises(StepChanged, match=r"'inner#1/pay#1' changed"):
        passage("inner#1/ship[7]", "inner#1/pay#1").refuse_another("inner#1/search#1")


@pytest.mark.parametrize("standing", [Standing.OPEN, Standing.ASKED])
def test_what_nothing_is_known_of_may_be_left(standing):
    whole = passage("ask#1", standing=standing)
    whole.refuse_another("pay#1")
    whole.refuse_end()
    assert whole.goes_on_after("")


def test_a_branch_that_is_left_out_takes_only_its_own_steps_along():
    whole = passage("left#1/pay#1", "left#10/pay#1", "pay#1")
    whole.leave_out("left#1")
    with pytest.raises(StepChanged, match=r"'left#10/pay#1' changed"):
        whole.refuse_end()


def test_a_failure_in_a_branch_says_nothing_of_how_far_the_flow_was():
    passage("left#1/pay#1", "pay[7]").refuse_failure(ValueError("no"))
