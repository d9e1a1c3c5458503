"""The booking example: booked once, whatever is answered and however often it is typed."""

import json
import os
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.pages import ROOT, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "examples").mkdir()
    shutil.copy(ROOT / "examples" / "booking.py", tmp_path / "examples")
    return tmp_path


def book(folder: Path) -> CompletedProcess[str]:
    return run(["python", "examples/booking.py", "7", "Lisbon", "3"], folder)


def answer(folder: Path, text: str) -> None:
    assert run(["reev-flow", "sessions", "answer", "trip-7", text], folder).returncode == 0


def done_outside(folder: Path) -> list[str]:
    lines = (folder / "logs" / "booking.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted(json.loads(line)["what"] for line in lines)


def test_a_trip_is_held_then_asked_about_and_booked_once(folder: Path):
    assert "3 nights in Lisbon for 600 euros?" in book(folder).stdout
    assert done_outside(folder) == ["hold flight 1 to Lisbon", "hold hotel 2 to Lisbon"]
    answer(folder, "true")
    first, again = book(folder).stdout, book(folder).stdout
    assert first == again
    assert "payment='payment of 600 euros', euros=600" in first
    assert [what for what in done_outside(folder) if not what.startswith("hold")] == [
        "confirm hold-flight",
        "confirm hold-hotel",
        "decline",
        "pay 600 euros",
    ]


def test_a_trip_that_is_declined_is_let_go_of_and_not_paid(folder: Path):
    book(folder)
    answer(folder, "false")
    assert book(folder).stdout == "None\n"
    assert done_outside(folder)[2:] == ["release hold-flight", "release hold-hotel"]


CHAOS = ["reev-flow", "chaos", "--app", "examples.booking:book"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("fault", ["kill", "power-cut", "torn-write", "disk-full", "clock-back", "slow-disk"])
def test_the_trip_is_booked_once_wherever_something_goes_wrong(folder: Path, fault: str):
    done = run([*CHAOS, "--points", fault, "--kill-points", "16", "--workers", "2", "--seed", "3"], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(", divergent 0, duplicated effects 0, lost spans 0")
    assert sorted(path.name for path in folder.iterdir()) == ["examples"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_the_trip_that_is_declined_is_rehearsed_with_an_answer(folder: Path):
    done = run([*CHAOS, "--answer", "ask=false", "--kill-points", "*release#1@*", "--json"], folder)
    told = json.loads(done.stdout)
    assert (told["divergent"], told["duplicated_effects"], told["lost_spans"]) == (0, 0, 0)
    assert told["points"] == 6
