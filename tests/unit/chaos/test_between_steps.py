"""What a flow does outside of its steps goes into the books; what this package and steps do, and what only reads, does not."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from threading import Thread

import pytest

from reev_flow.chaos.between_steps import in_flow, watch_between_steps
from reev_flow.chaos.children import Child
from reev_flow.chaos.ledger import StubLedger
from reev_flow.flows.work import RunningStep, running_step
from reev_flow.stores.sqlite.high_water import HighWater

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

HERE = Path(__file__).name


@pytest.fixture
def seen(tmp_path: Path) -> Callable[..., list[str]]:
    """What is in the books after something was done in the flow of a process of its own."""
    books = tmp_path / "books"
    books.mkdir()

    def see(do: Callable[[], object], *, harmless: tuple[str, ...] = ()) -> list[str]:
        def work() -> bytes:
            watch_between_steps(books, harmless)
            in_flow.set(True)
            flow = Thread(target=copy_context().run, args=(do,))
            flow.start()
            flow.join()
            return b""

        assert Child(work, seconds=20, output=tmp_path / "output.txt").wait().code == 0
        return [one.what for one in StubLedger(books).read()]

    return see


def test_a_file_that_is_written_is_seen_with_the_line_that_does_it(seen, tmp_path):
    told = seen(lambda: (tmp_path / "a.txt").write_text("x"))
    assert len(told) == 1
    assert told[0].startswith(f"outside of steps: {HERE}:")
    assert told[0].endswith(f"writes {tmp_path / 'a.txt'}")


def test_files_that_are_removed_or_renamed_and_programs_that_are_started_are_seen(seen, tmp_path):
    def do() -> None:
        with suppress(OSError):
            (tmp_path / "missing").rename(tmp_path / "else")
        with suppress(OSError):
            (tmp_path / "missing").unlink()
        subprocess.run([sys.executable, "-c", ""], check=True)

    assert [one.split(" ")[4] for one in seen(do)] == ["renames", "removes", "starts"]


def test_a_connection_is_seen_with_its_address(seen):
    def do() -> None:
        with socket.socket() as one, suppress(OSError):
            one.connect(("127.0.0.1", 1))

    assert [one.rpartition("connects to ")[2] for one in seen(do)] == ["('127.0.0.1', 1)"]


def test_what_is_read_or_called_harmless_is_not_seen(seen, tmp_path):
    def do() -> None:
        Path(__file__).read_bytes()
        (tmp_path / "run.log").write_text("x")
        with Path(os.devnull).open("w") as nothing:
            nothing.write("x")

    assert seen(do, harmless=("*.log",)) == []


def test_what_steps_and_this_package_do_is_not_seen(seen, tmp_path):
    def do() -> None:
        HighWater(tmp_path / "mark").write("0" * 32, 1)
        running_step.set(RunningStep("s-1", "pay#1", 1))
        (tmp_path / "paid").write_text("x")

    assert seen(do) == []


def test_what_is_done_outside_of_a_flow_is_not_seen(seen, tmp_path):
    def do() -> None:
        in_flow.set(False)
        (tmp_path / "a.txt").write_text("x")

    assert seen(do) == []
