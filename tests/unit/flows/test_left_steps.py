"""What is left of a journal, looked at branch by branch: the same as looking through all of it, and no more work when there is more beside."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.flows.left_steps import LeftSteps
from reev_flow.flows.passage import Passage
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.sessions.journal import EntryKind, JournalEntry
from support.counted_work import count_calls

BRANCHES = st.lists(st.sampled_from(["gather#1:0", "gather#1:1", "gather#2:0", "inner#1", "inner#10"]), max_size=3)
STEPS = st.tuples(BRANCHES, st.sampled_from(["pay#1", "pay#2", "pay[7]"])).map(
    lambda parts: "/".join([*parts[0], parts[1]])
)
FEW = 250


def is_beside(branch: str, step: str) -> bool:
    """Whether they part as two members of one gather."""
    for here, there in zip(branch.split("/"), step.split("/"), strict=False):
        if here != there:
            group, is_member, _ = here.rpartition(":")
            return bool(is_member) and there.startswith(f"{group}:")
    return False


@given(st.dictionaries(STEPS, st.booleans()), st.lists(STEPS), BRANCHES.map("/".join))
def test_a_branch_is_told_as_if_all_that_is_left_were_looked_through(steps, called, branch):
    left = LeftSteps(steps.items())
    for step in called:
        left.remove(step)
    remaining = [step for step in steps if step not in called]
    known = [step for step in remaining if steps[step]]
    in_turn = [step for step in known if step.rpartition("/")[0] == branch and not step.endswith("]")]
    assert (bool(left), list(left.known())) == (bool(remaining), known)
    assert left.first_in_turn(branch) == (in_turn[0] if in_turn else None)
    assert sorted(left.within(branch)) == sorted(
        step for step in remaining if not branch or step.startswith(f"{branch}/")
    )
    assert left.has_not_beside(branch) == any(not is_beside(branch, step) for step in remaining)


def recorded(count: int) -> Passage:
    """So many branches of one gather, each with a step."""
    entry = JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=1, epoch=1)
    history = StepHistory(entry, Standing.FINISHED)
    return Passage("s-1", {f"gather#1:{number}/pay#1": history for number in range(count)})


def go_further(passage: Passage, count: int) -> None:
    """Each branch comes to its step and to one that is new, while those after it have not come to theirs."""
    for number in range(count):
        passage.call(f"gather#1:{number}/pay#1")
        passage.refuse_another(f"gather#1:{number}/ship#1")


def choose_versions(passage: Passage, count: int) -> None:
    for number in range(count):
        passage.call(f"gather#1:{number}/pay#1")
        assert not passage.goes_on_after(f"gather#1:{number}")


def cancel(passage: Passage, count: int) -> None:
    for number in range(count):
        passage.leave_out(f"gather#1:{number}")


@pytest.mark.parametrize("do", [go_further, choose_versions, cancel])
def test_twice_as_many_branches_are_twice_as_much_work(do):
    few, many = (count_calls(partial(do, recorded(count), count)) for count in (FEW, 2 * FEW))
    assert many < 2.1 * few
