"""Which backups are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.sessions.backups import Backup
from reev_flow.stores.backup_rotation import MOST_KEPT, NEWEST, SECOND_NS, worth_keeping

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NOW = 20_000 * DAY  # the beginning of a day


def made(*seconds: int) -> list[Backup]:
    """The newest first."""
    return [Backup(location=str(place), made_ns=at * SECOND_NS, size_bytes=1) for place, at in enumerate(seconds)]


def ages(backups: list[Backup]) -> list[int]:
    return [NOW - backup.made_ns // SECOND_NS for backup in backups]


def test_the_newest_are_kept():
    assert ages(worth_keeping(made(NOW + 20, NOW + 15, NOW + 10, NOW + 5, NOW))) == [-20, -15, -10, 0]


def test_one_that_is_at_least_an_hour_old_is_kept():
    every_five_minutes = made(*(NOW - 5 * MINUTE * number for number in range(1, 36)))
    assert ages(worth_keeping(every_five_minutes)) == [
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        HOUR,
        2 * HOUR,
        35 * 5 * MINUTE,
    ]


@pytest.mark.parametrize("days", range(8))
def test_one_that_is_at_least_a_week_old_is_kept_on_every_day_and_none_of_last_month(days):
    """As it happens: each new one, and then those that are worth it."""
    now = NOW + days * DAY
    backups: list[Backup] = []
    for hour in range(30 * 24, 0, -1):
        backups = worth_keeping([*made(now - hour * HOUR), *backups])
    assert 7 * DAY <= ages(backups)[-1] + days * DAY <= 14 * DAY
    assert any(DAY <= age + days * DAY <= 2 * DAY for age in ages(backups))


moments = st.lists(st.integers(0, 100 * DAY), max_size=60)


@given(moments)
def test_never_more_than_a_few_are_kept(seconds):
    assert len(worth_keeping(made(*seconds))) <= MOST_KEPT


@given(moments)
def test_the_newest_is_always_kept_whatever_the_clock_said(seconds):
    backups = made(*seconds)
    assert worth_keeping(backups)[:NEWEST] == backups[:NEWEST]


@given(moments)
def test_what_was_kept_is_kept_again_while_the_clock_goes_on(seconds):
    kept = worth_keeping(made(*sorted(seconds, reverse=True)))
    assert worth_keeping(kept) == kept
