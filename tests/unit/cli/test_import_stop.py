import os
import signal

import pytest

from reev_flow.cli.import_stop import ImportStop, Stopped

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")


def test_a_signal_while_nothing_can_be_lost_ends_it_at_once():
    with ImportStop() as stop, pytest.raises(Stopped), stop.idle():
        os.kill(os.getpid(), signal.SIGINT)

    assert stop.exit_code == 130


def test_a_signal_in_the_middle_of_something_is_heard_at_the_next_pause():
    with ImportStop() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            stop.wait(60)

    assert stop.exit_code == 143


def test_waiting_within_a_pause_leaves_it_a_pause():
    def wait_and_be_stopped(stop: ImportStop) -> None:
        with stop.idle():
            stop.wait(0)
            os.kill(os.getpid(), signal.SIGINT)

    with ImportStop() as stop, pytest.raises(Stopped):
        wait_and_be_stopped(stop)


def test_signals_are_left_as_they_were():
    before = signal.getsignal(signal.SIGINT)
    with ImportStop() as stop:
        assert stop.exit_code == 0

    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_is_ignored_stays_ignored():
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ImportStop() as stop, stop.idle():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, former)

    assert stop.received == 0
