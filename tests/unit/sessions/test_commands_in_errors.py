"""Commands that errors name can be typed as they stand, whatever a session is called."""

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import SessionForgotten, SessionInterrupted, SessionWaiting, StepChanged
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


@given(
    session_id=st.text(st.characters(exclude_characters="`"), min_size=1),
    step=st.text(st.characters(exclude_characters="`"), min_size=1),
)
def test_a_step_in_a_command_is_one_word_too(session_id: str, step: str):
    told = str(StepChanged(session_id, step, "other arguments")).rpartition("`reev-flow")[2].removesuffix("`")
    words = shlex.split(told)
    assert words[:2] == ["sessions", "fork"]
    assert sorted(word for word in words[2:] if word != "--") == sorted(["--from", session_id, step])
    assert words[words.index("--from") + 1] == step or session_id == "--from"


def test_an_id_that_is_like_an_option_stands_behind_all_options():
    told = str(StepChanged("-x", "pay#1", "other arguments"))
    assert told.endswith("`reev-flow sessions fork --from 'pay#1' -- -x`")
