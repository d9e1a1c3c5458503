from reev_flow.trace.canonical import canonical, exact
from reev_flow.trace.span import SpanEvent, Value

NAN = float("nan")


def test_the_order_of_keys_means_nothing():
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert exact({"a": 1, "b": 2}) == exact({"b": 2, "a": 1})


def test_values_that_json_does_not_tell_apart_are_told_apart_exactly():
    different: list[Value] = [None, NAN, float("inf"), b"", "", 0, 0.0, False, [], {}]

    assert len({exact(value) for value in different}) == len(different)


def test_half_of_a_surrogate_pair_and_very_large_integers_have_a_form():
    odd: list[Value | SpanEvent] = [
        "half \ud800",
        1 << 70,
        {"\udfff": [b"x", NAN]},
        SpanEvent(time_ns=1, name="\ud800"),
    ]
    for value in odd:
        assert canonical(value) == canonical(value)
        assert exact(value) == exact(value)


def test_beside_half_of_a_surrogate_pair_everything_has_the_form_it_has_elsewhere():
    numbers: dict[str, Value] = {"b": [NAN, float("inf"), 1 << 70], "a": [b"x", "für"]}

    assert canonical({**numbers, "c": "\ud800"}) == canonical({**numbers, "c": "half"}).replace(b"half", rb"\ud800")
