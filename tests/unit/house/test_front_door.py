"""What `reev_flow` shows to the outside, and what importing it costs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import reev_flow

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "api.md"
HEAVY = (
    "opentelemetry.sdk",
    "opentelemetry.proto",
    "google.protobuf",
    "apsw",
    "rich",
    "cyclopts",
    "starlette",
    "duckdb",
    "yaml",
)


def test_every_public_name_is_documented_and_every_documented_name_is_public():
    documented = re.findall(r"^## `(\w+)`", REFERENCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(documented) == sorted(reev_flow.__all__)


@pytest.mark.parametrize("name", reev_flow.__all__)
def test_a_public_name_can_be_imported_and_says_what_it_is(name: str):
    assert getattr(reev_flow, name).__doc__


def test_an_unknown_name_is_refused_as_python_refuses_it():
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        reev_flow.Nonsense  # noqa: B018 - reading it is the test


def test_why_a_module_could_not_be_imported_is_told(tmp_path: Path):
    code = (
        "import sys, types, reev_flow\n"
        "sys.modules['reev_flow.trace.trace'] = types.ModuleType('half')\n"
        "from reev_flow import Trace"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "ImportError: reev_flow.trace.trace failed while it was imported: module 'half' has no" in done.stderr


def test_dir_lists_the_public_names():
    assert set(reev_flow.__all__) <= set(dir(reev_flow))


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, reev_flow; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_package_loads_none_of_its_rooms():
    code = "import sys, reev_flow; print(sorted(name for name in sys.modules if name.startswith('reev_flow.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['reev_flow.version']"
