"""What a session was begun with, read back from what is kept of it."""

import pytest

from reev_flow.errors import SessionCorruption, UnknownFlow
from reev_flow.flows.code import flow
from reev_flow.flows.plans.in_session import read_plan
from reev_flow.runtime.origins import annotation_of, of_session
from support.plans import plan, step
from support.sessions import new_session


def run_step() -> None:
    """Runs nothing."""


@pytest.mark.parametrize(
    "definition",
    [
        b"a plan",
        b"{}",
        b"\xff\x00",
        b'{"flow_id": "f", "steps": [{"step_id": 7}]}',
        b'{"flow_id": "f", "steps": [], "hue": 1}',
    ],
)
def test_a_plan_that_cannot_be_read_is_damage_of_its_session_told_in_one_line(definition):
    with pytest.raises(SessionCorruption, match="its plan cannot be read") as caught:
        of_session(new_session(definition=definition), run_step)
    assert caught.value.session_id == "s-1"
    assert "\n" not in str(caught.value)


def test_a_plan_is_read_as_it_was_kept():
    kept = plan(step("a"), step("b"))
    assert read_plan(new_session(definition=kept.encoded())) == kept


def test_a_session_without_a_memory_of_its_code_needs_to_be_told():
    with pytest.raises(UnknownFlow, match="called by hand"):
        of_session(new_session())


def test_nothing_is_known_of_the_result_of_code_that_cannot_be_found():
    session = new_session(definition=b"", entry_point="no_such_module_anywhere:name")
    assert annotation_of(session) is None


def test_the_result_of_a_flow_is_what_its_function_says():
    @flow
    async def counting(session: object) -> int:
        return 1

    assert annotation_of(new_session(definition=b""), counting) is int
