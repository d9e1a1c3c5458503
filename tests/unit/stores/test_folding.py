"""What is said again and again takes room once, and everything comes back as it was."""

import json
import zlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.stores.sqlite.folding import FOLDED, pack, unpack

LEVEL = 1


def conversation(calls: int, *, flat: bool) -> bytes:
    """What a run sends its model: with every call everything that was said before."""
    dice = Random(1)
    said = [{"role": "user", "content": dice.randbytes(600).hex()} for _ in range(calls)]
    if flat:
        return b"".join(
            f"\x0allm.input_messages.{number}.message.role\x12user\x0allm.input_messages.{number}.message.content\x12{message['content']}".encode()
            for call in range(calls)
            for number, message in enumerate(said[:call])
        )
    return b"\x0a".join(json.dumps(said[:call]).encode() for call in range(calls))


@pytest.mark.parametrize("flat", [False, True], ids=["as JSON", "message by message"])
def test_a_conversation_takes_room_once(flat):
    data = conversation(50, flat=flat)
    packed = pack(data, 50, LEVEL)
    assert len(packed) < len(zlib.compress(data, LEVEL)) / 10
    assert unpack(packed) == data


@given(
    st.binary(max_size=500),
    st.integers(1, 300),
    st.lists(st.sampled_from([b"role", b"r", b"o", b"le", b"F", b""]), max_size=60),
)
def test_whatever_it_is_comes_back_as_it_was(data, times, seams):
    repeated = b"role".join([data] * times) + b"".join(seams)
    assert unpack(pack(repeated, 1, LEVEL)) == repeated


def test_what_repeats_little_is_only_compressed():
    dice = Random(1)
    data = b"role".join(dice.randbytes(1_000) for _ in range(100))
    assert not pack(data, 1, LEVEL).startswith(FOLDED)
