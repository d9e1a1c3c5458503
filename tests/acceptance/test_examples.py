"""The examples run as they say they do."""

import os
import shutil
import signal
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from reev_flow import SessionManager
from support.pages import ROOT, run, start
from support.serving import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def order(folder: Path, *words: str) -> CompletedProcess[str]:
    return run(["python", "examples/order.py", *words], folder)


def test_an_order_is_paid_and_shipped(folder: Path):
    done = order(folder, "8", "bell", "9")
    assert done.stdout.startswith("Receipt(item='bell'")
    assert "10.71 euros for bell" in (folder / "logs" / "payments.txt").read_text(encoding="utf-8")


def test_an_order_is_run_once_however_often_it_is_typed(folder: Path):
    assert order(folder, "8", "bell", "9").stdout == order(folder, "8", "bell", "9").stdout
    assert (folder / "logs" / "payments.txt").read_text(encoding="utf-8").count("bell") == 1


def test_a_dear_order_goes_on_when_its_question_is_answered_by_the_command(folder: Path):
    assert "bike for 1071.00 euros?" in order(folder, "7", "bike", "900").stdout
    assert run(["reev-flow", "sessions", "answer", "order-7", "true"], folder).returncode == 0
    assert order(folder, "7", "bike", "900").stdout.startswith("Receipt(item='bike'")


def test_a_dear_order_that_is_declined_is_not_paid(folder: Path):
    order(folder, "7", "bike", "900")
    run(["reev-flow", "sessions", "answer", "order-7", "false"], folder)
    assert order(folder, "7", "bike", "900").stdout == "None\n"
    assert not (folder / "logs" / "payments.txt").exists()


PLAN = ["reev-flow", "run", "examples/plan.yaml", "--app", "examples/plan_steps.py:run_step", "--session-id", "look"]


def write_docs(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "one.md").write_text("# One\n\nOf two words.\n", encoding="utf-8")
    (folder / "docs" / "two.md").write_text("# Two\n\n## More\n\nWords.\n", encoding="utf-8")


def test_the_plan_looks_over_a_folder(folder: Path):
    write_docs(folder)
    assert run(PLAN, folder).stdout == "2 files, 10 words below 3 headings\n"
    assert (folder / "logs" / "report.txt").read_text(encoding="utf-8") == "2 files, 10 words below 3 headings\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_the_plan_goes_on_where_it_was_killed(folder: Path):
    write_docs(folder)
    (folder / "logs").mkdir()
    os.mkfifo(folder / "logs" / "report.txt")  # whoever writes the report waits for a reader
    planner = start(PLAN, folder)
    eventually(lambda: "report" in begun_steps(folder), lambda: (folder / "err.txt").read_text(encoding="utf-8"))
    planner.send_signal(signal.SIGKILL)
    planner.wait()
    (folder / "logs" / "report.txt").unlink()
    shutil.rmtree(folder / "docs")  # reading it again would find nothing
    assert "did it happen?" in run(PLAN, folder).stdout
    run(["reev-flow", "sessions", "answer", "look", "--not-happened"], folder)
    assert run(PLAN, folder).stdout == "2 files, 10 words below 3 headings\n"


def begun_steps(folder: Path) -> set[str]:
    if not (folder / "logs" / "sessions").exists():
        return set()
    with SessionManager.sync(folder / "logs" / "sessions") as manager:
        if not manager.list():
            return set()
        return {entry.step.partition("[")[0] for entry in manager.store.read_journal("look").result()}
