"""Long texts and values are cut, and say so."""

from reev_flow.render.bounded import LONGEST_TEXT, bounded_text, bounded_value
from reev_flow.trace.span import Value


def test_a_text_that_fits_stays():
    assert bounded_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


def test_a_longer_text_says_how_much_is_missing():
    assert bounded_text("x" * (LONGEST_TEXT + 1_234)) == "x" * LONGEST_TEXT + "… (1,234 more characters)"


def test_a_value_that_fits_stays_a_value():
    bounded = bounded_value({"city": "Lisbon", "days": [1, 2]})

    assert (bounded.value, bounded.is_cut) == ({"city": "Lisbon", "days": [1, 2]}, False)


def test_nothing_stays_nothing():
    assert bounded_value(None).value is None


def test_a_long_value_is_the_beginning_of_its_json():
    bounded = bounded_value({"text": "x" * LONGEST_TEXT})

    assert bounded.is_cut
    assert bounded.value.startswith('{"text":"xxx')
    assert bounded.value.endswith("… (11 more characters)")


def test_a_long_string_is_cut_as_a_text():
    bounded = bounded_value("y" * (LONGEST_TEXT + 1))

    assert (bounded.value[0], bounded.is_cut) == ("y", True)


def test_what_is_nested_too_deeply_is_only_mentioned():
    value: Value = "core"
    for _ in range(100_000):
        value = [value]

    assert bounded_value(value).value == "… (nested too deeply to be shown)"
