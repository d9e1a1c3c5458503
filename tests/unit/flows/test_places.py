"""What modules are called that other processes are to find again."""

import sys
from types import ModuleType

import pytest

from reev_flow.flows.code import find_flow
from reev_flow.flows.places import loaded_module, place_of


@pytest.fixture
def script(tmp_path, monkeypatch) -> ModuleType:
    """The program that runs, as if it were a script of that name."""
    main = ModuleType("__main__")
    main.__file__ = str(tmp_path / "shop.py")
    monkeypatch.setitem(sys.modules, "__main__", main)
    return main


def test_a_module_is_called_by_its_name():
    assert place_of("json.decoder") == "json.decoder"


def test_a_script_is_called_by_its_file(script):
    assert place_of("__main__") == script.__file__


def test_a_module_that_is_run_is_called_by_its_name(script):
    script.__spec__ = sys.modules["json"].__spec__
    assert place_of("__main__") == "json"


def test_what_has_no_file_has_no_other_name(script):
    del script.__file__
    assert place_of("__main__") == "__main__"


def test_the_script_that_runs_is_found_by_its_file_and_as_the_module_it_may_have_been(script):
    assert [loaded_module(str(script.__file__)), loaded_module("shop"), loaded_module("__main__")] == [script] * 3


def test_what_was_a_script_is_found_as_the_module_it_is_now():
    assert loaded_module(str(sys.modules["json"].__file__)) is sys.modules["json"]


@pytest.mark.parametrize("place", ["no_such_module", "/nowhere/at/all.py", "", "None"])
def test_what_is_not_loaded_is_not_found(place):
    assert loaded_module(place) is None


def test_a_flow_of_the_script_that_runs_is_found_without_loading_it_again(script, tmp_path):
    (tmp_path / "shop.py").write_text("raise AssertionError\n")
    script.sell = object()
    assert find_flow(f"{script.__file__}:sell") is script.sell
