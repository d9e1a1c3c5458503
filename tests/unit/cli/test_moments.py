"""When something was, as commands tell it."""

from datetime import timedelta, timezone

import pytest

from reev_flow.cli.moments import told_age, told_moment
from support.sessions import NS, START_NS

DAY = 24 * 3_600


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "just now"),
        (0.9, "just now"),
        (1, "1 s ago"),
        (59.9, "59 s ago"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (DAY, "1 d ago"),
        (2_000 * DAY, "2,000 d ago"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, told: str):
    assert told_age(START_NS - int(seconds * NS), START_NS) == told


def test_a_moment_is_told_with_its_offset():
    assert told_moment(START_NS, timezone(timedelta(hours=5, minutes=30))) == "2023-11-15 03:43:20 +05:30"


def test_a_moment_that_no_calendar_has_is_told_as_a_number():
    assert told_moment(2**63 * 1_000) == f"{2**63 * 1_000} ns"


@pytest.mark.parametrize("time_ns", [0, -(2**62), 2**62])
def test_any_moment_can_be_told(time_ns: int):
    assert told_moment(time_ns)
