"""Inputs a person gets wrong, and what the installed command says about them."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.command import COMMAND, recorded, reev_flow

MORE_THAN_A_PIPE_HOLDS = 1_000_000

COMMANDS = ("analyze", "check", "diagram")


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.startswith("reev-flow: ")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"hello", "JSON"),
        (b'{"spans": 3}', "resourceSpans"),
        (b"[1, 2, 3]", ""),
        (b"\x00\x01\x02\xff\xfe", ""),
        (gzip.compress(b"x" * 1000, mtime=0)[:20], ""),
    ],
)
def test_a_file_that_is_no_trace_is_refused_in_one_line(command: str, content: bytes, told: str, tmp_path: Path):
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)
    done = reev_flow(command, bad)
    assert done.code == 2
    assert one_line(done.err)
    assert str(bad) in done.err
    assert told in done.err


def test_a_missing_file_is_named():
    done = reev_flow("analyze", "no/such/file.json")
    assert (done.code, one_line(done.err)) == (2, True)
    assert "no/such/file.json" in done.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything, Windows has other rights")
def test_an_unreadable_file_is_named(tmp_path: Path):
    locked = tmp_path / "locked.json"
    locked.write_bytes(b"{}")
    locked.chmod(0)
    done = reev_flow("analyze", locked)
    assert (done.code, one_line(done.err)) == (2, True)


def test_a_folder_without_traces_is_named(tmp_path: Path):
    done = reev_flow("analyze", tmp_path)
    assert (done.code, one_line(done.err)) == (2, True)
    assert str(tmp_path) in done.err


def test_a_cut_last_line_costs_only_that_line(tmp_path: Path):
    lines = recorded("langgraph_clean").read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(lines + lines.splitlines()[0][:100])
    done = reev_flow("check", cut)
    number = len(lines.splitlines()) + 1
    assert done.code == 2
    assert f"line {number}" in done.err
    assert "1 run checked" in done.out


@pytest.mark.parametrize("form", ["otlp.jsonl", "otlp.jsonl.gz", "otlp.pb", "otlp.pb.gz"])
def test_every_form_of_one_trace_gives_the_same_document(form: str):
    reference = reev_flow("analyze", "-", "--json", stdin=recorded("pydantic_ai_clean").read_bytes())
    file = recorded("pydantic_ai_clean").with_name(f"pydantic_ai_clean.{form}")
    done = reev_flow("analyze", "-", "--json", stdin=file.read_bytes())
    assert (done.code, done.out) == (0, reference.out)


def test_nothing_is_created_on_disk(tmp_path: Path):
    for command in COMMANDS:
        reev_flow(command, recorded("pydantic_ai_faulty"), cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["analyse", "x"], ["check", "--fail-on", "sometimes", "x"], ["analyze", "x", "--nonsense"]]
)
def test_wrong_arguments_are_refused_in_one_line(arguments: list[str]):
    done = reev_flow(*arguments)
    assert (done.code, done.out) == (2, "")
    assert one_line(done.err)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_files_says_what_it_wants(command: str):
    done = reev_flow(command)
    assert (done.code, done.out) == (2, "")
    assert one_line(done.err)


def test_an_unknown_run_is_refused_with_the_number_of_runs():
    done = reev_flow("analyze", recorded("pydantic_ai_clean"), "--run", "ffff")
    assert (done.code, one_line(done.err)) == (2, True)
    assert "'ffff'" in done.err


def test_a_wrong_setting_names_its_variable():
    done = reev_flow("config", REEV_METRICS_COLLECTION="maybe")
    assert (done.code, one_line(done.err)) == (2, True)
    assert "REEV_METRICS_COLLECTION" in done.err


def test_a_misspelt_name_in_the_settings_file_is_refused(tmp_path: Path):
    (tmp_path / "reev-flow.toml").write_text("[check]\nignroe = []\n")
    done = reev_flow("config", cwd=tmp_path)
    assert (done.code, one_line(done.err)) == (2, True)
    assert "check.ignroe" in done.err


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind")
def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path):
    many = " ".join([str(recorded("demo"))] * 1)
    done = subprocess.run(
        f"{COMMAND} analyze {many} --json | head -c 10; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_ctrl_c_ends_without_a_traceback():
    waiting = subprocess.Popen(
        [COMMAND, "analyze", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert waiting.stdin is not None
    waiting.stdin.write(b"{" + b" " * MORE_THAN_A_PIPE_HOLDS)  # returns once it is reading
    waiting.stdin.flush()
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, b"Traceback" in err) == (130, False)


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "reev_flow", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == reev_flow("--version").out
