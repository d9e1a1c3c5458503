"""Files and commands that pages show, as a reader would take them over."""

import os
import re
import subprocess
import sys
from pathlib import Path

from support.command import COMMAND as REEV_FLOW

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"^```text\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:[^\n]*[\\|]\n)*[^\n]*)\n", re.MULTILINE)
FILE = re.compile(r"^```(?:python|yaml|toml)\n# (\S+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write_files_of(page: str, folder: Path) -> None:
    """Those of its blocks that begin with a comment that is a file's name."""
    found = FILE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert found, f"{page} shows no file"
    for name, text in found:
        (folder / name).write_text(text, encoding="utf-8")


def commands_of(page: str) -> list[tuple[str, str]]:
    """With what they are said to print, down to the next command or the end of the block. A command may have several lines: all but the
    last end in a backslash or a pipe.
    """
    found: list[tuple[str, str]] = []
    for block in SHOWN.findall((ROOT / page).read_text(encoding="utf-8")):
        _, *parts = COMMAND.split(block)
        found += zip(parts[::2], parts[1::2], strict=True)
    return found


def reader_environment(**variables: str) -> dict[str, str]:
    """As in a terminal of somebody who has installed the package: nothing of the test's own surroundings but the measuring of coverage."""
    path = os.pathsep.join([str(REEV_FLOW.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("REEV_", "OTEL_", "PYTHON"))}
    quiet = {"PATH": path, "TZ": "UTC", "COLUMNS": "80", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    return inherited | quiet | variables


def start(command: list[str], folder: Path, **variables: str) -> subprocess.Popen[str]:
    """`python` is the one the tests run in. What it prints goes to files, so that nobody needs to read along."""
    with (folder / "out.txt").open("a") as out, (folder / "err.txt").open("a") as err:
        return subprocess.Popen(
            _found(command),
            cwd=folder,
            env=reader_environment(**variables),
            stdout=out,
            stderr=err,
            text=True,
            start_new_session=True,
        )


def run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _found(command),
        cwd=folder,
        env=reader_environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def _found(command: list[str]) -> list[str]:
    program, *arguments = command
    if program == "python":
        return [sys.executable, *arguments]
    return [str(Path(sys.executable).with_name(program)), *arguments]


MARK = "-- end of the command --"
KILLED = re.compile(r"^.*\bKilled\b.*\n", re.MULTILINE)
CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?( [+-]\d\d:\d\d)?"), "MOMENT"),
    (re.compile(r"\b[0-9a-f]{8,32}\b"), "ID"),
    (re.compile(r"[+~<]*\d[\d.,]*( ?(ns|µs|ms|s|min|h)\b|%)"), "AMOUNT"),
    (re.compile(r"[━╸╺─]+"), "BAR"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r" $", re.MULTILINE), ""),
)


def run_in_one_shell(commands: list[str], folder: Path) -> list[str]:
    """What each printed, errors too, but not the shell's own word that a job of its was killed."""
    script = "exec 2>&1\n" + "".join(f"{command}\nprintf '%s\\n' '{MARK}'\n" for command in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=reader_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    *printed, after = done.stdout.split(f"{MARK}\n")
    assert after == ""
    return [KILLED.sub("", text) for text in printed]


def same_but_for_times_and_ids(text: str) -> str:
    """With names for what is different each time, and columns as wide as it makes them."""
    for pattern, name in CHANGING:
        text = pattern.sub(name, text)
    return text.strip()
