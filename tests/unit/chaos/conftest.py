"""Tests here may be coroutines."""

from support.event_loops import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]
