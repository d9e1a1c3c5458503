"""Workers that race, that are stopped, held up and killed, and whose clock is set: every session ends once, and no step that ended is repeated."""

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from support.racing_processes import ended, noted, start
from support.sessions import is_unbroken
from support.worker_processes import OneClock, leave, told, working
from support.workers import until

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]

HOUR_SECONDS = 3_600


@contextmanager
def workers(*children: int) -> Iterator[None]:
    """They end with the block, whatever happens in it."""
    try:
        yield
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            ended(child)


def wait_for(folder: Path, *lines: str) -> None:
    asyncio.run(until(lambda: set(lines) <= set(noted(folder / "done"))))


def wait_until_told(folder: Path, what: str, session_id: str) -> int:
    """The process that tells it."""
    asyncio.run(until(lambda: told(folder, what, session_id)))
    return told(folder, what, session_id)[0]


def all_is_well(folder: Path, sessions: int) -> bool:
    with closing(SqliteSessionStore(folder / "sessions.db")) as store:
        for number in range(sessions):
            session, journal = store.load(f"s-{number}").result(), store.read_journal(f"s-{number}").result()
            assert session.state is SessionState.COMPLETED
            assert is_unbroken(session, journal)
            assert list(journal) == sorted(journal, key=lambda entry: entry.time_ns)
        assert store.damaged().result() == ()
    counted = Counter(line for line in noted(folder / "done") if line.startswith("ends"))
    return counted == {f"ends {number}": 1 for number in range(sessions)}


def test_workers_that_race_for_the_same_sessions_run_each_of_them_once(tmp_path):
    leave(tmp_path, 40)
    (tmp_path / "go").touch()
    children = [start(working(tmp_path)) for _ in range(3)]
    with workers(*children):
        wait_for(tmp_path, *(f"ends {number}" for number in range(40)))
        asyncio.run(until(lambda: sum(line.startswith("ended") for line in noted(tmp_path / "told")) == 40))
    assert all_is_well(tmp_path, 40)
    assert Counter(line for line in noted(tmp_path / "done") if line.startswith("begins")).most_common(1)[0][1] == 1


def test_a_worker_that_was_stopped_for_longer_than_its_lease_writes_nothing_when_it_comes_back(tmp_path):
    leave(tmp_path, 1)
    frozen = start(working(tmp_path, lease_seconds=0.4))
    wait_for(tmp_path, "begins 0")
    os.kill(frozen, signal.SIGSTOP)
    second = start(working(tmp_path))
    with workers(frozen, second):
        asyncio.run(until(lambda: noted(tmp_path / "done").count("begins 0") == 2))
        (tmp_path / "go").touch()
        assert wait_until_told(tmp_path, "ended", "s-0") == second
        os.kill(frozen, signal.SIGCONT)
        assert wait_until_told(tmp_path, "lost", "s-0") == frozen
    assert all_is_well(tmp_path, 1)


def test_a_worker_that_comes_back_before_the_other_one_is_done_writes_nothing_either(tmp_path):
    leave(tmp_path, 1)
    frozen = start(working(tmp_path, lease_seconds=0.4))
    wait_for(tmp_path, "begins 0")
    os.kill(frozen, signal.SIGSTOP)
    second = start(working(tmp_path))
    with workers(frozen, second):
        asyncio.run(until(lambda: noted(tmp_path / "done").count("begins 0") == 2))
        os.kill(frozen, signal.SIGCONT)
        assert wait_until_told(tmp_path, "lost", "s-0") == frozen
        (tmp_path / "go").touch()
        assert wait_until_told(tmp_path, "ended", "s-0") == second
    assert all_is_well(tmp_path, 1)


def test_a_step_that_holds_up_the_loop_keeps_its_session(tmp_path):
    """For several leases, while another worker looks for work all the time."""
    leave(tmp_path, 1)
    busy = start(working(tmp_path, lease_seconds=0.3, blocks=True))
    wait_for(tmp_path, "begins 0")
    other = start(working(tmp_path))
    with workers(busy, other):
        threading.Event().wait(1.5)
        (tmp_path / "go").touch()
        assert wait_until_told(tmp_path, "ended", "s-0") == busy
    assert noted(tmp_path / "done") == ["begins 0", "ends 0"]
    assert all_is_well(tmp_path, 1)


def test_a_clock_that_is_set_forward_by_an_hour_lets_no_step_be_done_twice(tmp_path):
    """Every lease seems to be over, so that a session may change hands although its worker lives."""
    leave(tmp_path, 5)
    children = [start(working(tmp_path)) for _ in range(2)]
    with workers(*children):
        wait_for(tmp_path, *(f"begins {number}" for number in range(5)))
        OneClock(tmp_path).set_wrong_by(HOUR_SECONDS)
        threading.Event().wait(0.3)
        (tmp_path / "go").touch()
        asyncio.run(until(lambda: all(told(tmp_path, "ended", f"s-{number}") for number in range(5))))
    assert all_is_well(tmp_path, 5)


def test_a_worker_that_dies_after_the_clock_was_set_back_by_an_hour_is_succeeded_at_once(tmp_path):
    leave(tmp_path, 1)
    first = start(working(tmp_path))
    wait_for(tmp_path, "begins 0")
    OneClock(tmp_path).set_wrong_by(-HOUR_SECONDS)
    os.kill(first, signal.SIGKILL)
    ended(first)
    second = start(working(tmp_path))
    with workers(second):
        (tmp_path / "go").touch()
        assert wait_until_told(tmp_path, "ended", "s-0") == second
    assert all_is_well(tmp_path, 1)


@pytest.mark.parametrize("round_", range(3))
def test_workers_that_are_killed_one_after_the_other_leave_nothing_undone_and_do_nothing_twice(tmp_path, round_):
    leave(tmp_path, 30)
    (tmp_path / "go").touch()
    for killed in range(4):
        child = start(working(tmp_path))
        wanted = 5 * killed + round_ + 1
        asyncio.run(until(lambda: sum(line.startswith("ends") for line in noted(tmp_path / "done")) >= wanted))  # noqa: B023
        os.kill(child, signal.SIGKILL)
        ended(child)
    with workers(start(working(tmp_path))):
        asyncio.run(until(lambda: are_over(tmp_path)))
    assert are_over(tmp_path)


def are_over(folder: Path) -> bool:
    with closing(SqliteSessionStore(folder / "sessions.db")) as store:
        return all(store.load(f"s-{number}").result().state is SessionState.COMPLETED for number in range(30))
