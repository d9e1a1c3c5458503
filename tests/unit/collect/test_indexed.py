from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.indexed import unflatten

steps = st.sampled_from(("0", "1", "10", "message", "role", "content", "tool_calls", ""))
paths = st.lists(steps, min_size=1, max_size=5).map(".".join)


def test_messages_are_in_the_order_of_their_numbers():
    leaves = {"10.message.role": "c", "2.message.role": "b", "0.message.role": "a"}

    assert unflatten(leaves) == [{"role": "a"}, {"role": "b"}, {"role": "c"}]


def test_tool_calls_inside_messages_are_lists_too():
    leaves = {
        "0.message.tool_calls.0.tool_call.id": "c1",
        "0.message.tool_calls.0.tool_call.function.name": "search",
        "0.message.tool_calls.1.tool_call.function.name": "fetch",
    }

    assert unflatten(leaves) == [{"tool_calls": [{"id": "c1", "name": "search"}, {"name": "fetch"}]}]


def test_below_a_leaf_there_is_nothing_in_whatever_order_they_come():
    leaves = {"0.content": "text", "0.content.0.text": "deeper", "0.role": "a"}

    assert unflatten(leaves) == unflatten(dict(reversed(leaves.items()))) == [{"content": "text", "role": "a"}]


def test_a_huge_number_is_only_a_name():
    assert unflatten({"9" * 40 + ".role": "a"}) == {"9" * 40: {"role": "a"}}


def test_a_path_without_end_stops_somewhere():
    assert str(unflatten({".".join("abcdefghijklmnopqrstuvw"): 1})).count("{") <= 13


@given(st.dictionaries(paths, st.integers(), max_size=8))
def test_any_paths_are_taken(leaves: dict[str, int]):
    unflatten(leaves)
