"""What errors about sessions say."""

import pickle

import pytest

from reev_flow.errors import (
    AlreadyAnswered,
    InvalidState,
    LeaseHeld,
    LeaseLost,
    NewerSchema,
    SessionConflict,
    SessionCorruption,
    SessionError,
    SessionExists,
    SessionForgotten,
    SessionNotFound,
    SessionTimeout,
    StepChanged,
    StoreError,
)

ERRORS = [
    SessionNotFound("s-1", "logs/sessions/sessions.db"),
    SessionExists("s-1"),
    SessionForgotten("s-1", "pay", "completed", 1_700_000_000_000_000_000, 1_710_000_000_000_000_000),
    SessionConflict("s-1", "entry 3 was written where entry 2 is next"),
    SessionCorruption("s-1", "its record is not what was written"),
    SessionCorruption("s-1", "its record is not what was written", backup_available=True),
    InvalidState("s-1", "completed", "running"),
    InvalidState("s-1", "completed", "completed"),
    LeaseHeld("s-1", "worker-1", 1_700_000_000_000_000_000),
    LeaseHeld("s-1", "worker-1", 2**63 - 1),
    LeaseLost("s-1", 4),
    AlreadyAnswered("s-1", "approve#1"),
    SessionTimeout("s-1", 3600),
    StepChanged("s-1", "pay#1", "other arguments"),
    StoreError("sessions.db", "the disk is full", "make room and try again"),
    StoreError("sessions.db", "closed"),
    NewerSchema("sessions.db", 7, 1),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_about_a_session_is_one_line_and_says_where(error: SessionError):
    assert "\n" not in str(error)
    assert "s-1" in str(error) or "sessions.db" in str(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_the_way_to_another_process(error: SessionError):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_a_held_lease_says_until_when_in_utc():
    assert "until 2023-11-14T22:13:20.000+00:00" in str(LeaseHeld("s-1", "worker-1", 1_700_000_000_000_000_000))


def test_a_time_beyond_the_calendar_is_still_told():
    assert f"until {2**200} ns" in str(LeaseHeld("s-1", "worker-1", 2**200))
