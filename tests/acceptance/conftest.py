"""Tests here may be coroutines, and what they start hears Ctrl-C."""

import signal
from collections.abc import Iterator

import pytest

from support.event_loops import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]


@pytest.fixture(autouse=True)
def heard_signals() -> Iterator[None]:
    """A test run in the background may have been told to ignore Ctrl-C, and so would what it starts."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)
