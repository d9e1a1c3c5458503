from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.conversations import conversations_in
from reev_flow.collect.span_bytes import encode_spans
from reev_flow.trace.span import Attributes
from support.spans import received


def encoded(*attributes: Attributes) -> bytes:
    return encode_spans([received(one) for one in attributes])


def test_the_conversations_of_several_dialects_are_found():
    data = encoded({"session.id": "b"}, {"x": 1, "gen_ai.conversation.id": "a"}, {"session.id": "b"}, {})

    assert conversations_in(data) == ("a", "b")


@given(st.text(min_size=1, max_size=300))
def test_a_conversation_of_any_name_is_found(name: str):
    expected = name.encode(errors="replace").decode()

    assert conversations_in(encoded({"session.id": name})) == ((expected,) if expected.strip() else ())


def test_what_is_no_text_is_no_conversation():
    assert conversations_in(encoded({"session.id": 7}, {"session.id": ["a"]}, {"session.id": " "})) == ()


def test_other_attributes_are_not_taken_for_it():
    assert conversations_in(encoded({"my.session.id": "a", "session.id.old": "b", "text": "session.id"})) == ()


@given(st.binary(max_size=200), st.integers(0, 60))
def test_bytes_that_break_off_or_are_no_message_do_no_harm(data: bytes, kept: int):
    whole = encoded({"session.id": "talk"})

    assert isinstance(conversations_in(data + whole[: len(whole) - kept] + data), tuple)
