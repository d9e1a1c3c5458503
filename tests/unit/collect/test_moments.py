from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.moments import read_moment, read_moment_or_number

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=ZONES), st.booleans())  # noqa: DTZ001 - a bound
def test_every_moment_that_python_writes_is_read(moment: datetime, has_blank: bool):  # noqa: FBT001 - drawn
    text = moment.isoformat(sep=" " if has_blank else "T")

    assert read_moment(text) == (moment - EPOCH) // MICROSECOND * 1_000


@given(st.text() | st.floats() | st.integers() | st.none() | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d*"))
def test_whatever_is_read_is_a_time_that_can_be_kept(raw: object):
    assert 0 <= read_moment(raw) < 1 << 64
    assert 0 <= read_moment_or_number(raw, 1_000_000_000) < 1 << 64


@pytest.mark.parametrize("raw", ["2023-02-30 00:00:00", "2023-11-14", "now", "", "1969-12-31T00:00:00Z", None, 7, True])
def test_what_is_no_moment_is_no_time(raw: object):
    assert read_moment(raw) == 0


def test_digits_beyond_a_nanosecond_are_cut():
    assert read_moment("1970-01-01T00:00:01.1234567899Z") == 1_123_456_789


@pytest.mark.parametrize(
    ("raw", "read"), [(1.5, 1_500_000_000), ("1.5", 1_500_000_000), ("2", 2_000_000_000), (3, 3_000_000_000)]
)
def test_numbers_are_counted_in_their_unit(raw: object, read: int):
    assert read_moment_or_number(raw, 1_000_000_000) == read
