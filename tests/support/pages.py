"""Files and commands that pages show, as a reader would take them over."""

import os
import re
import subprocess
import sys
from pathlib import Path

from support.command import COMMAND

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"^```(?:python|yaml|toml)\n# (\S+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write_files_of(page: str, folder: Path) -> None:
    """Those of its blocks that begin with a comment that is a file's name."""
    found = FILE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert found, f"{page} shows no file"
    for name, text in found:
        (folder / name).write_text(text, encoding="utf-8")


def reader_environment(**variables: str) -> dict[str, str]:
    """As in a terminal of somebody who has installed the package: nothing of the test's own surroundings but the measuring of coverage."""
    path = os.pathsep.join([str(COMMAND.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
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
