"""Flows that are code, and how their code is found again."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reev_flow.errors import UnknownFlow
from reev_flow.flows.code import (
    Flow,
    code_digest,
    entry_point_of,
    find_flow,
    flow,
    has_code_changed,
    parameters_of,
)
from reev_flow.flows.handle import SessionHandle
from support.processes import environment
from support.workers import worker


@flow
async def at_the_top(session: SessionHandle, amount: int, *, note: "str | None" = None) -> int:
    """Doubles it."""
    return amount * 2


def plain(session: SessionHandle, amount: int) -> int:
    return amount * 3


def test_a_flow_is_named_after_its_function_and_keeps_what_is_said_about_it():
    assert (at_the_top.name, at_the_top.__doc__, at_the_top.on_interrupt) == ("at_the_top", "Doubles it.", "ask")


def test_a_flow_may_have_a_name_and_a_default_of_its_own():
    named = flow(name="swap", on_interrupt="rerun")(plain)
    assert (named.name, named.on_interrupt) == ("swap", "rerun")


def test_a_flow_shows_where_it_is():
    assert repr(at_the_top) == f"<flow at_the_top ({__name__}:at_the_top)>"


def test_a_flow_is_found_again():
    assert find_flow(entry_point_of(at_the_top.function)) is at_the_top


async def test_a_flow_that_is_called_with_something_else_than_a_session_is_just_its_function():
    assert await at_the_top("nobody", 4) == 8  # type: ignore[arg-type]
    assert flow(plain)(None, 4) == 12  # type: ignore[arg-type]


async def test_a_flow_that_is_not_async_gets_a_session_that_waits():
    @flow
    def counting(session: Any, amount: int) -> int:
        return int(session.step(lambda: amount + 1, name="count")) + int(session.step(lambda: 1, name="one"))

    async with worker() as manager:
        assert await manager.run(counting, 4) == 6


@pytest.mark.parametrize(
    ("entry_point", "complaint"),
    [
        ("", "not of the form"),
        ("module", "not of the form"),
        ("module:", "not of the form"),
        (":name", "not of the form"),
        ("no_such_module_anywhere:name", "cannot be imported"),
        ("json:no_such_name", "json has no no_such_name"),
        ("json:loads.nothing", "json has no loads.nothing"),
        ("/nowhere/at/all.py:name", "no file /nowhere/at/all.py"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(entry_point, complaint):
    with pytest.raises(UnknownFlow, match=complaint) as caught:
        find_flow(entry_point)
    assert "--app" in str(caught.value)


def test_code_that_fails_when_it_is_imported_is_told(tmp_path):
    (tmp_path / "broken_app.py").write_text("1 / 0\n")
    with pytest.raises(UnknownFlow, match="ZeroDivisionError"):
        find_flow(f"{tmp_path}/broken_app.py:name")


def test_code_that_failed_once_is_tried_again_when_it_was_mended(tmp_path):
    path = tmp_path / "mended_app.py"
    path.write_text("1 / 0\n")
    with pytest.raises(UnknownFlow):
        find_flow(f"{path}:name")
    path.write_text("name = 5  # longer than it was\n")
    assert find_flow(f"{path}:name") == 5


def test_a_file_is_loaded_once(tmp_path):
    path = tmp_path / "app_of_the_test.py"
    path.write_text("name = object()\n")
    assert find_flow(f"{path}:name") is find_flow(f"{path}:name")


def test_a_file_does_not_take_the_place_of_a_module_of_its_name(tmp_path):
    path = tmp_path / "json.py"
    path.write_text("name = 5\n")
    import json

    assert find_flow(f"{path}:name") == 5
    assert sys.modules["json"] is json


def test_a_file_does_not_take_the_place_of_a_module_that_nobody_has_imported_yet(tmp_path):
    (tmp_path / "colorsys.py").write_text("name = 5\n")
    command = (
        f"from reev_flow.flows.code import find_flow; import sys; assert 'colorsys' not in sys.modules\n"
        f"print(find_flow({str(tmp_path / 'colorsys.py:name')!r}))\n"
        f"import colorsys; print(hasattr(colorsys, 'rgb_to_hsv'))\n"
    )
    assert run("-c", command, folder=Path("/")) == ["5", "True"]


def test_a_file_that_failed_leaves_no_module_behind(tmp_path):
    path = tmp_path / "failing_app.py"
    path.write_text("1 / 0\n")
    before = set(sys.modules)
    with pytest.raises(UnknownFlow):
        find_flow(f"{path}:name")
    assert set(sys.modules) == before


def test_what_a_file_defines_is_found_by_the_name_of_its_module(tmp_path):
    for name in ("an_app_of_the_test", "statistics", "no-identifier", "two.dots"):
        path = tmp_path / f"{name}.py"
        path.write_text("class Receipt:\n    pass\n")
        receipt = find_flow(f"{path}:Receipt")
        assert sys.modules[receipt.__module__].Receipt is receipt


def test_a_file_that_import_would_find_is_the_module_that_import_gives(tmp_path, monkeypatch):
    (tmp_path / "shared_app_of_the_test.py").write_text("name = object()\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = find_flow(f"{tmp_path}/shared_app_of_the_test.py:name")
    assert importlib.import_module("shared_app_of_the_test").name is found


SCRIPT = """
import sys
from reev_flow.flows.code import entry_point_of, find_flow, flow

@flow
async def payment(session):
    pass

if __name__ == "__main__":
    print(entry_point_of(payment.function))
    print(find_flow(entry_point_of(payment.function)) is payment)
"""


def run(*command: str, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_flow_of_a_script_is_found_by_its_file_also_from_elsewhere(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    entry_point, is_itself = run("script.py", folder=tmp_path)
    assert (entry_point, is_itself) == (f"{tmp_path / 'script.py'}:payment", "True")
    found = find_flow(entry_point)
    assert isinstance(found, Flow)
    assert found.name == "payment"


def test_a_flow_of_a_module_that_is_run_is_found_by_the_modules_name(tmp_path):
    (tmp_path / "package_of_the_test").mkdir()
    (tmp_path / "package_of_the_test" / "app.py").write_text(SCRIPT)
    assert run("-m", "package_of_the_test.app", folder=tmp_path)[0] == "package_of_the_test.app:payment"


def test_what_has_no_file_is_named_as_it_is():
    command = "from reev_flow.flows.code import entry_point_of\ndef f(): pass\nprint(entry_point_of(f))"
    assert run("-c", command, folder=Path("/")) == ["__main__:f"]


def made_of(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(source, names)
    return names["f"]


def test_comments_and_line_breaks_do_not_count_as_a_change():
    before = made_of("def f(a):\n    return a + 1\n")
    after = made_of("# now with a comment\n\n\ndef f(a):\n\n    return a + 1  # sum\n")
    assert not has_code_changed(code_digest(before), code_digest(after))


@pytest.mark.parametrize(
    "after",
    [
        "def f(a):\n    return a + 2\n",
        "def f(a):\n    return a - 1\n",
        "def f(a):\n    return g(a) + 1\n",
        "def f(a):\n    return (lambda: a + 1)()\n",
        "def f(b):\n    return b + 1\n",
    ],
)
def test_what_the_code_does_counts(after):
    before = made_of("def f(a):\n    return a + 1\n")
    assert has_code_changed(code_digest(before), code_digest(made_of(after)))


def test_code_inside_the_code_counts():
    before, after = (made_of(f"def f(a):\n    def g():\n        return {number}\n    return g\n") for number in (1, 2))
    assert has_code_changed(code_digest(before), code_digest(after))


def test_what_cannot_be_compared_has_not_changed():
    digest = code_digest(plain)
    assert not has_code_changed(b"", digest)
    assert not has_code_changed(digest, code_digest(print))
    assert not has_code_changed(bytes([3, 99]) + digest[2:-1] + b"?", digest)


def test_a_digest_is_the_same_in_every_process():
    command = "from reev_flow.flows.code import code_digest; import re; print(code_digest(re.compile).hex())"
    sets = "def f(x):\n    return x in {'a', 'b', 'c', 'd', 'e'}\n"
    also = f"from reev_flow.flows.code import code_digest\nexec({sets!r})\nprint(code_digest(f).hex())"
    for source in (command, also):
        assert run("-c", source, folder=Path("/")) == run("-c", source, folder=Path("/"))


def test_parameters_are_all_that_is_said_of_them_but_the_session():
    assert parameters_of(at_the_top.function) == int | str | None


def test_parameters_of_which_nothing_is_said_or_nothing_is_found():
    def silent(session, amount):
        """Says nothing."""

    def wrong(session: Any, amount: "NoSuchClass") -> None:  # type: ignore[name-defined]  # noqa: F821 - that is the point
        """Says what is not there."""

    assert parameters_of(silent) is None
    assert parameters_of(wrong) is None
