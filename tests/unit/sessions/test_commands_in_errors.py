"""Commands that errors name can be typed as they stand, whatever a session is called."""

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import SessionForgotten, SessionInterrupted, SessionWaiting
from reev_flow.errors.steps import NoSuchQuestion

ERRORS: dict[str, Callable[[str], Exception]] = {
    "resume": SessionInterrupted,
    "sessions answer": lambda session_id: SessionWaiting(session_id, (("ask#1", "Which?"),)),
    "sessions free": lambda session_id: SessionForgotten(session_id, "pay", "completed", 1, 2),
    "sessions show": lambda session_id: NoSuchQuestion(session_id, "", ()),
}


@pytest.mark.parametrize("command", ERRORS)
@given(session_id=st.text(st.characters(exclude_characters="`"), min_size=1))
def test_the_id_in_a_command_is_one_word(command: str, session_id: str):
    words = shlex.split(str(ERRORS[command](session_id)).split("`")[1])
    option_end = ["--"] if session_id.startswith("-") else []
    assert words == ["reev-flow", *command.split(), *option_end, session_id]


def test_a_plain_id_is_named_plainly():
    assert str(SessionInterrupted("trip-17")).endswith("`reev-flow resume trip-17` goes on with it")
