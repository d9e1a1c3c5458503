import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.trace.durations import told_duration


@pytest.mark.parametrize(
    ("nanoseconds", "told"),
    [
        (0, "0 ns"),
        (850, "850 ns"),
        (1_200_000, "1.20 ms"),
        (45_600, "45.6 µs"),
        (123_400_000, "123 ms"),
        (4_210_000_000, "4.21 s"),
        (59_990_000_000, "1 min 00 s"),
        (125_000_000_000, "2 min 05 s"),
        (12_000_000_000_000, "3 h 20 min"),
        (-4_210_000_000, "-4.21 s"),
    ],
)
def test_a_duration_is_told_as_a_person_says_it(nanoseconds: int, told: str):
    assert told_duration(nanoseconds) == told


@given(st.integers(0, 10**17))
def test_no_unit_counts_to_a_thousand_of_the_smaller_one(nanoseconds: int):
    told = told_duration(nanoseconds)

    assert told.endswith(" min") or not told.startswith("1000")
