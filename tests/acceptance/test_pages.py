"""What the pages show is what happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.command import COMMAND
from support.pages import commands_of

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ELISION = re.compile("^…$", re.MULTILINE)


def printed_by(command: str, folder: Path) -> str:
    path = os.pathsep.join([str(COMMAND.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "TZ": "UTC", "COLUMNS": "80", "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout


@pytest.mark.skipif(os.name == "nt", reason="the pages show a POSIX shell")
@pytest.mark.parametrize(("command", "output"), commands_of("docs/tutorial/first-trace.md"))
def test_the_tutorial_shows_what_is_printed(command: str, output: str):
    assert printed_by(command, ROOT) == output


@pytest.mark.skipif(os.name == "nt", reason="the pages show a POSIX shell")
@pytest.mark.parametrize(("command", "output"), commands_of("README.md"))
def test_the_readme_shows_parts_of_what_is_printed(command: str, output: str):
    printed = printed_by(command, ROOT / "tests" / "recorded")
    for part in ELISION.split(output):
        assert part.strip("\n") in printed


def test_the_readme_shows_the_diagram_that_is_drawn():
    drawn = printed_by("reev-flow diagram genai_openai_faulty.otlp.jsonl", ROOT / "tests" / "recorded")
    assert f"```mermaid\n{drawn}```" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_how_to_runs():
    code = "\n".join(PYTHON.findall((ROOT / "docs" / "how-to" / "use-from-python.md").read_text(encoding="utf-8")))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert "RF101" in done.stdout


def test_the_generated_reference_is_up_to_date():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")))
def test_links_between_pages_lead_somewhere(page: str):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert missing == []
