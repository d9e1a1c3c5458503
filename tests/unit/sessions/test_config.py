"""What a session manager can be told."""

import math

import pytest

from reev_flow.errors import InvalidSetting
from reev_flow.sessions.config import SessionConfig
from reev_flow.settings import load_settings
from reev_flow.settings.session_config import session_config


def test_the_defaults_are_those_of_the_settings(tmp_path):
    assert session_config(load_settings({}, tmp_path)) == SessionConfig()


def test_what_is_set_is_in_the_config(tmp_path):
    config = session_config(
        load_settings({"REEV_SESSION_MAX_CONCURRENT": "7", "REEV_SESSION_AUTO_SAVE": "no"}, tmp_path)
    )
    assert (config.max_concurrent, config.auto_save) == (7, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_concurrent", 0),
        ("timeout_seconds", 0),
        ("timeout_seconds", math.nan),
        ("timeout_seconds", math.inf),
        ("lease_seconds", -1),
        ("lease_seconds", math.inf),
        ("poll_seconds", 0),
        ("poll_seconds", math.inf),
        ("trace_batch_size", 0),
        ("retention_days", -1),
        ("retention_days", math.inf),
        ("most_waiting", -1),
        ("stop_seconds", -0.5),
        ("backup_interval_seconds", -1),
        ("trace_sample_rate", 1.1),
        ("trace_sample_rate", -0.1),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(name, value):
    with pytest.raises(InvalidSetting, match=name):
        SessionConfig(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("retention_days", 0), ("most_waiting", 0), ("stop_seconds", 0), ("trace_sample_rate", 0)]
)
def test_nothing_is_enough_where_nothing_makes_sense(name, value):
    assert getattr(SessionConfig(**{name: value}), name) == 0
