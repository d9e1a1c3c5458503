"""Workers finish what others leave, as the page says."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reev_flow import SessionManager
from support.bank import Bank
from support.pages import ROOT, run, start, write_files_of
from support.serving import eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

PAGE = "docs/how-to/many-workers.md"
WORKER = ["reev-flow", "worker", "--app", "orders:order", "--poll", "0.2"]
ORDER = ["reev-flow", "run", "--app", "orders:order", "--arg", "item=bell", "--session-id", "order-7"]
ANSWER = ["reev-flow", "sessions", "answer", "order-7", "true"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of(PAGE, tmp_path)
    return tmp_path


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank().open() as opened:
        yield opened


@contextmanager
def worker(folder: Path, bank: Bank) -> Iterator[subprocess.Popen[str]]:
    process = start(WORKER, folder, BANK_URL=bank.url)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def told(folder: Path) -> str:
    return (folder / "err.txt").read_text(encoding="utf-8")


def state(folder: Path, session_id: str = "order-7") -> str:
    with SessionManager.sync(folder / "logs" / "sessions") as manager:
        return str(manager.load(session_id).state.value)


def answered(folder: Path) -> None:
    assert run(ORDER, folder).returncode == 4
    assert run(ANSWER, folder).returncode == 0


def test_a_worker_goes_on_when_the_answer_has_come_and_says_what_the_page_shows(folder: Path, bank: Bank):
    with worker(folder, bank) as process:
        eventually(lambda: "taking up sessions" in told(folder), process.poll)
        answered(folder)
        eventually(lambda: "completed" in told(folder), lambda: told(folder))
    assert len(bank.taken) == 1
    shown = re.findall(r"^    (reev-flow: .*)$", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    said = [re.sub(r"[\d.]+ s$", "0.1 s", line) for line in told(folder).splitlines()]
    assert said == shown


def test_when_a_worker_is_killed_while_it_pays_the_next_one_pays_once(folder: Path, bank: Bank):
    answered(folder)
    bank.be_slow()
    with worker(folder, bank) as first:
        bank.wait_until_asked(1, by=first)
        first.kill()
        first.wait()
        bank.be_quick()
        with worker(folder, bank):
            eventually(lambda: "completed" in told(folder), lambda: told(folder))
    assert "taken up: its worker is gone" in told(folder)
    assert (len(bank.asked), len(bank.taken), state(folder)) == (2, 1, "completed")


def test_a_worker_that_is_asked_to_stop_lets_steps_end(folder: Path, bank: Bank):
    answered(folder)
    bank.be_slow()
    with worker(folder, bank) as process:
        bank.wait_until_asked(1, by=process)
        process.send_signal(signal.SIGTERM)
        bank.be_quick()
        assert process.wait(60) == 143
    assert (len(bank.asked), len(bank.taken)) == (1, 1)


def test_with_once_it_ends_when_nothing_is_left(folder: Path, bank: Bank):
    answered(folder)
    done = run([*WORKER, "--once", "--json"], folder, BANK_URL=bank.url)
    shown = re.findall(r"^    (\{.*\})$", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    said = [re.sub(r'"seconds":[\d.]+', '"seconds":0.08', line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(said)) == (0, len(shown))
    assert [line.replace("waiting", "running") for line in said] == shown


def program(folder: Path, number: int) -> list[str]:
    """That block of the page which opens a manager, as a whole program."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    block = re.findall(r"^```python\n(async with .*?)^```$", page, re.MULTILINE | re.DOTALL)[number]
    inside = "".join(f"    {line}\n" for line in block.splitlines())
    text = "import asyncio\nfrom reev_flow import SessionManager\nfrom orders import order\n\n"
    text += f"async def main():\n{inside}\n\nasyncio.run(main())\n"
    (folder / "program.py").write_text(text.replace('"sessions"', '"logs/sessions"'), encoding="utf-8")
    return ["python", "program.py"]


def test_what_is_submitted_is_begun_by_a_worker(folder: Path, bank: Bank):
    (command,) = re.findall(r"^    (reev-flow submit .*)$", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    assert run(command.split(), folder).stdout == "order-8\n"
    again = run(program(folder, 0), folder)
    assert (again.returncode, again.stderr) == (0, "")
    done = run([*WORKER, "--once"], folder, BANK_URL=bank.url)
    assert done.stderr.count("taken up: it was created and never begun") == 1
    assert state(folder, "order-8") == "waiting"


def test_a_program_is_a_worker_too(folder: Path, bank: Bank):
    answered(folder)
    process = start(program(folder, 1), folder, BANK_URL=bank.url)
    try:
        eventually(lambda: state(folder) == "completed", lambda: told(folder))
    finally:
        process.kill()
        process.wait()
    assert len(bank.taken) == 1
