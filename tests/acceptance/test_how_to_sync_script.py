"""The script of the how-to can be killed and run again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bank import Bank
from support.pages import run, start, write_files_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

COMMAND = ["python", "wages.py", "2026-11"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of("docs/how-to/sync-script.md", tmp_path)
    (tmp_path / "2026-11.csv").write_text("ada,3\nbob,2.5\ncyd,1\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank().open() as opened:
        yield opened


def kill_while_it_pays(folder: Path, bank: Bank, *, paid_before: int, by: int = signal.SIGKILL) -> int:
    """How the script ended, in the middle of the payment after those."""
    bank.be_slow(after=paid_before)
    script = start(COMMAND, folder, BANK_URL=bank.url)
    bank.wait_until_asked(paid_before + 1, by=script)
    script.send_signal(by)
    if by != signal.SIGKILL:
        bank.be_quick()
    code = script.wait(timeout=60)
    bank.be_quick()
    return code


def test_a_script_that_was_killed_pays_everybody_once_when_it_is_run_again(folder: Path, bank: Bank):
    assert kill_while_it_pays(folder, bank, paid_before=1) == -signal.SIGKILL
    again = run(COMMAND, folder, BANK_URL=bank.url)
    assert (again.stdout, again.stderr) == ("[1, 2, 3]\n", "")
    assert [payment["to"] for payment in bank.taken] == ["ada", "bob", "cyd"]
    assert [payment["to"] for payment in bank.asked] == ["ada", "bob", "bob", "cyd"]


def test_a_script_that_has_ended_gives_its_result_again_and_pays_nothing(folder: Path, bank: Bank):
    first = run(COMMAND, folder, BANK_URL=bank.url)
    second = run(COMMAND, folder, BANK_URL="http://127.0.0.1:9/nobody")
    assert (first.stdout, second.stdout, len(bank.asked)) == ("[1, 2, 3]\n", "[1, 2, 3]\n", 3)


def test_ctrl_c_leaves_the_rest_for_the_next_run(folder: Path, bank: Bank):
    assert kill_while_it_pays(folder, bank, paid_before=1, by=signal.SIGINT) != 0
    assert "KeyboardInterrupt" in (folder / "err.txt").read_text(encoding="utf-8")
    again = run(COMMAND, folder, BANK_URL=bank.url)
    assert (again.stdout, [payment["to"] for payment in bank.taken]) == ("[1, 2, 3]\n", ["ada", "bob", "cyd"])


def test_of_two_scripts_for_one_month_the_second_is_refused(folder: Path, bank: Bank):
    bank.be_slow(after=0)
    first = start(COMMAND, folder, BANK_URL=bank.url)
    bank.wait_until_asked(1, by=first)
    second = run(COMMAND, folder, BANK_URL=bank.url)
    bank.be_quick()
    assert "LeaseHeld" in second.stderr
    assert (first.wait(timeout=60), len(bank.asked)) == (0, 3)
