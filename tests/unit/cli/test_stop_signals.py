import os
import signal
import subprocess
import sys
from textwrap import dedent

import pytest

PATIENCE_SECONDS = 30

if sys.platform == "win32":
    pytest.skip("signals of another kind", allow_module_level=True)


def stopped(body: str, *numbers: signal.Signals) -> tuple[int, str]:
    """How a program ends that gets these signals while it does what `body` says."""
    program = dedent("""
        import asyncio, os, signal, sys, time
        from reev_flow.cli import stop_signals
        stop_signals.MOST_SECONDS = 0.5

        def ready():
            print("ready", flush=True)

        """) + dedent(body)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for number in numbers:
            os.kill(process.pid, number)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, told.decode()


# The main thread takes no signals here, so that no handler runs: as when one comes right before a long call.
DEAF = """
    with stop_signals.StopSignals("left") as signals:
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        ready()
        time.sleep(600)
"""


def test_a_main_thread_that_hears_nothing_is_ended_when_patience_is_over():
    assert stopped(DEAF, signal.SIGTERM) == (143, "reev-flow: left\n")


def test_a_second_signal_ends_a_main_thread_that_hears_nothing_at_once():
    longer = f"stop_signals.MOST_SECONDS = 600\n{dedent(DEAF)}"
    code, told = stopped(longer, signal.SIGTERM, signal.SIGINT)
    assert told == "reev-flow: left\n"
    assert code in {130, 143}  # which of two that come together is the second is up to the system


def test_patience_ends_too_where_something_else_has_pythons_place_for_signals():
    body = """
        with stop_signals.StopSignals("left"):
            signal.set_wakeup_fd(-1)
            ready()
            while True:
                time.sleep(1)
    """
    assert stopped(body, signal.SIGINT) == (130, "reev-flow: left\n")


def test_what_ends_in_time_after_a_signal_ends_by_itself():
    body = """
        stop_signals.MOST_SECONDS = 600

        async def work(signals):
            ready()
            await signals.wait()

        with stop_signals.StopSignals("left") as signals:
            asyncio.run(work(signals))
        sys.exit(signals.exit_code)
    """
    assert stopped(body, signal.SIGTERM) == (143, "")


def test_without_a_signal_nothing_is_left_behind():
    body = """
        import threading
        with stop_signals.StopSignals("left") as signals:
            pass
        for thread in threading.enumerate():
            if thread is not threading.main_thread():
                thread.join(10)
        ready()
        sys.exit(threading.active_count() + (signal.set_wakeup_fd(-1) != -1))
    """
    assert stopped(body) == (1, "")
