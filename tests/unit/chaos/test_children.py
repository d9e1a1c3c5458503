"""Processes that do one thing: what is known of how they ended."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from reev_flow.chaos.children import FAILED, Child, NoFork, side_by_side
from reev_flow.chaos.trap import die

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def forever() -> bytes:
    while True:
        time.sleep(1)


def killed() -> bytes:
    die()
    return b"never"


def failing() -> bytes:
    raise ValueError("this is why")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid: int) -> bool:
    """Soon. It is ended here if it does not."""
    for _ in range(400):
        if not is_there(pid) or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    return False


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output.txt"


def test_it_tells_what_came_of_it_however_long_that_is(output):
    ended = Child(lambda: b"x" * 1_000_000, seconds=20, output=output).wait()
    assert (ended.code, len(ended.told)) == (0, 1_000_000)


def test_it_may_be_killed(output):
    ended = Child(killed, seconds=20, output=output).wait()
    assert ended.was_killed
    assert ended.told == b""


def test_it_ends_when_it_takes_too_long(output):
    assert Child(forever, seconds=1, output=output).wait().took_too_long


def test_what_went_wrong_is_in_its_output(output):
    assert Child(failing, seconds=20, output=output).wait().code == FAILED
    assert output.read_text(encoding="utf-8").splitlines()[-1] == "ValueError: this is why"


def test_many_are_done_so_many_at_once(output):
    works = [lambda number=number: Child(lambda: b"%d" % number, seconds=20, output=output) for number in range(9)]
    assert {place: ended.told for place, ended in side_by_side(works, 3)} == {n: b"%d" % n for n in range(9)}


def test_those_that_nobody_waits_for_any_more_are_killed_with_what_they_began(output, tmp_path):
    def begin_another() -> bytes:
        inner = Child(forever, seconds=20, output=output)
        (tmp_path / "inner").write_text(str(inner.pid))
        return forever()

    def begun() -> bytes:
        while not (tmp_path / "inner").exists() or not (tmp_path / "inner").read_text():
            time.sleep(0.01)
        return b"begun"

    children = [
        lambda: Child(begin_another, seconds=20, output=output, is_leader=True),
        lambda: Child(begun, seconds=20, output=output),
    ]
    coming = side_by_side(children, 2)
    assert next(coming)[1].told == b"begun"
    coming.close()
    inner = int((tmp_path / "inner").read_text())
    assert ends(inner)


def test_a_system_without_fork_is_told_of(monkeypatch, output):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(NoFork, match="has no fork, which chaos needs"):
        Child(forever, seconds=1, output=output)


def test_a_copy_that_the_work_leaves_running_does_not_hold_up_who_waits(output):
    def leave_a_copy() -> bytes:
        if not os.fork():
            forever()
        return b"done"

    assert Child(leave_a_copy, seconds=20, output=output, is_leader=True).wait().told == b"done"


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="nobody could tell whose the number is")
def test_what_the_work_of_a_leader_leaves_running_ends_with_it(output):
    def leave_another_program() -> bytes:
        return b"%d" % subprocess.Popen(["sleep", "60"]).pid

    left = int(Child(leave_another_program, seconds=20, output=output, is_leader=True).wait().told)
    assert ends(left)
