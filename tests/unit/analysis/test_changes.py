"""What a person writes to say that something takes longer or shorter."""

from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.replay.changes import Change, as_change, outermost_matches, parse_change, told_change
from reev_flow.errors import InvalidChange, NoSuchOperation
from reev_flow.trace.trace import Trace
from support.draw import MS, draw


@pytest.mark.parametrize(
    ("text", "before_ms", "after_ms"),
    [
        ("search=2x", 10, 5),
        ("search=0.5x", 10, 20),
        ("search=-3ms", 10, 7),
        ("search=-300ms", 10, 0),
        ("search=+1s", 10, 1_010),
        ("search=0", 10, 0),
        ("search=80ms", 10, 80),
        ("search = 1.5 ms", 10, 1.5),
        ("search=2min", 10, 120_000),
        ("search=1h", 10, 3_600_000),
    ],
)
def test_an_amount_means_a_new_duration(text: str, before_ms: int, after_ms: float):
    change = parse_change(text)
    assert (change.name, change.applied(before_ms * MS)) == ("search", after_ms * MS)


def test_a_name_may_have_an_equals_sign_in_it():
    assert parse_change("a=b=2x").name == "a=b"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("search", "no name and amount"),
        ("=2x", "no name and amount"),
        ("search=", "no amount"),
        ("search=fast", "no amount"),
        ("search=0x", "above 0"),
        ("search=-2x", "above 0"),
        ("search=80", "no unit"),
        ("search=80 apples", "no unit"),
        ("search=1e3ms", "no amount"),
        (f"search={'9' * 50}ms", "no amount"),
    ],
)
def test_what_is_no_change_is_told_with_examples(text: str, why: str):
    with pytest.raises(InvalidChange, match=why) as refused:
        parse_change(text)
    assert "search=2x (twice as fast)" in str(refused.value)


@pytest.mark.parametrize("given_value", [5, None, ["search=2x"], b"search=2x"])
def test_what_is_neither_text_nor_a_change_is_told_with_its_type(given_value: object):
    with pytest.raises(InvalidChange, match=f"of type {type(given_value).__name__}") as refused:
        as_change(given_value)
    assert "search=2x (twice as fast)" in str(refused.value)


@pytest.mark.parametrize("speed", [0, -1, 2.0, "2"])
def test_a_change_needs_an_exact_speed_above_nothing(speed: Any):
    with pytest.raises(InvalidChange, match="whole number or Fraction above 0"):
        Change(name="search", speed=speed)


@pytest.mark.parametrize("amount", [{"added_ns": 1.5}, {"set_ns": "80ms"}, {"added_ns": None}])
def test_a_change_needs_whole_nanoseconds(amount: dict[str, Any]):
    with pytest.raises(InvalidChange, match="whole number of nanoseconds"):
        Change(name="search", **amount)


def test_a_change_needs_the_name_of_an_operation():
    nameless: Any = 5
    with pytest.raises(InvalidChange, match="name of an operation is text"):
        Change(name=nameless)


@given(st.text(max_size=20))
def test_any_text_is_a_change_or_refused_in_words(text: str):
    with suppress(InvalidChange):
        assert parse_change(text).applied(10) >= 0


@given(st.fractions(Fraction(1, 100), 100), st.integers(-100, 100), st.integers(0, 1_000), st.integers(0, 1_000))
def test_what_was_longer_stays_at_least_as_long(speed: Fraction, added_ns: int, one_ns: int, other_ns: int):
    change = Change(name="search", speed=speed, added_ns=added_ns)
    shorter, longer = sorted((one_ns, other_ns))
    assert 0 <= change.applied(shorter) <= change.applied(longer)


@pytest.mark.parametrize(
    "text",
    [
        "search=2x",
        "search=0.5x",
        "search=-300ms",
        "search=+1.25s",
        "search=80ms",
        "search=0",
        "search=-5min",
        "search=+90s",
        "search=2h",
    ],
)
def test_a_change_is_told_as_it_was_written(text: str):
    assert told_change(parse_change(text)) == text


@given(st.integers(-(10**16), 10**16))
def test_what_is_told_of_a_change_means_the_same_to_the_nanosecond(added_ns: int):
    change = Change(name="search", added_ns=added_ns)
    assert parse_change(told_change(change)) == change


def test_a_very_long_name_is_cut_in_what_is_told():
    with pytest.raises(NoSuchOperation) as refused:
        outermost_matches(nested(), "x" * 100_000)
    assert len(str(refused.value)) < 300


def test_a_very_long_change_is_cut_in_what_is_told():
    with pytest.raises(InvalidChange) as refused:
        parse_change("x" * 100_000)
    assert len(str(refused.value)) < 300


def test_of_a_name_inside_itself_only_the_outer_one_is_meant():
    assert outermost_matches(nested(), "search") == [1, 3]


def test_the_name_of_a_span_counts_as_well_as_what_it_is_called():
    assert outermost_matches(draw("agent:trip  ##\n  tool:search  ##"), "trip") == [0]


def test_an_unknown_name_is_an_error_that_tells_what_is_called_nearly_so():
    with pytest.raises(NoSuchOperation, match="did you mean 'search'") as refused:
        outermost_matches(nested(), "Serch")
    assert refused.value.close == ("search",)


def test_a_name_like_none_is_an_error_that_tells_where_to_look():
    with pytest.raises(NoSuchOperation, match="without --what-if"):
        outermost_matches(nested(), "xyz")


def nested() -> Trace:
    return draw("""
        plan          #########
          search      ####
            search    ##
          search          ###
    """)
