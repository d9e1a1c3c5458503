"""Terminals, pipes, disks and folders that are not as they should be."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.command import COMMAND, Outcome, recorded, reev_flow

posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell is needed")
DEMO = recorded("demo")
HOSTILE_ID = "\x1b[2J\u202eevil"


def shell(command: str, folder: Path | None = None) -> Outcome:
    environment = os.environ | {"PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    done = subprocess.run(
        command, shell=True, capture_output=True, check=False, timeout=60, env=environment, cwd=folder
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("command", [f"analyze {DEMO}", f"check {DEMO} --json", f"diagram {DEMO}", "demo", "config"])
def test_a_full_disk_is_told_in_one_line_and_is_no_finding(command: str, tmp_path: Path):
    done = shell(f"reev-flow {command} > /dev/full", tmp_path)
    assert done.code == 2
    assert done.err.startswith("reev-flow: cannot go on")
    assert done.err.count("\n") == 1


@posix
@pytest.mark.parametrize(
    ("command", "told"), [("demo >&-", "standard output is closed"), ("check - <&-", "standard input")]
)
def test_a_closed_stream_is_told_in_one_line(command: str, told: str):
    done = shell(f"reev-flow {command}")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert told in done.err


@posix
def test_a_closed_error_stream_changes_nothing_but_what_is_told():
    assert shell("reev-flow check no-such-file 2>&-") == Outcome(2, "", "")


@posix
def test_a_deleted_folder_only_means_that_there_is_no_settings_file(tmp_path: Path):
    folder = tmp_path / "gone"
    folder.mkdir()
    done = shell(f"rmdir {folder}; reev-flow check {DEMO}", folder)
    assert (done.code, done.err) == (1, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("command", ["analyze", "check", "runs list", "runs show"])
def test_text_is_written_in_any_encoding(command: str, encoding: str):
    done = reev_flow(*command.split(), DEMO, PYTHONUTF8="0", PYTHONIOENCODING=encoding)
    assert done.code in (0, 1)
    assert done.err == ""


@pytest.mark.parametrize(
    "command", [("analyze", "--json"), ("check", "--json"), ("runs", "list", "--json"), ("diagram",)]
)
def test_data_is_utf_8_whatever_the_locale_says(command: tuple[str, ...]):
    elsewhere = reev_flow(*command, DEMO, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert elsewhere == reev_flow(*command, DEMO)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A run whose ids and names try to move the cursor and to turn the text around."""
    spans = [
        {
            "traceId": HOSTILE_ID,
            "spanId": HOSTILE_ID,
            "name": HOSTILE_ID,
            "startTimeUnixNano": "1",
            "endTimeUnixNano": "9",
        },
        {
            "traceId": HOSTILE_ID,
            "spanId": f"{HOSTILE_ID}2",
            "parentSpanId": "gone",
            "name": HOSTILE_ID,
            "startTimeUnixNano": "2",
            "endTimeUnixNano": "5",
            "status": {"code": 2, "message": f"403 Forbidden {HOSTILE_ID}"},
            "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}}],
        },
    ]
    path = tmp_path / f"evil{HOSTILE_ID if os.name != 'nt' else ''}.json"
    path.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["analyze", "check", "runs list", "runs show", "diagram"])
def test_no_name_or_id_reaches_the_terminal_as_a_command(command: str, hostile: Path):
    done = reev_flow(*command.split(), hostile)
    assert not set("\x1b\u202e") & set(done.out + done.err)


def test_no_path_reaches_the_terminal_as_a_command(hostile: Path):
    broken = hostile.with_suffix(".jsonl")
    shutil.copy(hostile, broken)
    broken.write_text("nonsense", encoding="utf-8")
    done = reev_flow("check", broken)
    assert done.code == 2
    assert not set("\x1b\u202e") & set(done.err)
