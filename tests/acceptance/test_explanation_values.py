"""What the page on values says is kept is kept, and what it says is refused is refused."""

import importlib.util
from pathlib import Path

import pytest

from reev_flow import SessionManager
from support.pages import commands_of, run, write_files_of

PAGE = "docs/explanation/values.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of(PAGE, tmp_path)
    return tmp_path


def test_what_is_kept_comes_back_equal_and_of_its_own_types(folder: Path):
    spec = importlib.util.spec_from_file_location("kept", folder / "kept.py")
    assert spec is not None
    assert spec.loader is not None
    kept = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kept)
    with SessionManager.sync("memory:") as manager:
        read_back = manager.run(kept.keep)
    assert repr(read_back) == repr((kept.order(), kept.facts()))
    assert read_back == (kept.order(), kept.facts())


def test_what_is_refused_is_refused_in_the_words_of_the_page(folder: Path):
    ((command, shown),) = commands_of(PAGE)
    assert run(command.split(), folder).stdout == shown
